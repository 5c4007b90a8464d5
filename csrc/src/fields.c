#include "fields.h"

#include <string.h>

#include "cbor.h"

enum { MAX_TEXTS = 64, MAX_TEXT_BYTES = 255 };

static const uint64_t LAST_SECOND = 253402300799u; /* of the year 9999 */

void fault_at(int *code, int fault)
{
    if (*code == HWLOCK_OK)
        *code = fault;
}

fields fields_of(const uint8_t *at, int *code)
{
    fields f = {NULL, 0, 0, code};
    unsigned type = CBOR_MAP;
    if (*code != HWLOCK_OK)
        return f;
    at = cbor_head(at, &type, &f.count);
    if (type != CBOR_MAP) {
        *code = HWLOCK_FIELD_MAP;
        f.count = 0;
    }
    f.at = at;
    f.left = f.count;
    return f;
}

/* The value of the member with this key, or NULL. */
static const uint8_t *find(const fields *f, int64_t key)
{
    const uint8_t *at = f->at;
    unsigned wanted_type = key < 0 ? CBOR_NINT : CBOR_UINT, type;
    uint64_t wanted = key < 0 ? (uint64_t)(-1 - key) : (uint64_t)key, number;
    for (uint64_t i = 0; i < f->count; i++) {
        const uint8_t *value = cbor_head(at, &type, &number);
        if (type == wanted_type && number == wanted)
            return value;
        if (type == CBOR_TEXT)
            value += number;
        at = cbor_skip(value);
    }
    return NULL;
}

int fields_has(const fields *f, int64_t key)
{
    return *f->code == HWLOCK_OK && find(f, key) != NULL;
}

const uint8_t *fields_raw(fields *f, int64_t key)
{
    if (*f->code != HWLOCK_OK)
        return NULL;
    const uint8_t *value = find(f, key);
    if (value == NULL)
        *f->code = HWLOCK_FIELD_MISSING;
    f->left--;
    return value;
}

/* The content and number of a member that must be of this type; NULL where it is refused. */
static const uint8_t *typed(fields *f, int64_t key, unsigned wanted, uint64_t *number)
{
    unsigned type;
    const uint8_t *value = fields_raw(f, key);
    *number = 0;
    if (value == NULL)
        return NULL;
    value = cbor_head(value, &type, number);
    if (type == wanted)
        return value;
    /* a number below 0 is a number, out of range */
    *f->code = wanted == CBOR_UINT && type == CBOR_NINT ? HWLOCK_FIELD_RANGE : HWLOCK_FIELD_TYPE;
    *number = 0;
    return NULL;
}

static hwlock_span checked_text(const uint8_t *at, uint64_t bytes, size_t max_bytes, int *code)
{
    hwlock_span span = {at, (size_t)bytes};
    if (bytes > max_bytes)
        fault_at(code, HWLOCK_FIELD_LONG);
    else
        fault_at(code, hwlock_text_check(span.at, span.bytes));
    return span;
}

hwlock_span fields_as_text(const uint8_t *at, size_t max_bytes, int *code)
{
    hwlock_span none = {NULL, 0};
    uint64_t bytes;
    unsigned type;
    if (*code != HWLOCK_OK)
        return none;
    at = cbor_head(at, &type, &bytes);
    if (type == CBOR_TEXT)
        return checked_text(at, bytes, max_bytes, code);
    *code = HWLOCK_FIELD_TYPE;
    return none;
}

hwlock_span fields_text(fields *f, int64_t key, size_t max_bytes)
{
    hwlock_span none = {NULL, 0};
    uint64_t bytes;
    const uint8_t *at = typed(f, key, CBOR_TEXT, &bytes);
    return at == NULL ? none : checked_text(at, bytes, max_bytes, f->code);
}

hwlock_span fields_word(fields *f, int64_t key, const char *const *words, size_t count)
{
    hwlock_span word = {NULL, 0};
    uint64_t bytes;
    word.at = typed(f, key, CBOR_TEXT, &bytes);
    word.bytes = (size_t)bytes;
    for (size_t i = 0; i < count && word.at != NULL; i++) {
        if (span_says(word, words[i]))
            return word;
    }
    fault_at(f->code, HWLOCK_FIELD_WORD);
    return word;
}

hwlock_span fields_bytes(fields *f, int64_t key, size_t size)
{
    hwlock_span span = {NULL, 0};
    uint64_t bytes;
    const uint8_t *at = typed(f, key, CBOR_BYTES, &bytes);
    if (at != NULL && bytes != size)
        *f->code = HWLOCK_FIELD_SIZE;
    if (*f->code != HWLOCK_OK)
        return span;
    span.at = at;
    span.bytes = size;
    return span;
}

hwlock_span fields_bytes_within(fields *f, int64_t key, size_t least, size_t most)
{
    hwlock_span span = {NULL, 0};
    uint64_t bytes;
    const uint8_t *at = typed(f, key, CBOR_BYTES, &bytes);
    if (at != NULL && bytes < least)
        *f->code = HWLOCK_FIELD_SHORT;
    else if (at != NULL && bytes > most)
        *f->code = HWLOCK_FIELD_LONG;
    if (*f->code != HWLOCK_OK)
        return span;
    span.at = at;
    span.bytes = (size_t)bytes;
    return span;
}

static uint64_t number_to(fields *f, int64_t key, uint64_t max_value)
{
    uint64_t number;
    if (typed(f, key, CBOR_UINT, &number) == NULL)
        return 0;
    if (number <= max_value)
        return number;
    *f->code = HWLOCK_FIELD_RANGE;
    return 0;
}

uint32_t fields_uint(fields *f, int64_t key, uint32_t max_value)
{
    return (uint32_t)number_to(f, key, max_value);
}

int64_t fields_time(fields *f, int64_t key)
{
    return (int64_t)number_to(f, key, LAST_SECOND);
}

list fields_list(fields *f, int64_t key, size_t max_items)
{
    list values = {NULL, 0};
    uint64_t count;
    const uint8_t *at = typed(f, key, CBOR_ARRAY, &count);
    if (at != NULL && count > max_items)
        *f->code = HWLOCK_FIELD_MANY;
    if (*f->code != HWLOCK_OK)
        return values;
    values.at = at;
    values.count = (size_t)count;
    return values;
}

fields fields_map(fields *f, int64_t key)
{
    const uint8_t *at = fields_raw(f, key);
    fields inner = fields_of(at, f->code);
    if (at != NULL && *f->code == HWLOCK_FIELD_MAP)
        *f->code = HWLOCK_FIELD_TYPE;
    return inner;
}

size_t fields_texts(fields *f, int64_t key, hwlock_span *texts, size_t max_items)
{
    hwlock_span each[MAX_TEXTS];
    uint64_t bytes;
    unsigned type;
    list values = fields_list(f, key, max_items < MAX_TEXTS ? max_items : MAX_TEXTS);
    for (size_t i = 0; i < values.count && *f->code == HWLOCK_OK; i++) {
        const uint8_t *at = cbor_head(values.at, &type, &bytes);
        if (type != CBOR_TEXT)
            *f->code = HWLOCK_FIELD_TYPE;
        else
            each[i] = checked_text(at, bytes, MAX_TEXT_BYTES, f->code);
        values.at = cbor_skip(values.at);
    }
    if (*f->code != HWLOCK_OK)
        return 0;
    for (size_t i = 0; i < values.count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (span_is(each[i], each[j]))
                *f->code = HWLOCK_FIELD_TWICE;
        }
        if (texts != NULL)
            texts[i] = each[i];
    }
    return values.count;
}

void fields_done(const fields *f)
{
    if (f->left != 0)
        fault_at(f->code, HWLOCK_FIELD_UNKNOWN);
}

int span_is(hwlock_span a, hwlock_span b)
{
    return a.bytes == b.bytes && (a.bytes == 0 || memcmp(a.at, b.at, a.bytes) == 0);
}

int span_says(hwlock_span span, const char *text)
{
    hwlock_span wanted = {(const uint8_t *)text, strlen(text)};
    return span_is(span, wanted);
}

int span_among(hwlock_span span, const hwlock_span *among, size_t count)
{
    int found = 0;
    for (size_t i = 0; i < count; i++)
        found |= span_is(span, among[i]);
    return found;
}
