#include "prepared.h"

#include <string.h>

#include "hwlock.h"
#include "word.h"

enum { VERSION = 1 };

static void write_head(uint8_t head[PREPARED_HEAD], uint32_t algorithm)
{
    memcpy(head, "hwlockPK", 8);
    store64_le(head + 8, VERSION | (uint64_t)algorithm << 32);
}

static size_t sum_at(const prepared_form *form)
{
    return PREPARED_HEAD + form->key_bytes + 8 * form->words;
}

void prepared_write(uint8_t *bytes, const prepared_form *form, const uint8_t *key,
                    const uint64_t *table)
{
    uint8_t *words = bytes + PREPARED_HEAD + form->key_bytes;
    write_head(bytes, form->algorithm);
    memcpy(bytes + PREPARED_HEAD, key, form->key_bytes);
    for (size_t i = 0; i < form->words; i++)
        store64_le(words + 8 * i, table[i]);
    hwlock_sha256(bytes + sum_at(form), bytes, sum_at(form));
}

uint64_t prepared_read(uint64_t *table, const prepared_form *form, const uint8_t *bytes,
                       size_t size, const uint8_t *key)
{
    uint8_t head[PREPARED_HEAD], sum[PREPARED_SUM];
    const uint8_t *words = bytes + PREPARED_HEAD + form->key_bytes;
    if (size != sum_at(form) + PREPARED_SUM)
        return 0;
    write_head(head, form->algorithm);
    hwlock_sha256(sum, bytes, sum_at(form));
    for (size_t i = 0; i < form->words; i++)
        table[i] = load64_le(words + 8 * i);
    return (uint64_t)(hwlock_equal(head, bytes, PREPARED_HEAD) &
                      hwlock_equal(key, bytes + PREPARED_HEAD, form->key_bytes) &
                      hwlock_equal(sum, bytes + sum_at(form), PREPARED_SUM));
}
