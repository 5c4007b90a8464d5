/* Eight points of Ed25519 side by side, one in each lane, with AVX-512 IFMA. */
#ifndef HWLOCK_POINT25519_IFMA_H
#define HWLOCK_POINT25519_IFMA_H

#include "field25519_ifma.h"
#include "group25519.h"

/* x = X / Z, y = Y / Z, T = XY / Z; plus = Y + X, minus = Y - X. All carried. */
typedef struct {
    fe8 plus, minus, Z, T;
} point8;

/* y + x, y - x, 2dxy of an affine summand, limbs < 2^52 */
typedef struct {
    fe8 plus, minus, product;
} summand8;

IFMA_PART point8 identity8(void)
{
    point8 p = {fe8_all(FE_ONE), fe8_all(FE_ONE), fe8_all(FE_ONE), fe8_all(FE_ZERO)};
    return p;
}

/* From A = (Y1 - X1) (Y2 - X2), B = (Y1 + X1) (Y2 + X2), C = 2 d T1 T2, and 2 Z1 Z2: Hisil, Wong,
 * Carter, Dawson 2008, section 3.1; complete. What is not carried stays below 2^60.3 + 2^61 +
 * 2^60.3 < 2^63. */
IFMA_PART point8 added8(wide8 A, wide8 B, wide8 C, wide8 twice)
{
    fe8 E = fe8_carry(wide8_sub(B, A)), F = fe8_carry(wide8_sub(twice, C));
    fe8 G = fe8_carry(wide8_add(twice, C)), H = fe8_carry(wide8_add(B, A));
    wide8 X = fe8_mul_wide(E, F), Y = fe8_mul_wide(G, H);
    point8 sum = {fe8_carry(wide8_add(Y, X)), fe8_carry(wide8_sub(Y, X)), fe8_mul(F, G),
                  fe8_mul(E, H)};
    return sum;
}

IFMA_PART point8 add_summand(const point8 *p, const summand8 *q)
{
    return added8(fe8_mul_wide(p->minus, q->minus), fe8_mul_wide(p->plus, q->plus),
                  fe8_mul_wide(p->T, q->product), fe8_twice(p->Z));
}

IFMA_PART point8 add_point(const point8 *p, const point8 *q, const fe8 *d2)
{
    fe8 ZZ = fe8_mul(p->Z, q->Z);
    return added8(fe8_mul_wide(p->minus, q->minus), fe8_mul_wide(p->plus, q->plus),
                  fe8_mul_wide(p->T, fe8_mul(q->T, *d2)), fe8_twice(ZZ));
}

/* --- lookup --- */

/* The place of a digit's entry; any place for 0 */
IFMA_PART __m512i place8(__m512i digits)
{
    return _mm512_sub_epi64(_mm512_abs_epi64(digits), all8(1));
}

/* The summands of entries and digits: a digit of 0 makes the identity 1, 1, 0, a negative one
 * swaps y + x and y - x, and negates 2dxy by 2 p - 2dxy, whose limbs are < 2^52. */
IFMA_PART summand8 signed8(const __m512i entry[COMB_WORDS], __m512i digits)
{
    const __mmask8 none = _mm512_cmpeq_epi64_mask(digits, _mm512_setzero_si512());
    const __mmask8 negative = _mm512_cmplt_epi64_mask(digits, _mm512_setzero_si512());
    __m512i picked[COMB_WORDS];
    for (int j = 0; j < COMB_WORDS; j++)
        picked[j] = _mm512_mask_blend_epi64(none, entry[j], all8(j == 0 || j == 4));
    fe8 plus = fe8_load(picked), minus = fe8_load(picked + 4), product = fe8_load(picked + 8);
    summand8 q;
    for (int i = 0; i < FE_LIMBS; i++) {
        __m512i twice_p = all8(2 * (FE_LIMB_MASK - (i == 0 ? 18 : 0)));
        q.plus.limb[i] = _mm512_mask_blend_epi64(negative, plus.limb[i], minus.limb[i]);
        q.minus.limb[i] = _mm512_mask_blend_epi64(negative, minus.limb[i], plus.limb[i]);
        q.product.limb[i] =
            _mm512_mask_sub_epi64(product.limb[i], negative, twice_p, product.limb[i]);
    }
    return q;
}

/* The entry of each lane's digit, all of one tooth */
IFMA_PART summand8 pick_one_tooth(const comb_tooth tooth, __m512i digits)
{
    const __m512i place = place8(digits);
    __m512i entry[COMB_WORDS];
    for (int j = 0; j < COMB_WORDS; j++)
        entry[j] = _mm512_permutexvar_epi64(place, load8(tooth[j]));
    return signed8(entry, digits);
}

/* Lanes 0 to 3 of four teeth, lanes 4 to 7 of four others */
IFMA_PART summand8 pick_eight_teeth(const comb_tooth a[4], const comb_tooth b[4],
                                             __m512i digits)
{
    const __m512i place = place8(digits);
    __m512i entry[COMB_WORDS];
    for (int j = 0; j < COMB_WORDS; j++) {
        entry[j] = _mm512_setzero_si512();
        for (int i = 0; i < 4; i++) {
            entry[j] = _mm512_mask_permutexvar_epi64(entry[j], (__mmask8)(1 << i), place,
                                                     load8(a[i][j]));
            entry[j] = _mm512_mask_permutexvar_epi64(entry[j], (__mmask8)(16 << i), place,
                                                     load8(b[i][j]));
        }
    }
    return signed8(entry, digits);
}

/* --- the lanes of one sum --- */

IFMA_PART fe8 fe8_swapped(fe8 a, int distance)
{
    for (int i = 0; i < FE_LIMBS; i++)
        a.limb[i] = swap8(a.limb[i], distance);
    return a;
}

/* Each lane plus the one at that distance */
IFMA_PART point8 fold_lanes(const point8 *p, int distance, const fe8 *d2)
{
    point8 q = {fe8_swapped(p->plus, distance), fe8_swapped(p->minus, distance),
                fe8_swapped(p->Z, distance), fe8_swapped(p->T, distance)};
    return add_point(p, &q, d2);
}

/* --- bytes --- */

/* 1 / a of all lanes with one inversion: of the product of all, times all the others. */
IFMA_PART fe8 fe8_inverse(fe8 a)
{
    uint64_t lanes[4][8], inverse[4];
    __m512i w[4], all[4];
    const fe8 by1 = fe8_swapped(a, 1), two = fe8_mul(a, by1);
    const fe8 by2 = fe8_swapped(two, 2), four = fe8_mul(two, by2);
    const fe8 by4 = fe8_swapped(four, 4);
    fe8_store(w, fe8_mul(four, by4));
    for (int i = 0; i < 4; i++) {
        _mm512_storeu_si512(lanes[i], w[i]);
        inverse[i] = lanes[i][0];
    }
    words25519_invert(inverse);
    for (int i = 0; i < 4; i++)
        all[i] = all8(inverse[i]);
    return fe8_mul(fe8_mul(fe8_load(all), by4), fe8_mul(by2, by1));
}

/* The bytes of all, and 1 for those of small order: point_is_small of group25519.c. */
IFMA_PART void encode8(uint8_t bytes[8][32], uint64_t small[8], const point8 *p)
{
    const __m512i zero = _mm512_setzero_si512(), one = all8(1);
    __m512i x_words[4], y_words[4], product[4];
    wide8 plus, minus;
    for (int i = 0; i < FE_LIMBS; i++) {
        plus.column[i] = p->plus.limb[i];
        minus.column[i] = p->minus.limb[i];
    }
    const fe8 inverse = fe8_inverse(fe8_carry(fe8_twice(p->Z))); /* plus + minus is 2 Y */
    const fe8 x = fe8_mul(fe8_carry(wide8_sub(plus, minus)), inverse);
    const fe8 y = fe8_mul(fe8_carry(wide8_add(plus, minus)), inverse);
    const fe8 xx_yy = fe8_carry(wide8_add(fe8_square_wide(x), fe8_square_wide(y)));
    fe8_store(product, fe8_mul(fe8_mul(x, y), xx_yy));
    fe8_store(x_words, x);
    fe8_store(y_words, y);
    y_words[3] = _mm512_or_si512(y_words[3], _mm512_slli_epi64(x_words[0], 63));
    for (int i = 0; i < 4; i++) {
        uint64_t lanes[8];
        _mm512_storeu_si512(lanes, y_words[i]);
        for (int lane = 0; lane < 8; lane++)
            store64_le(bytes[lane] + 8 * i, lanes[lane]);
    }
    __m512i any = _mm512_or_si512(_mm512_or_si512(product[0], product[1]),
                                  _mm512_or_si512(product[2], product[3]));
    _mm512_storeu_si512(small, _mm512_maskz_mov_epi64(_mm512_cmpeq_epi64_mask(any, zero), one));
}

#endif
