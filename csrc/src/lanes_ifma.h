/* Eight numbers of 64 bits in a register, one in each lane (AVX-512). */
#ifndef HWLOCK_LANES_IFMA_H
#define HWLOCK_LANES_IFMA_H

#include <immintrin.h>

#include "word.h"

IFMA_PART __m512i all8(uint64_t x)
{
    return _mm512_set1_epi64((int64_t)x);
}

IFMA_PART __m512i load8(const uint64_t words[8])
{
    return _mm512_loadu_si512(words);
}

/* Eight signed bytes */
IFMA_PART __m512i digits8(const int8_t digit[8])
{
    return _mm512_cvtepi8_epi64(_mm_loadl_epi64((const __m128i *)digit));
}

/* Each lane takes the value of the lane at that distance: 1, 2 or 4. */
IFMA_PART __m512i swap8(__m512i a, int distance)
{
    return distance == 4   ? _mm512_shuffle_i64x2(a, a, 0x4e)
           : distance == 2 ? _mm512_permutex_epi64(a, 0x4e)
                           : _mm512_shuffle_epi32(a, _MM_PERM_BADC);
}

#endif
