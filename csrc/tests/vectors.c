/* Every vector of files and of verdicts, read from standard input as `corpus.py --lines` prints it:
 * a reader, the code that it must give, the file, and a product file where there is one, in
 * hexadecimal; of a verdict also its facts and the findings that it must have. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hwlock.h"

enum { MAX_BYTES = 16384, MAX_LINE = 8 * MAX_BYTES, MAX_PARTS = 16, MAX_LISTS = 4 };

/* A file and what reading it takes. */
typedef struct room {
    uint8_t file[MAX_BYTES], work[HWLOCK_WORK_BYTES(MAX_BYTES)];
    size_t bytes;
} room;

static size_t unhex(uint8_t *to, const char *hex, size_t most)
{
    size_t bytes = 0;
    unsigned value;
    while (bytes < most && sscanf(hex + 2 * bytes, "%2x", &value) == 1)
        to[bytes++] = (uint8_t)value;
    return bytes;
}

static void take(room *at, const char *hex)
{
    at->bytes = unhex(at->file, hex, MAX_BYTES);
}

static int open_product(hwlock_product *product, room *at)
{
    return hwlock_product_open(product, at->file, at->bytes, at->work, sizeof at->work, NULL);
}

static int open_license(hwlock_license *license, const hwlock_product *product, room *at)
{
    return hwlock_license_open(license, product, at->file, at->bytes, at->work, sizeof at->work,
                               NULL);
}

static int open_list(hwlock_revocation *list, const hwlock_product *product, room *at)
{
    return hwlock_revocation_open(list, product, at->file, at->bytes, at->work, sizeof at->work,
                                  NULL);
}

static int read_one(const char *reader, room *at, room *shipped)
{
    static hwlock_product product;
    static hwlock_license license;
    hwlock_block block;
    hwlock_envelope envelope;
    hwlock_revocation list;
    if (strcmp(reader, "armor") == 0)
        return hwlock_armor_read(&block, at->file, at->bytes, "REQUEST", HWLOCK_MAX_FILE, at->work,
                                 sizeof at->work, NULL);
    if (strcmp(reader, "cbor") == 0)
        return hwlock_cbor_read(NULL, NULL, at->file, at->bytes, HWLOCK_MAX_FILE, 16, 8192, NULL);
    if (strcmp(reader, "cose") == 0)
        return hwlock_envelope_read(&envelope, at->file, at->bytes, "application/hwlock-license",
                                    HWLOCK_MAX_FILE, NULL);
    if (strcmp(reader, "product") == 0)
        return open_product(&product, at);
    int code = open_product(&product, shipped);
    if (code != HWLOCK_OK)
        return code;
    return strcmp(reader, "revocation") == 0 ? open_list(&list, &product, at)
                                             : open_license(&license, &product, at);
}

/* The parts of the machine, KIND=HEX between commas; "-" where nobody looked. */
static void match_parts(hwlock_facts *facts, const hwlock_license *license, char *said)
{
    static uint8_t values[MAX_PARTS][256];
    hwlock_component parts[MAX_PARTS];
    size_t count = 0;
    if (strcmp(said, "-") == 0)
        return;
    while (*said != '\0' && *said != '.' && count < MAX_PARTS) {
        char *value = strchr(said, '='), *end = said + strcspn(said, ",");
        *value++ = '\0';
        parts[count].kind = said;
        parts[count].value = values[count];
        parts[count].value_bytes = unhex(values[count], value, (size_t)(end - value) / 2);
        count++;
        said = *end == ',' ? end + 1 : end;
    }
    for (uint32_t i = 0; i < license->anchor_count; i++)
        hwlock_license_match(license, i, parts, count, &facts->matches[i]);
}

/* Revocation lists between commas; "-" where there is none. */
static int join_lists(hwlock_revocations *known, const hwlock_product *product, char *said)
{
    static room rooms[MAX_LISTS];
    hwlock_revocation list;
    int code = HWLOCK_OK;
    memset(known, 0, sizeof *known);
    for (size_t i = 0; code == HWLOCK_OK && *said != '-' && *said != '\0'; i++) {
        size_t digits = strcspn(said, ",");
        rooms[i].bytes = unhex(rooms[i].file, said, digits / 2);
        code = open_list(&list, product, &rooms[i]);
        if (code == HWLOCK_OK)
            code = hwlock_revocations_join(known, &list);
        said += digits + (said[digits] == ',');
    }
    return code;
}

/* The findings as the line has them: CODE/LEVEL between commas, "-" for none. */
static void write_findings(char *to, size_t bytes, const hwlock_verdict *verdict)
{
    static const char *const LEVELS[] = {"", "note", "warn", "deny"};
    size_t used = (size_t)snprintf(to, bytes, "-");
    for (uint32_t i = 0; i < verdict->finding_count; i++) {
        const hwlock_finding *one = &verdict->findings[i];
        used = i == 0 ? 0 : used;
        used += (size_t)snprintf(to + used, bytes - used, "%s%s/%s", i == 0 ? "" : ",",
                                 hwlock_error_name(one->code), LEVELS[one->level]);
    }
}

/* The words of a line: now, mark, released, holding, wrong, revoked_seen, parts, lists, base,
 * findings. */
static int judge(room *at, room *shipped, char *words[10], char *found, size_t found_bytes)
{
    static hwlock_product product;
    static hwlock_license license, base_license;
    static hwlock_verdict verdict, base;
    static hwlock_revocations known;
    static room other;
    hwlock_facts facts;
    memset(&facts, 0, sizeof facts);
    facts.now = strtoll(words[0], NULL, 10);
    facts.mark = strtoll(words[1], NULL, 10);
    facts.released = strtoll(words[2], NULL, 10);
    facts.holding = (uint32_t)strtoul(words[3], NULL, 10);
    facts.wrong = (uint32_t)strtoul(words[4], NULL, 10);
    facts.revoked_seen = (uint32_t)strtoul(words[5], NULL, 10);
    if (open_product(&product, shipped) != HWLOCK_OK ||
        open_license(&license, &product, at) != HWLOCK_OK ||
        join_lists(&known, &product, words[7]) != HWLOCK_OK)
        return HWLOCK_BAD_INPUT;
    match_parts(&facts, &license, words[6]);
    facts.revoked = &known;
    if (*words[8] != '-') {
        take(&other, words[8]);
        if (open_license(&base_license, &product, &other) != HWLOCK_OK)
            return HWLOCK_BAD_INPUT;
        hwlock_license_check(&base, &base_license, &facts);
        facts.base = &base;
    }
    int code = hwlock_license_check(&verdict, &license, &facts);
    write_findings(found, found_bytes, &verdict);
    return code;
}

/* 1 where a line is as it must be. */
static int is_good(char *line)
{
    static room at, shipped;
    static char found[4096];
    char *words[14] = {NULL};
    size_t count = 0;
    for (char *word = strtok(line, " \n"); word != NULL && count < 14; word = strtok(NULL, " \n"))
        words[count++] = word;
    if (count < 3)
        return 0;
    take(&at, words[2] + 1);
    take(&shipped, count > 3 ? words[3] : "");
    strcpy(found, "-");
    int code = count < 14 ? read_one(words[0], &at, &shipped)
                          : judge(&at, &shipped, words + 4, found, sizeof found);
    int same = strcmp(hwlock_error_name(code), words[1]) == 0 &&
               (count < 14 || strcmp(found, words[13]) == 0);
    if (!same)
        printf("%s: %s %s instead of %s %s\n", words[0], hwlock_error_name(code), found, words[1],
               count < 14 ? "-" : words[13]);
    return same;
}

int main(void)
{
    static char line[MAX_LINE];
    int count = 0, failures = 0;
    while (fgets(line, sizeof line, stdin) != NULL) {
        failures += !is_good(line);
        count++;
    }
    return failures != 0 || count < 300;
}
