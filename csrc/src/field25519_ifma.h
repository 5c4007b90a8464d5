/* Eight numbers modulo 2^255 - 19 side by side, one in each lane, with AVX-512 IFMA.
 *
 * Five limbs of 51 bits. The instruction multiplies the low 52 bits of each lane and adds the low
 * or the high 52 bits of the product. What every function takes and gives:
 *   fe8     every limb < 2^52; what fe8_carry returns has limbs < 2^51 + 2^17
 *   wide8   a sum that is not carried yet: columns < 2^60.3 from a product, < 2^63 to be carried
 */
#ifndef HWLOCK_FIELD25519_IFMA_H
#define HWLOCK_FIELD25519_IFMA_H

#include <immintrin.h>

#include "field25519.h"
#include "lanes_ifma.h"

typedef struct {
    __m512i limb[FE_LIMBS];
} fe8;

typedef struct {
    __m512i column[FE_LIMBS];
} wide8;

/* The same number in all lanes */
IFMA_PART fe8 fe8_all(fe a)
{
    fe8 r;
    for (int i = 0; i < FE_LIMBS; i++)
        r.limb[i] = all8(a.limb[i]);
    return r;
}

/* Carry all limbs at once, by c < 2^12: limbs < 2^51 + 2^12, the lowest < 2^51 + 19 * 2^12. */
IFMA_PART fe8 fe8_carry(wide8 a)
{
    const __m512i mask = all8(FE_LIMB_MASK);
    __m512i c[FE_LIMBS];
    fe8 r;
    for (int i = 0; i < FE_LIMBS; i++) {
        c[i] = _mm512_srli_epi64(a.column[i], 51);
        r.limb[i] = _mm512_and_si512(a.column[i], mask);
    }
    r.limb[0] = _mm512_madd52lo_epu64(r.limb[0], c[FE_LIMBS - 1], all8(19));
    for (int i = 1; i < FE_LIMBS; i++)
        r.limb[i] = _mm512_add_epi64(r.limb[i], c[i - 1]);
    return r;
}

IFMA_PART wide8 wide8_add(wide8 a, wide8 b)
{
    for (int i = 0; i < FE_LIMBS; i++)
        a.column[i] = _mm512_add_epi64(a.column[i], b.column[i]);
    return a;
}

/* a - b + 1024 p: columns of b < 2^61 - 19 * 2^10. */
IFMA_PART wide8 wide8_sub(wide8 a, wide8 b)
{
    for (int i = 0; i < FE_LIMBS; i++) {
        __m512i bias = all8(1024 * (FE_LIMB_MASK - (i == 0 ? 18 : 0)));
        a.column[i] = _mm512_add_epi64(a.column[i], _mm512_sub_epi64(bias, b.column[i]));
    }
    return a;
}

/* 2 a */
IFMA_PART wide8 fe8_twice(fe8 a)
{
    wide8 r;
    for (int i = 0; i < FE_LIMBS; i++)
        r.column[i] = _mm512_add_epi64(a.limb[i], a.limb[i]);
    return r;
}

/* Column k + 5 counts 19 times in column k. The factor is hidden: of a constant gcc makes shifts and
 * additions, which take longer. */
IFMA_PART wide8 fe8_fold(const __m512i column[2 * FE_LIMBS])
{
    const __m512i factor = all8(ct_hide(19));
    wide8 r;
    for (int k = 0; k < FE_LIMBS; k++)
        r.column[k] =
            _mm512_add_epi64(column[k], _mm512_mullo_epi64(column[k + FE_LIMBS], factor));
    return r;
}

IFMA_PART void columns_clear(__m512i column[2 * FE_LIMBS])
{
    for (int k = 0; k < 2 * FE_LIMBS; k++)
        column[k] = _mm512_setzero_si512();
}

IFMA_PART void columns_double(__m512i column[2 * FE_LIMBS])
{
    for (int k = 1; k < 2 * FE_LIMBS; k++)
        column[k] = _mm512_add_epi64(column[k], column[k]);
}

/* a b. Of limbs i and j, the low half of the product counts 2^(51 (i + j)) and the high half
 * 2^(51 (i + j + 1) + 1). So a column is at most 5 * 2^52 + 2 * 5 * 2^52, and folded 20 * 15 * 2^52
 * < 2^60.3. */
IFMA_PART wide8 fe8_mul_wide(fe8 a, fe8 b)
{
    __m512i column[2 * FE_LIMBS];
    columns_clear(column);
    for (int i = 0; i < FE_LIMBS; i++)
        for (int j = 0; j < FE_LIMBS; j++)
            column[i + j + 1] =
                _mm512_madd52hi_epu64(column[i + j + 1], a.limb[i], b.limb[j]);
    columns_double(column);
    for (int i = 0; i < FE_LIMBS; i++)
        for (int j = 0; j < FE_LIMBS; j++)
            column[i + j] = _mm512_madd52lo_epu64(column[i + j], a.limb[i], b.limb[j]);
    return fe8_fold(column);
}

/* a a, the same columns: what two different limbs give counts twice more. */
IFMA_PART wide8 fe8_square_wide(fe8 a)
{
    __m512i column[2 * FE_LIMBS];
    columns_clear(column);
    for (int i = 0; i < FE_LIMBS; i++)
        for (int j = i + 1; j < FE_LIMBS; j++)
            column[i + j + 1] =
                _mm512_madd52hi_epu64(column[i + j + 1], a.limb[i], a.limb[j]);
    columns_double(column);
    for (int i = 0; i < FE_LIMBS; i++) {
        column[2 * i + 1] = _mm512_madd52hi_epu64(column[2 * i + 1], a.limb[i], a.limb[i]);
        for (int j = i + 1; j < FE_LIMBS; j++)
            column[i + j] = _mm512_madd52lo_epu64(column[i + j], a.limb[i], a.limb[j]);
    }
    columns_double(column);
    for (int i = 0; i < FE_LIMBS; i++)
        column[2 * i] = _mm512_madd52lo_epu64(column[2 * i], a.limb[i], a.limb[i]);
    return fe8_fold(column);
}

IFMA_PART fe8 fe8_mul(fe8 a, fe8 b)
{
    return fe8_carry(fe8_mul_wide(a, b));
}

/* From four words a lane, each number in [0, p] */
IFMA_PART fe8 fe8_load(const __m512i w[4])
{
    const __m512i mask = all8(FE_LIMB_MASK);
    fe8 r;
    r.limb[0] = _mm512_and_si512(w[0], mask);
    for (int i = 1; i < 4; i++) {
        __m512i low = _mm512_srli_epi64(w[i - 1], (unsigned)(64 - 13 * i));
        __m512i high = _mm512_slli_epi64(w[i], (unsigned)(13 * i));
        r.limb[i] = _mm512_and_si512(_mm512_or_si512(low, high), mask);
    }
    r.limb[4] = _mm512_srli_epi64(w[3], 12);
    return r;
}

/* The words of the one representative in [0, p), for what fe8_carry returns: below 2 p, so adding 19
 * reaches 2^255 just where it is not below p. */
IFMA_PART void fe8_store(__m512i w[4], fe8 a)
{
    const __m512i mask = all8(FE_LIMB_MASK);
    __m512i over = all8(19);
    for (int i = 0; i < FE_LIMBS; i++)
        over = _mm512_srli_epi64(_mm512_add_epi64(a.limb[i], over), 51);
    a.limb[0] = _mm512_madd52lo_epu64(a.limb[0], over, all8(19));
    for (int i = 0; i < FE_LIMBS - 1; i++) {
        a.limb[i + 1] = _mm512_add_epi64(a.limb[i + 1], _mm512_srli_epi64(a.limb[i], 51));
        a.limb[i] = _mm512_and_si512(a.limb[i], mask);
    }
    a.limb[4] = _mm512_and_si512(a.limb[4], mask);
    for (int i = 0; i < 4; i++)
        w[i] = _mm512_or_si512(_mm512_srli_epi64(a.limb[i], (unsigned)(13 * i)),
                               _mm512_slli_epi64(a.limb[i + 1], (unsigned)(51 - 13 * i)));
}

#endif
