/* Open a license: what an application or an installer in C does.
 *
 *   open_license PRODUCT LICENSE [@LIST] [KIND=VALUE]...
 *
 * PRODUCT is the file that the application ships, LICENSE the one to be opened, LIST the vendor's
 * revocation list, KIND=VALUE a part of this machine ("disk=WD-1234"); hwlock reads such parts, here
 * they are given. Says what the license grants, and ends with 0 if it grants it to this machine now.
 */
#include <hwlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_PARTS = 32 };

/* A file and the memory that reading it takes. */
typedef struct loaded {
    uint8_t *file;
    size_t file_bytes;
    uint8_t *work;
    size_t work_bytes;
} loaded;

static int load(loaded *from, const char *path)
{
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) {
        perror(path);
        return 0;
    }
    from->file = (uint8_t *)malloc(HWLOCK_MAX_FILE_TEXT + 1);
    if (from->file != NULL)
        from->file_bytes = fread(from->file, 1, HWLOCK_MAX_FILE_TEXT + 1, stream);
    fclose(stream);
    from->work_bytes = HWLOCK_WORK_BYTES(from->file_bytes);
    from->work = (uint8_t *)malloc(from->work_bytes);
    return from->file != NULL && from->work != NULL;
}

static void unload(loaded *from)
{
    free(from->work);
    free(from->file);
}

static int refuse(const char *path, int code, const hwlock_fault *fault)
{
    fprintf(stderr, "%s: %s (%s)\n", path, hwlock_error_text(code), hwlock_error_name(code));
    if (fault->line > 0)
        fprintf(stderr, "%s: in line %u of the block\n", path, (unsigned)fault->line);
    return 1;
}

static void show(const char *name, hwlock_span text)
{
    printf("%s %.*s\n", name, (int)text.bytes, (const char *)text.at);
}

/* Compare this machine with every fingerprint. A key would have to sign a challenge; this program
 * knows no keys. */
static void match(hwlock_facts *facts, const hwlock_license *license, hwlock_component *parts,
                  size_t count)
{
    for (uint32_t i = 0; i < license->anchor_count; i++) {
        hwlock_match *found = &facts->matches[i];
        if (hwlock_license_match(license, i, parts, count, found) == HWLOCK_OK)
            printf("score %u of %u, needed %u\n", (unsigned)found->score, (unsigned)found->total,
                   (unsigned)found->needed);
    }
}

static void tell(const hwlock_finding *found)
{
    static const char *const LEVELS[] = {"", "note", "warning", "denied"};
    printf("%s: %s", LEVELS[found->level], hwlock_error_text(found->code));
    if (found->name.bytes != 0)
        printf(" (%.*s)", (int)found->name.bytes, (const char *)found->name.at);
    printf(" [%s]\n", hwlock_error_name(found->code));
}

static int judge(const hwlock_license *license, const hwlock_facts *facts)
{
    static hwlock_verdict verdict;
    show("customer", license->customer);
    if (license->expires_at == HWLOCK_PERPETUAL)
        printf("perpetual\n");
    else
        printf("expires %lld\n", (long long)license->expires_at);
    int code = hwlock_license_check(&verdict, license, facts);
    for (uint32_t i = 0; i < verdict.finding_count; i++)
        tell(&verdict.findings[i]);
    /* A real program stores verdict.mark here, before it goes on. */
    if (code != HWLOCK_OK)
        return 1;
    for (uint32_t i = 0; i < license->feature_count; i++) {
        if (verdict.features >> i & 1)
            show("feature", license->features[i]);
    }
    printf("allowed\n");
    return 0;
}

/* Take a revocation list into what is known. */
static int know(hwlock_revocations *known, const hwlock_product *product, const char *path,
                loaded *from)
{
    hwlock_revocation list;
    hwlock_fault fault;
    memset(known, 0, sizeof *known);
    memset(&fault, 0, sizeof fault);
    if (path == NULL)
        return 0;
    if (!load(from, path))
        return 2;
    int code = hwlock_revocation_open(&list, product, from->file, from->file_bytes, from->work,
                                      from->work_bytes, &fault);
    if (code == HWLOCK_OK)
        code = hwlock_revocations_join(known, &list);
    return code == HWLOCK_OK ? 0 : refuse(path, code, &fault);
}

static int run(char **paths, hwlock_component *parts, size_t count, loaded *files)
{
    static hwlock_product product;
    static hwlock_license license;
    static hwlock_revocations known;
    hwlock_facts facts;
    hwlock_fault fault;
    if (!load(&files[0], paths[0]) || !load(&files[1], paths[1]))
        return 2;
    int code = hwlock_product_open(&product, files[0].file, files[0].file_bytes, files[0].work,
                                   files[0].work_bytes, &fault);
    if (code != HWLOCK_OK)
        return refuse(paths[0], code, &fault);
    code = hwlock_license_open(&license, &product, files[1].file, files[1].file_bytes,
                               files[1].work, files[1].work_bytes, &fault);
    if (code != HWLOCK_OK)
        return refuse(paths[1], code, &fault);
    int status = know(&known, &product, paths[2], &files[2]);
    if (status != 0)
        return status;
    /* A real program also says the latest time that it has seen, and when it was released. */
    memset(&facts, 0, sizeof facts);
    facts.now = (int64_t)time(NULL);
    facts.revoked = &known;
    match(&facts, &license, parts, count);
    return judge(&license, &facts);
}

int main(int argc, char **argv)
{
    hwlock_component parts[MAX_PARTS];
    loaded files[3] = {{NULL, 0, NULL, 0}, {NULL, 0, NULL, 0}, {NULL, 0, NULL, 0}};
    size_t count = 0;
    if (argc < 3 || argc > 3 + MAX_PARTS) {
        fprintf(stderr, "usage: %s PRODUCT LICENSE [@LIST] [KIND=VALUE]...\n", argv[0]);
        return 2;
    }
    char *paths[3] = {argv[1], argv[2], NULL};
    for (int i = 3; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (argv[i][0] == '@') {
            paths[2] = argv[i] + 1;
            continue;
        }
        if (value == NULL || value[1] == '\0') {
            fprintf(stderr, "%s: %s is not KIND=VALUE\n", argv[0], argv[i]);
            return 2;
        }
        *value++ = '\0';
        parts[count].kind = argv[i];
        parts[count].value = (const uint8_t *)value;
        parts[count++].value_bytes = strlen(value);
    }
    int status = run(paths, parts, count, files);
    for (int i = 0; i < 3; i++)
        unload(&files[i]);
    return status;
}
