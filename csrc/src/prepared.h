/* The bytes of a prepared key: 8 bytes "hwlockPK", version and algorithm (4 bytes each), the raw
 * key, the tables word by word, and the SHA-256 of all that. Numbers are little-endian. */
#ifndef HWLOCK_PREPARED_H
#define HWLOCK_PREPARED_H

#include <stddef.h>
#include <stdint.h>

enum { PREPARED_ED25519 = 1, PREPARED_P256 = 2, PREPARED_HEAD = 16, PREPARED_SUM = 32 };

/* What a prepared key holds: its raw bytes, and its tables, `words` of them. */
typedef struct {
    uint32_t algorithm;
    size_t key_bytes;
    size_t words;
} prepared_form;

void prepared_write(uint8_t *bytes, const prepared_form *form, const uint8_t *key,
                    const uint64_t *table);

/* 1 when the bytes are whole, of this form and of this key; fills the table in any case where the
 * size is right. */
uint64_t prepared_read(uint64_t *table, const prepared_form *form, const uint8_t *bytes,
                       size_t size, const uint8_t *key);

#endif
