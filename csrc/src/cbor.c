/* The strict reader of CBOR. A file has exactly one form: what would not be written back byte
 * for byte is refused. The rules have the numbers of docs/spec/encoding.md section 1.1. */
#include "cbor.h"

#include <string.h>

#include "text.h"

typedef struct reader {
    const uint8_t *data;
    size_t bytes;
    size_t at;
    size_t max_depth;
    size_t values_left;
    hwlock_item *items; /* or NULL */
    size_t room;
    size_t count;
    int code;
    size_t offset;
} reader;

static int refuse(reader *r, int code, size_t offset)
{
    r->code = code;
    r->offset = offset;
    return 0;
}

static int is_value(uint8_t first)
{
    return (first >= 0xf4 && first <= 0xf6) || first == (CBOR_TAG << 5 | 18); /* 4, 5 */
}

/* Read a head: major type and number, for a simple value its whole byte. */
static int head(reader *r, unsigned *major, uint64_t *number)
{
    size_t at = r->at;
    if (at >= r->bytes)
        return refuse(r, HWLOCK_CBOR_CUT, at);
    uint8_t first = r->data[at];
    *major = first >> 5;
    *number = first & 31;
    r->at = at + 1;
    if (*major >= CBOR_TAG) {
        if (*major == CBOR_SIMPLE)
            *number = first;
        return is_value(first) ? 1 : refuse(r, HWLOCK_CBOR_TYPE, at);
    }
    if (*number < 24)
        return 1;
    if (*number > 27)
        return refuse(r, HWLOCK_CBOR_TYPE, at);
    size_t width = (size_t)1 << (*number - 24);
    if (width > r->bytes - r->at)
        return refuse(r, HWLOCK_CBOR_CUT, at);
    *number = 0;
    for (size_t i = 0; i < width; i++)
        *number = *number << 8 | r->data[r->at + i];
    r->at += width;
    /* 1: it would not fit into the next shorter head */
    uint64_t least = width == 1 ? 24 : (uint64_t)1 << (4 * width);
    return *number >= least ? 1 : refuse(r, HWLOCK_CBOR_LONG, at);
}

static int item(reader *r, size_t depth, unsigned *major);

static int note(reader *r, unsigned major, uint64_t number)
{
    if (r->items == NULL)
        return 1;
    if (r->count >= r->room)
        return refuse(r, HWLOCK_ROOM, r->at);
    hwlock_item *noted = &r->items[r->count++];
    noted->number = number;
    noted->at = (uint32_t)r->at;
    noted->type = major;
    return 1;
}

static int take(reader *r, uint64_t size, size_t start)
{
    if (size > r->bytes - r->at)
        return refuse(r, HWLOCK_CBOR_CUT, start);
    r->at += (size_t)size;
    return 1;
}

static int text(reader *r, uint64_t size, size_t start) /* 3 */
{
    if (!take(r, size, start))
        return 0;
    size_t from = r->at - (size_t)size;
    size_t good = utf8_valid(r->data + from, (size_t)size);
    return good == size ? 1 : refuse(r, HWLOCK_CBOR_TEXT, from + good);
}

/* Refuse values, `each` of them `count` times, that the bytes left or the limit cannot hold. */
static int room(reader *r, uint64_t count, unsigned each, size_t start)
{
    if (count > (r->bytes - r->at) / each)
        return refuse(r, HWLOCK_CBOR_CUT, start);
    if (count * each > r->values_left)
        return refuse(r, HWLOCK_CBOR_ITEMS, start);
    return 1;
}

static int array(reader *r, uint64_t count, size_t depth, size_t start)
{
    unsigned major;
    if (!room(r, count, 1, start))
        return 0;
    while (count-- > 0) {
        if (!item(r, depth, &major))
            return 0;
    }
    return 1;
}

/* -1, 0 or 1 as the key at `a` stands before, at, or after the one at `b`, byte by byte. */
static int order(const uint8_t *a, size_t a_bytes, const uint8_t *b, size_t b_bytes)
{
    int different = memcmp(a, b, a_bytes < b_bytes ? a_bytes : b_bytes);
    if (different != 0)
        return different;
    return a_bytes < b_bytes ? -1 : a_bytes > b_bytes;
}

static int map(reader *r, uint64_t count, size_t depth, size_t start) /* 2 */
{
    unsigned major;
    size_t previous = r->at, previous_bytes = 0;
    if (!room(r, count, 2, start))
        return 0;
    while (count-- > 0) {
        size_t at = r->at;
        if (!item(r, depth, &major))
            return 0;
        if (major != CBOR_UINT && major != CBOR_NINT && major != CBOR_TEXT)
            return refuse(r, HWLOCK_CBOR_KEY, at);
        int after = order(r->data + at, r->at - at, r->data + previous, previous_bytes);
        if (after <= 0)
            return refuse(r, after == 0 ? HWLOCK_CBOR_TWICE : HWLOCK_CBOR_ORDER, at);
        previous = at;
        previous_bytes = r->at - at;
        if (!item(r, depth, &major))
            return 0;
    }
    return 1;
}

/* Read one value that stands inside `depth` others. It calls itself at most max_depth deep. */
static int item(reader *r, size_t depth, unsigned *major)
{
    size_t start = r->at;
    uint64_t number;
    unsigned inner;
    if (r->values_left == 0)
        return refuse(r, HWLOCK_CBOR_ITEMS, start);
    r->values_left--;
    if (!head(r, major, &number) || !note(r, *major, number))
        return 0;
    switch (*major) {
    case CBOR_BYTES:
        return take(r, number, start);
    case CBOR_TEXT:
        return text(r, number, start);
    case CBOR_ARRAY:
    case CBOR_MAP:
    case CBOR_TAG:
        break;
    default:
        return 1;
    }
    if (depth >= r->max_depth)
        return refuse(r, HWLOCK_CBOR_DEPTH, start);
    if (*major == CBOR_ARRAY)
        return array(r, number, depth + 1, start);
    if (*major == CBOR_MAP)
        return map(r, number, depth + 1, start);
    return item(r, depth + 1, &inner);
}

static int read(reader *r)
{
    unsigned major;
    if (r->max_depth > CBOR_MAX_DEPTH)
        r->max_depth = CBOR_MAX_DEPTH;
    if (item(r, 0, &major) && r->at != r->bytes)
        refuse(r, HWLOCK_CBOR_EXTRA, r->at); /* 6 */
    return r->code;
}

int cbor_check(hwlock_span data, size_t max_depth, size_t *offset)
{
    reader r = {data.at, data.bytes, 0, max_depth, CBOR_MAX_ITEMS, NULL, 0, 0, HWLOCK_OK, 0};
    *offset = HWLOCK_MAX_FILE;
    if (data.bytes > HWLOCK_MAX_FILE)
        return HWLOCK_CBOR_SIZE;
    int code = read(&r);
    *offset = r.offset;
    return code;
}

int hwlock_cbor_read(hwlock_item *items, size_t *count, const uint8_t *data, size_t bytes,
                     size_t max_bytes, size_t max_depth, size_t max_items, hwlock_fault *fault)
{
    reader r = {data, bytes, 0, max_depth, max_items, items, 0, 0, HWLOCK_OK, 0};
    hwlock_fault told = {0, HWLOCK_NO_OFFSET, 0, 0, 0};
    size_t limit = max_bytes < UINT32_MAX ? max_bytes : UINT32_MAX; /* hwlock_item.at */
    r.room = items != NULL ? *count : 0;
    if (bytes > limit) {
        r.code = HWLOCK_CBOR_SIZE;
        r.offset = told.wanted = limit;
        told.found = bytes;
    } else if (read(&r) == HWLOCK_OK && items != NULL) {
        *count = r.count;
    }
    if (r.code != HWLOCK_OK)
        told.offset = r.offset;
    told.code = r.code;
    if (fault != NULL)
        *fault = told;
    return r.code;
}

const uint8_t *cbor_head(const uint8_t *at, unsigned *type, uint64_t *number)
{
    uint8_t first = *at++;
    *type = first >> 5;
    *number = first & 31;
    if (*type == CBOR_SIMPLE)
        *number = first;
    else if (*number >= 24) {
        unsigned width = 1u << (*number - 24);
        *number = 0;
        while (width-- > 0)
            *number = *number << 8 | *at++;
    }
    return at;
}

const uint8_t *cbor_skip(const uint8_t *at)
{
    uint64_t pending = 1, number;
    unsigned type;
    while (pending-- > 0) {
        at = cbor_head(at, &type, &number);
        if (type == CBOR_BYTES || type == CBOR_TEXT)
            at += number;
        else if (type == CBOR_ARRAY)
            pending += number;
        else if (type == CBOR_MAP)
            pending += 2 * number;
        else if (type == CBOR_TAG)
            pending++;
    }
    return at;
}

uint8_t *cbor_write_head(uint8_t *at, unsigned type, uint64_t number)
{
    unsigned width = 0;
    if (number >= 24) {
        for (width = 1; width < 8 && number >> (8 * width) != 0; width *= 2) {
        }
    }
    static const uint8_t code[9] = {0, 24, 25, 0, 26, 0, 0, 0, 27};
    *at++ = (uint8_t)(type << 5 | (width == 0 ? number : code[width]));
    while (width-- > 0)
        *at++ = (uint8_t)(number >> (8 * width));
    return at;
}
