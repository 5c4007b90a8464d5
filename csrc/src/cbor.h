/* Deterministic CBOR (RFC 8949 section 4.2.1; docs/spec/encoding.md section 1), and steps over
 * what was read once.
 *
 * The functions that step take only what cbor_read accepted: they look at no bounds.
 */
#ifndef HWLOCK_CBOR_H
#define HWLOCK_CBOR_H

#include "hwlock.h"

enum {
    CBOR_UINT = 0,
    CBOR_NINT = 1,
    CBOR_BYTES = 2,
    CBOR_TEXT = 3,
    CBOR_ARRAY = 4,
    CBOR_MAP = 5,
    CBOR_TAG = 6,
    CBOR_SIMPLE = 7
};

enum { CBOR_MAX_DEPTH = 16, CBOR_MAX_ITEMS = 8192 };

/* Read one value with the limits of files; HWLOCK_OK, or the code and where it happened. */
int cbor_check(hwlock_span data, size_t max_depth, size_t *offset);

/* Step over a head: its type and number (for a simple value its byte); return what follows. */
const uint8_t *cbor_head(const uint8_t *at, unsigned *type, uint64_t *number);

/* Step over a value and all that is in it. */
const uint8_t *cbor_skip(const uint8_t *at);

/* Write the shortest head, at most 9 bytes; return the place after it. */
uint8_t *cbor_write_head(uint8_t *at, unsigned type, uint64_t number);

#endif
