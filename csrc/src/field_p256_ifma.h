/* Eight numbers modulo p256 side by side, one in each lane, with AVX-512 IFMA.
 *
 * The form of field_p256.h, x / 2^260, in five limbs of 52 bits, but never negative: the
 * instruction multiplies the low 52 bits of each lane, and adds the low or the high 52 bits of
 * the product. Bounds count in U = 2^256, as there:
 *   fp8       limbs in [0, 2^52), value in [0, 16 U); a product of a U and b U is reduced to less
 *             than (a b / 16 + 1) U
 *   fp8_sum   not carried yet: columns are signed, below 2^60
 *   weak      fp8 below 2.01 U
 */
#ifndef HWLOCK_FIELD_P256_IFMA_H
#define HWLOCK_FIELD_P256_IFMA_H

#include "field_p256.h"
#include "lanes_ifma.h"

typedef struct {
    __m512i limb[FP_LIMBS];
} fp8;

typedef struct {
    __m512i column[FP_LIMBS];
} fp8_sum;

/* The value of column i counts 2^(52 i). */
typedef struct {
    __m512i column[2 * FP_LIMBS];
} fp8_wide;

/* The same number, not negative, in all lanes */
IFMA_PART fp8 fp8_all(const uint64_t w[4])
{
    const fp a = fp_load(w);
    fp8 r;
    for (int i = 0; i < FP_LIMBS; i++)
        r.limb[i] = all8((uint64_t)a.limb[i]);
    return r;
}

/* From four words a lane */
IFMA_PART fp8 fp8_load(const __m512i w[4])
{
    const __m512i mask = all8(FP_LIMB_MASK);
    fp8 r;
    r.limb[0] = _mm512_and_si512(w[0], mask);
    for (int i = 1; i < 4; i++) {
        __m512i low = _mm512_srli_epi64(w[i - 1], (unsigned)(64 - 12 * i));
        __m512i high = _mm512_slli_epi64(w[i], (unsigned)(12 * i));
        r.limb[i] = _mm512_and_si512(_mm512_or_si512(low, high), mask);
    }
    r.limb[4] = _mm512_srli_epi64(w[3], 16);
    return r;
}

/* --- sums --- */

IFMA_PART fp8_sum fp8_sum_of(fp8 a)
{
    fp8_sum r;
    for (int i = 0; i < FP_LIMBS; i++)
        r.column[i] = a.limb[i];
    return r;
}

IFMA_PART fp8_sum plus(fp8_sum a, fp8 b)
{
    for (int i = 0; i < FP_LIMBS; i++)
        a.column[i] = _mm512_add_epi64(a.column[i], b.limb[i]);
    return a;
}

IFMA_PART fp8_sum minus(fp8_sum a, fp8 b)
{
    for (int i = 0; i < FP_LIMBS; i++)
        a.column[i] = _mm512_sub_epi64(a.column[i], b.limb[i]);
    return a;
}

IFMA_PART fp8_sum sum_minus(fp8_sum a, fp8_sum b)
{
    for (int i = 0; i < FP_LIMBS; i++)
        a.column[i] = _mm512_sub_epi64(a.column[i], b.column[i]);
    return a;
}

/* 2 a */
IFMA_PART fp8_sum twice(fp8_sum a)
{
    for (int i = 0; i < FP_LIMBS; i++)
        a.column[i] = _mm512_add_epi64(a.column[i], a.column[i]);
    return a;
}

/* 3 a */
IFMA_PART fp8_sum thrice(fp8_sum a)
{
    for (int i = 0; i < FP_LIMBS; i++)
        a.column[i] =
            _mm512_add_epi64(a.column[i], _mm512_add_epi64(a.column[i], a.column[i]));
    return a;
}

/* a + k p */
IFMA_PART fp8_sum plus_p(fp8_sum a, uint64_t k)
{
    const uint64_t p[FP_LIMBS] = {FP_LIMB_MASK, FP_LIMB_MASK >> 8, 0, (uint64_t)1 << 36,
                                  ((uint64_t)1 << 48) - ((uint64_t)1 << 16)};
    for (int i = 0; i < FP_LIMBS; i++)
        a.column[i] = _mm512_add_epi64(a.column[i], all8(k * p[i]));
    return a;
}

/* For a value in [0, 16 U) */
IFMA_PART fp8 fp8_carry(fp8_sum a)
{
    const __m512i mask = all8(FP_LIMB_MASK);
    fp8 r;
    for (int i = 0; i < FP_LIMBS - 1; i++) {
        a.column[i + 1] = _mm512_add_epi64(a.column[i + 1], _mm512_srai_epi64(a.column[i], 52));
        r.limb[i] = _mm512_and_si512(a.column[i], mask);
    }
    r.limb[FP_LIMBS - 1] = a.column[FP_LIMBS - 1];
    return r;
}

/* Fold all but one of the U that the top column counts, by 2^256 = 2^224 - 2^192 - 2^96 + 1. What
 * the columns below it and the fold add is below 2^230: the result is in (0.99 U, 2.01 U). */
IFMA_PART fp8 fp8_weak(fp8_sum a)
{
    __m512i high = _mm512_sub_epi64(_mm512_srai_epi64(a.column[4], 48), all8(1));
    a.column[4] = _mm512_sub_epi64(a.column[4], _mm512_slli_epi64(high, 48));
    a.column[0] = _mm512_add_epi64(a.column[0], high);
    a.column[1] = _mm512_sub_epi64(a.column[1], _mm512_slli_epi64(high, 44));
    a.column[3] = _mm512_sub_epi64(a.column[3], _mm512_slli_epi64(high, 36));
    a.column[4] = _mm512_add_epi64(a.column[4], _mm512_slli_epi64(high, 16));
    return fp8_carry(a);
}

/* --- products --- */

/* Columns < 10 * 2^52 */
IFMA_PART fp8_wide fp8_wide_mul(fp8 a, fp8 b)
{
    fp8_wide t;
    for (int k = 0; k < 2 * FP_LIMBS; k++)
        t.column[k] = _mm512_setzero_si512();
    for (int i = 0; i < FP_LIMBS; i++)
        for (int j = 0; j < FP_LIMBS; j++) {
            t.column[i + j] = _mm512_madd52lo_epu64(t.column[i + j], a.limb[i], b.limb[j]);
            t.column[i + j + 1] =
                _mm512_madd52hi_epu64(t.column[i + j + 1], a.limb[i], b.limb[j]);
        }
    return t;
}

/* The same of a a: products of two different limbs count twice. */
IFMA_PART fp8_wide fp8_wide_square(fp8 a)
{
    fp8_wide t;
    for (int k = 0; k < 2 * FP_LIMBS; k++)
        t.column[k] = _mm512_setzero_si512();
    for (int i = 0; i < FP_LIMBS; i++)
        for (int j = i + 1; j < FP_LIMBS; j++) {
            t.column[i + j] = _mm512_madd52lo_epu64(t.column[i + j], a.limb[i], a.limb[j]);
            t.column[i + j + 1] =
                _mm512_madd52hi_epu64(t.column[i + j + 1], a.limb[i], a.limb[j]);
        }
    for (int k = 1; k < 2 * FP_LIMBS - 1; k++)
        t.column[k] = _mm512_add_epi64(t.column[k], t.column[k]);
    for (int i = 0; i < FP_LIMBS; i++) {
        t.column[2 * i] = _mm512_madd52lo_epu64(t.column[2 * i], a.limb[i], a.limb[i]);
        t.column[2 * i + 1] = _mm512_madd52hi_epu64(t.column[2 * i + 1], a.limb[i], a.limb[i]);
    }
    return t;
}

IFMA_PART fp8_wide wide_sub(fp8_wide a, fp8_wide b)
{
    for (int k = 0; k < 2 * FP_LIMBS; k++)
        a.column[k] = _mm512_sub_epi64(a.column[k], b.column[k]);
    return a;
}

/* Add q p 2^(52 i), q p = -q + q 2^96 + q 2^192 + q (2^48 - 2^16) 2^208, where q, the low 52 bits of
 * column i, makes them vanish; the rest of it is carried. The instruction looks at the low 52 bits
 * alone, so q needs no mask. */
IFMA_PART void fp8_clear(__m512i column[6])
{
    const __m512i q = column[0];
    const __m512i p1 = all8((uint64_t)1 << 44), p3 = all8((uint64_t)1 << 36),
                  p4 = all8(((uint64_t)1 << 48) - ((uint64_t)1 << 16));
    column[1] = _mm512_add_epi64(column[1], _mm512_srai_epi64(q, 52));
    column[1] = _mm512_madd52lo_epu64(column[1], q, p1);
    column[2] = _mm512_madd52hi_epu64(column[2], q, p1);
    column[3] = _mm512_madd52lo_epu64(column[3], q, p3);
    column[4] = _mm512_madd52hi_epu64(column[4], q, p3);
    column[4] = _mm512_madd52lo_epu64(column[4], q, p4);
    column[5] = _mm512_madd52hi_epu64(column[5], q, p4);
}

/* t / 2^260 modulo p; columns < 26 * 2^52 */
IFMA_PART fp8_sum fp8_reduce(fp8_wide t)
{
    fp8_sum r;
    for (int i = 0; i < FP_LIMBS; i++)
        fp8_clear(t.column + i);
    for (int i = 0; i < FP_LIMBS; i++)
        r.column[i] = t.column[FP_LIMBS + i];
    return r;
}

IFMA_PART fp8_sum fp8_product(fp8 a, fp8 b)
{
    return fp8_reduce(fp8_wide_mul(a, b));
}

IFMA_PART fp8 fp8_mul(fp8 a, fp8 b)
{
    return fp8_carry(fp8_product(a, b));
}

IFMA_PART fp8_sum fp8_product_square(fp8 a)
{
    return fp8_reduce(fp8_wide_square(a));
}

IFMA_PART fp8 fp8_square(fp8 a)
{
    return fp8_carry(fp8_product_square(a));
}

/* a b - c d, may be negative */
IFMA_PART fp8_sum fp8_mul_sub(fp8 a, fp8 b, fp8 c, fp8 d)
{
    return fp8_reduce(wide_sub(fp8_wide_mul(a, b), fp8_wide_mul(c, d)));
}

/* The words of the one representative in [0, p), for a value below 2 p */
IFMA_PART void fp8_store(__m512i w[4], fp8 a)
{
    const fp8 p = {{all8(FP_LIMB_MASK), all8(FP_LIMB_MASK >> 8), all8(0), all8((uint64_t)1 << 36),
                    all8(((uint64_t)1 << 48) - ((uint64_t)1 << 16))}};
    const fp8 over = fp8_carry(minus(fp8_sum_of(a), p));
    const __mmask8 below =
        _mm512_cmplt_epi64_mask(over.limb[FP_LIMBS - 1], _mm512_setzero_si512());
    for (int i = 0; i < FP_LIMBS; i++)
        a.limb[i] = _mm512_mask_mov_epi64(over.limb[i], below, a.limb[i]);
    for (int i = 0; i < 4; i++)
        w[i] = _mm512_or_si512(_mm512_srli_epi64(a.limb[i], (unsigned)(12 * i)),
                               _mm512_slli_epi64(a.limb[i + 1], (unsigned)(52 - 12 * i)));
}

/* mask ? -a : a for a < p */
IFMA_PART fp8 fp8_negate_if(__mmask8 mask, fp8 a)
{
    fp8_sum zero = {{_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(),
                     _mm512_setzero_si512(), _mm512_setzero_si512()}};
    fp8 negative = fp8_carry(minus(plus_p(zero, 1), a));
    for (int i = 0; i < FP_LIMBS; i++)
        a.limb[i] = _mm512_mask_blend_epi64(mask, a.limb[i], negative.limb[i]);
    return a;
}

#endif
