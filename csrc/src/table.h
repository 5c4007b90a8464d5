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
#define TABLE_HIDES /* clang 14 at -O2 makes branches of masks that are single words */
#endif

enum { LANE_WORDS = sizeof(table_lane) / 8, MAX_ROW_LANES = 16 / LANE_WORDS };

/* Copy entry `index` of a row of `entries`, 16 at most and an even number, of `words` words each;
 * word j of entry i stands at row[j][i], so that a vector instruction can pick as well. All zeros
 * where there is no such entry. Reads the whole row. */
static inline void table_read(uint64_t *entry, const uint64_t *row, size_t entries, size_t words,
                              uint64_t index)
{
    table_lane mask[MAX_ROW_LANES], zero, lane;
    memset(&zero, 0, sizeof zero);
    for (size_t i = 0; i < entries / LANE_WORDS; i++) {
        const uint64_t own[2] = {LANE_WORDS * i, LANE_WORDS * i + 1};
        memcpy(&lane, own, sizeof lane);
        lane ^= zero + (ct_hide(index) & (UINT64_MAX >> 1)); /* 0 just where it is the index */
        mask[i] = zero - ((lane - 1) >> 63);
#ifdef TABLE_HIDES
        mask[i] = ct_hide(mask[i]);
#endif
    }
    for (size_t j = 0; j < words; j++) {
        table_lane sum = zero;
        uint64_t halves[LANE_WORDS];
        for (size_t i = 0; i < entries / LANE_WORDS; i++) {
            memcpy(&lane, row + j * entries + i * LANE_WORDS, sizeof lane);
            sum |= lane & mask[i];
        }
        memcpy(halves, &sum, sizeof sum);
        entry[j] = halves[0] | halves[LANE_WORDS - 1];
    }
}

#endif
