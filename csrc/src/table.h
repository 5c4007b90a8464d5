/* Reading a table without telling where. */
#ifndef HWLOCK_TABLE_H
#define HWLOCK_TABLE_H

#include <stddef.h>
#include <string.h>

#include "word.h"

/* Two words at once where the compiler has such a type: every 64-bit processor can do that. */
#if HWLOCK_WORD_BITS == 64 && defined(__GNUC__)
typedef uint64_t table_lane __attribute__((vector_size(16)));
#else
typedef uint64_t table_lane;
#endif

enum { LANE_WORDS = sizeof(table_lane) / 8, MAX_ENTRY_LANES = 12 / LANE_WORDS };

/* Copy entry `index`, one of `count`, of `words` words each: 12 at most, and an even number. All
 * zeros where there is no such entry. Reads the whole table. */
static inline void table_read(uint64_t *entry, const uint64_t *table, size_t count, size_t words,
                              uint64_t index)
{
    table_lane sum[MAX_ENTRY_LANES], zero, lane;
    memset(sum, 0, sizeof sum);
    memset(&zero, 0, sizeof zero);
    for (size_t i = 0; i < count; i++) {
        table_lane mask = zero + ct_mask(ct_is_zero(index ^ i));
        for (size_t j = 0; j < words / LANE_WORDS; j++) {
            memcpy(&lane, table + i * words + j * LANE_WORDS, sizeof lane);
            sum[j] |= lane & mask;
        }
    }
    memcpy(entry, sum, 8 * words);
}

#endif
