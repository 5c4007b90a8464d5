/* Armor (docs/spec/encoding.md section 3.2): find the one block in a text, and say what its lines
 * say or what happened to them. The last line is marked in its check; lines are numbered from 1. */
#include <string.h>

#include "armor_text.h"
#include "hwlock.h"

enum {
    LINE_BYTES = 45,
    LINE_CHARS = 64,
    CHECK_CHARS = 4,
    WHOLE_BYTES = 4,
    GAP_LINES = 64,    /* how many lost lines are looked for, to tell lost from damaged */
    LABEL_CHARS = 31,  /* fit into hwlock_block.label */
    MANY_BLOCKS = 32   /* different ones are counted up to here */
};

static const uint32_t LAST = (uint32_t)1 << 31;

/* A block: its label, and its body with what dashes there may be; `end` is 0 without END. */
typedef struct place {
    size_t label, label_chars, body, end;
} place;

/* Some characters of those that are kept. */
typedef struct run {
    const uint8_t *at;
    size_t chars;
} run;

static int refuse(hwlock_fault *fault, int code, size_t line, size_t found, size_t wanted)
{
    hwlock_fault told = {code, HWLOCK_NO_OFFSET, line, found, wanted};
    *fault = told;
    return code;
}

static uint8_t upper(uint8_t c)
{
    return c >= 'a' && c <= 'z' ? (uint8_t)(c - 32) : c;
}

static int is_word(const uint8_t *at, const char *word, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (upper(at[i]) != (uint8_t)word[i])
            return 0;
    }
    return 1;
}

/* The first place in [from, to) at which `word` stands, in any letter case; `to` if none. */
static size_t find(run t, const char *word, size_t size, size_t from, size_t to)
{
    for (; from + size <= to; from++) {
        const uint8_t *dash = memchr(t.at + from, word[0], to - size + 1 - from);
        if (dash == NULL)
            break;
        from = (size_t)(dash - t.at);
        if (is_word(dash, word, size))
            return from;
    }
    return to;
}

#define BEGIN "-BEGINHWLOCK"
#define END "-ENDHWLOCK"
enum { BEGIN_CHARS = sizeof BEGIN - 1, END_CHARS = sizeof END - 1 };

/* How many letters stand before the next dash; 0 where anything else does. */
static size_t label_chars(run t, size_t from)
{
    size_t chars = 0;
    while (from + chars < t.chars && chars <= LABEL_CHARS) {
        uint8_t c = upper(t.at[from + chars]);
        if (c == '-')
            return chars;
        if (c < 'A' || c > 'Z')
            break;
        chars++;
    }
    return 0;
}

/* Where the END with the label at `from` begins, before `to`; 0 where there is none. */
static size_t end_of(run t, size_t from, size_t chars, size_t to)
{
    for (size_t at = from + chars;; at++) {
        at = find(t, END, END_CHARS, at, to);
        if (at + END_CHARS + chars > to)
            return 0;
        size_t i = 0;
        while (i < chars && upper(t.at[at + END_CHARS + i]) == upper(t.at[from + i]))
            i++;
        if (i == chars)
            return at;
    }
}

/* The next block at or after *from, which moves on; 0 where there is no more. */
static int next_block(run t, size_t *from, place *block)
{
    size_t at = find(t, BEGIN, BEGIN_CHARS, *from, t.chars);
    while (at < t.chars) {
        at += BEGIN_CHARS;
        size_t following = find(t, BEGIN, BEGIN_CHARS, at, t.chars);
        size_t chars = label_chars(t, at);
        if (chars > 0) {
            block->label = at;
            block->label_chars = chars;
            block->body = at + chars;
            block->end = end_of(t, at, chars, following);
            *from = following;
            return 1;
        }
        at = following;
    }
    return 0;
}

static void copy_label(char label[LABEL_CHARS + 1], run t, const place *block)
{
    for (size_t i = 0; i < block->label_chars; i++)
        label[i] = (char)upper(t.at[block->label + i]);
    label[block->label_chars] = '\0';
}

static int is_label(run t, const place *block, const char *label)
{
    return strlen(label) == block->label_chars &&
           is_word(t.at + block->label, label, block->label_chars);
}

/* Whether two blocks have the same label and body, dashes apart. */
static int is_same(run t, const place *a, const place *b)
{
    if (a->label_chars != b->label_chars || (a->end == 0) != (b->end == 0))
        return 0;
    for (size_t i = 0; i < a->label_chars; i++) {
        if (upper(t.at[a->label + i]) != upper(t.at[b->label + i]))
            return 0;
    }
    size_t i = a->body, j = b->body;
    while (a->end != 0) {
        while (i < a->end && t.at[i] == '-')
            i++;
        while (j < b->end && t.at[j] == '-')
            j++;
        if (i == a->end || j == b->end)
            return i == a->end && j == b->end;
        if (t.at[i++] != t.at[j++])
            return 0;
    }
    return 1;
}

static int is_known(const char *label)
{
    static const char known[8][11] = {"REQUEST", "RESPONSE",   "LICENSE",  "RECEIPT",
                                      "PRODUCT", "REVOCATION", "MANIFEST", "DIAGNOSTIC"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(label, known[i]) == 0)
            return 1;
    }
    return 0;
}

/* Choose the one block that is meant (step 5). */
static int choose(place *chosen, char label[LABEL_CHARS + 1], run t, const char *expected,
                  hwlock_fault *fault)
{
    place different[MANY_BLOCKS], block;
    size_t from = 0, all = 0, count = 0;
    while (next_block(t, &from, &block)) {
        if (all++ == 0)
            copy_label(label, t, &block);
        if (expected != NULL && !is_label(t, &block, expected))
            continue;
        size_t i = 0;
        while (i < count && !is_same(t, &different[i], &block))
            i++;
        if (i == count && count < MANY_BLOCKS)
            different[count++] = block;
    }
    if (all == 0) {
        int end = find(t, END, END_CHARS, 0, t.chars) < t.chars;
        return refuse(fault, end ? HWLOCK_ARMOR_BEGIN : HWLOCK_ARMOR_NONE, 0, 0, 0);
    }
    if (count == 0)
        return refuse(fault, HWLOCK_ARMOR_LABEL, 0, 0, 0);
    if (count > 1)
        return refuse(fault, HWLOCK_ARMOR_SEVERAL, 0, count, 0);
    *chosen = different[0];
    copy_label(label, t, chosen);
    if (!is_known(label))
        return refuse(fault, HWLOCK_ARMOR_KIND, 0, 0, 0);
    return chosen->end != 0 ? HWLOCK_OK : refuse(fault, HWLOCK_ARMOR_END, 0, 0, 0);
}

/* CRC-32 of zlib and PNG, four bits at a time. */
static uint32_t crc32(const uint8_t *data, size_t bytes, uint32_t crc)
{
    static const uint32_t nibble[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158,
        0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4,
        0xa00ae278, 0xbdbdf21c};
    crc = ~crc;
    for (size_t i = 0; i < bytes; i++) {
        crc ^= data[i];
        crc = crc >> 4 ^ nibble[crc & 15];
        crc = crc >> 4 ^ nibble[crc & 15];
    }
    return ~crc;
}

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static uint32_t value_of(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26u;
    if (c >= '0' && c <= '9')
        return c - '0' + 52u;
    return c == '+' ? 62 : 63;
}

/* Write the bytes that `chars` characters say; return how many, 0 where they are not the only
 * form of theirs. `part` may be where `at` is. */
static size_t unbase64(uint8_t *part, const uint8_t *at, size_t chars)
{
    size_t bytes = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < chars; i++) {
        bits = bits << 6 | value_of(at[i]);
        if (i % 4 != 0)
            part[bytes++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
    }
    uint32_t rest = chars % 4 == 2 ? bits & 15 : chars % 4 == 3 ? bits & 3 : 0;
    return chars % 4 == 1 || rest != 0 ? 0 : bytes;
}

/* Whether the characters were written as line `number`; its bytes are left in `part`. */
static size_t read_line(uint8_t part[LINE_BYTES], const uint8_t *line, size_t chars,
                        uint32_t number)
{
    if (chars <= CHECK_CHARS)
        return 0;
    size_t bytes = unbase64(part, line, chars - CHECK_CHARS);
    uint8_t start[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
                        (uint8_t)number};
    uint32_t check = crc32(part, bytes, crc32(start, sizeof start, 0));
    for (size_t i = 0; i < CHECK_CHARS; i++) {
        if (line[chars - 1 - i] != (uint8_t)ALPHABET[check >> (6 * i) & 63])
            return 0;
    }
    return bytes;
}

static size_t chars_of(run body, size_t number)
{
    size_t from = (number - 1) * LINE_CHARS;
    return body.chars - from < LINE_CHARS ? body.chars - from : LINE_CHARS;
}

/* Whether the line that stands at `number` was written as `wanted`, which may have the mark. */
static size_t was(uint8_t part[LINE_BYTES], run body, size_t number, uint32_t wanted)
{
    const uint8_t *line = body.at + (number - 1) * LINE_CHARS;
    return read_line(part, line, chars_of(body, number), wanted);
}

static int is_anywhere(run body, size_t lines, uint32_t wanted)
{
    uint8_t part[LINE_BYTES];
    for (size_t number = 1; number <= lines; number++) {
        if (was(part, body, number, wanted) > 0)
            return 1;
    }
    return 0;
}

/* Say what is wrong with the line that stands at `number`, the first that fails. */
static int explain(run body, size_t lines, size_t number, hwlock_fault *fault)
{
    uint8_t part[LINE_BYTES];
    uint32_t mark = number == lines ? LAST : 0;
    if (number == lines && was(part, body, lines, (uint32_t)number) > 0)
        return refuse(fault, HWLOCK_ARMOR_CUT, number, 0, 0);
    for (size_t other = 1; other < number + GAP_LINES; other++) {
        if (other == number || was(part, body, number, (uint32_t)other | mark) == 0)
            continue;
        if (other > number && !is_anywhere(body, lines, (uint32_t)number))
            return refuse(fault, HWLOCK_ARMOR_MISSING, number, 0, other - number);
        return refuse(fault, HWLOCK_ARMOR_ORDER, number, other, 0);
    }
    return refuse(fault, HWLOCK_ARMOR_LINE, number, 0, 0);
}

/* Put what the lines of `body` say where `body` is (steps 6 and 7). */
static int read_body(uint8_t *body, size_t chars, size_t *bytes, hwlock_fault *fault)
{
    run t = {body, chars};
    uint8_t part[LINE_BYTES];
    size_t lines = (chars + LINE_CHARS - 1) / LINE_CHARS, written = 0;
    for (size_t number = 1; number <= lines; number++) {
        uint32_t mark = number == lines ? LAST : 0;
        if (was(part, t, number, (uint32_t)number | mark) == 0)
            return explain(t, lines, number, fault);
    }
    for (size_t number = 1; number <= lines; number++) {
        size_t size = chars_of(t, number) - CHECK_CHARS;
        written += unbase64(body + written, body + (number - 1) * LINE_CHARS, size);
    }
    if (written <= WHOLE_BYTES)
        return refuse(fault, HWLOCK_ARMOR_EMPTY, 0, 0, 0);
    written -= WHOLE_BYTES;
    const uint8_t *check = body + written;
    uint32_t whole = (uint32_t)check[0] << 24 | (uint32_t)check[1] << 16 |
                     (uint32_t)check[2] << 8 | check[3];
    if (crc32(body, written, 0) != whole)
        return refuse(fault, HWLOCK_ARMOR_MIXED, 0, 0, 0);
    *bytes = written;
    return HWLOCK_OK;
}

static int read_text(hwlock_block *block, size_t chars, const char *expected, size_t max_bytes,
                     uint8_t *work, hwlock_fault *fault)
{
    run t = {work, chars};
    place chosen;
    int code = choose(&chosen, block->label, t, expected, fault);
    if (code != HWLOCK_OK)
        return code;
    size_t body = 0, bytes = 0, limit = 2 * max_bytes + LINE_CHARS;
    for (size_t at = chosen.body; at < chosen.end; at++) {
        if (work[at] != '-')
            work[body++] = work[at];
    }
    if (body > limit)
        return refuse(fault, HWLOCK_ARMOR_SIZE, 0, body, limit);
    code = read_body(work, body, &bytes, fault);
    if (code != HWLOCK_OK)
        return code;
    if (bytes > max_bytes)
        return refuse(fault, HWLOCK_ARMOR_SIZE, 0, bytes, max_bytes);
    block->data.at = work;
    block->data.bytes = bytes;
    return HWLOCK_OK;
}

int hwlock_armor_read(hwlock_block *block, const uint8_t *text, size_t text_bytes,
                      const char *expected_label, size_t max_bytes, uint8_t *work,
                      size_t work_bytes, hwlock_fault *fault)
{
    hwlock_fault unwanted;
    if (fault == NULL)
        fault = &unwanted;
    memset(block, 0, sizeof *block);
    refuse(fault, HWLOCK_OK, 0, 0, 0);
    if (text_bytes >= 2 && text[0] == 0xd2 && text[1] == 0x84) { /* step 0 */
        if (text_bytes > max_bytes)
            return refuse(fault, HWLOCK_ARMOR_SIZE, 0, text_bytes, max_bytes);
        block->data.at = text;
        block->data.bytes = text_bytes;
        return HWLOCK_OK;
    }
    size_t limit = 4 * max_bytes + HWLOCK_MAX_FILE_TEXT - 4 * HWLOCK_MAX_FILE;
    if (text_bytes > limit)
        return refuse(fault, HWLOCK_ARMOR_SIZE, 0, text_bytes, limit);
    if (work_bytes < text_bytes + text_bytes / 2)
        return refuse(fault, HWLOCK_ROOM, 0, work_bytes, HWLOCK_WORK_BYTES(text_bytes));
    size_t chars = armor_clean(work, text, text_bytes);
    return read_text(block, chars, expected_label, max_bytes, work, fault);
}
