/* Reading a table without telling where. */
#ifndef HWLOCK_TABLE_H
#define HWLOCK_TABLE_H

#include <stddef.h>
#include <string.h>

#include "word.h"

/* table_read copies entry `index` of a row of `entries`, 8 or 16, of `words` words each, a multiple
 * of 4; word j of entry i stands at row[j][i], so that a vector instruction can pick as well. All
 * zeros where there is no such entry. It reads the whole row.
 */
enum { MAX_ROW_ENTRIES = 16 };

#ifdef HWLOCK_FIELD_MULX

#include <immintrin.h>

static inline AVX2 __m256i four_words(const uint64_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* Word j of all entries is masked in registers of four, which are then merged; what is left of four
 * words makes one register. */
static AVX2 void table_read(uint64_t *entry, const uint64_t *row, size_t entries, size_t words,
                            uint64_t index)
{
    const __m256i wanted = _mm256_set1_epi64x((long long)ct_hide(index));
    const __m256i four = _mm256_set1_epi64x(4);
    __m256i mask[MAX_ROW_ENTRIES / 4], own = _mm256_set_epi64x(3, 2, 1, 0);
    for (size_t i = 0; i < entries / 4; i++) {
        mask[i] = _mm256_cmpeq_epi64(own, wanted);
        own = _mm256_add_epi64(own, four);
    }
    for (size_t j = 0; j < words; j += 4) {
        __m256i sum[4], pair[2];
        for (size_t k = 0; k < 4; k++) {
            sum[k] = _mm256_setzero_si256();
            for (size_t i = 0; i < entries / 4; i++) {
                __m256i part = four_words(row + (j + k) * entries + 4 * i);
                sum[k] = _mm256_or_si256(sum[k], _mm256_and_si256(part, mask[i]));
            }
        }
        for (size_t k = 0; k < 2; k++)
            pair[k] = _mm256_or_si256(_mm256_unpacklo_epi64(sum[2 * k], sum[2 * k + 1]),
                                      _mm256_unpackhi_epi64(sum[2 * k], sum[2 * k + 1]));
        __m256i merged = _mm256_or_si256(_mm256_permute2x128_si256(pair[0], pair[1], 0x20),
                                         _mm256_permute2x128_si256(pair[0], pair[1], 0x31));
        _mm256_storeu_si256((__m256i *)(void *)(entry + j), merged);
    }
}

#else

/* Two words at once where the compiler has such a type: every 64-bit processor can do that. */
#if HWLOCK_WORD_BITS == 64 && defined(__GNUC__)
typedef uint64_t table_lane __attribute__((vector_size(16)));
#else
typedef uint64_t table_lane;
#define TABLE_HIDES /* clang 14 at -O2 makes branches of masks that are single words */
#endif

enum { LANE_WORDS = sizeof(table_lane) / 8, MAX_ROW_LANES = MAX_ROW_ENTRIES / LANE_WORDS };

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

#endif
