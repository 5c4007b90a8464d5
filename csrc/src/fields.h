/* Strict reading of a map that cbor.c accepted (docs/spec/encoding.md section 1.3).
 *
 * Members are asked for by key, each once, and then fields_done refuses what nobody asked for.
 * The first fault is kept in *code; after it every question is answered by nothing, so that a
 * reader is written without branches, in the order in which faults are told.
 */
#ifndef HWLOCK_FIELDS_H
#define HWLOCK_FIELDS_H

#include "hwlock.h"

typedef struct fields {
    const uint8_t *at; /* of the first pair */
    uint64_t count;
    uint64_t left; /* that nobody asked for */
    int *code;
} fields;

/* A list: the place of the next value, and how many there are. */
typedef struct list {
    const uint8_t *at;
    size_t count;
} list;

/* Keep the first fault. */
void fault_at(int *code, int fault);

/* The members of the value at `at`; HWLOCK_FIELD_MAP where it is no map. */
fields fields_of(const uint8_t *at, int *code);

/* 1 where there is a member of this key. */
int fields_has(const fields *f, int64_t key);

hwlock_span fields_text(fields *f, int64_t key, size_t max_bytes);
/* The text at `at`. */
hwlock_span fields_as_text(const uint8_t *at, size_t max_bytes, int *code);

hwlock_span fields_word(fields *f, int64_t key, const char *const *words, size_t count);
hwlock_span fields_bytes(fields *f, int64_t key, size_t size);

/* Bytes, from `least` to `most` of them. */
hwlock_span fields_bytes_within(fields *f, int64_t key, size_t least, size_t most);
uint32_t fields_uint(fields *f, int64_t key, uint32_t max_value);
int64_t fields_time(fields *f, int64_t key);
list fields_list(fields *f, int64_t key, size_t max_items);
fields fields_map(fields *f, int64_t key);

/* The value as it is; NULL where there is none. */
const uint8_t *fields_raw(fields *f, int64_t key);

/* A list of different texts, at most `room`; `texts` may be NULL. Return how many. */
size_t fields_texts(fields *f, int64_t key, hwlock_span *texts, size_t room);

void fields_done(const fields *f);

/* 1 where two spans hold the same bytes. */
int span_is(hwlock_span a, hwlock_span b);

/* 1 where a span holds a terminated text. */
int span_says(hwlock_span span, const char *text);

/* 1 where a span is one of `count`. */
int span_among(hwlock_span span, const hwlock_span *among, size_t count);

#endif
