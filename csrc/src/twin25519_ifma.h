/* Two points of Ed25519 side by side, each in four lanes, with AVX-512 IFMA: for a chain of
 * doublings, which does not fall into eight sums.
 *
 * The four products of each half of a formula go side by side (Hisil, Wong, Carter, Dawson 2008,
 * sections 3.1 and 3.3 with a = -1; their section 4 has the idea). E, F, G, H stand for what the
 * formulas call so; an order in which neighbors are multiplied saves permutations. Lanes 0 to 3
 * are of the one point, lanes 4 to 7 of the other:
 *   twin        Y, Z, X, T, not carried; columns < 2^60.3
 *   twin_half   Y, Z, X, X, not carried: enough to be doubled
 *   twin_addend Y + X, 2 Z, Y - X, 2 d T, carried
 */
#ifndef HWLOCK_TWIN25519_IFMA_H
#define HWLOCK_TWIN25519_IFMA_H

#include "field25519_ifma.h"
#include "group25519.h"

typedef struct {
    wide8 yzxt;
} twin;

typedef struct {
    wide8 yzxx;
} twin_half;

typedef fe8 twin_addend;

/* Which lanes of each four take part */
#define TWIN_MASK(l0, l1, l2, l3) (__mmask8)(0x11 * ((l0) | (l1) << 1 | (l2) << 2 | (l3) << 3))

/* In each four lanes, what lanes l0 to l3 held */
#define TWIN_ORDER(l0, l1, l2, l3)                                                            \
    _mm512_set_epi64(4 + (l3), 4 + (l2), 4 + (l1), 4 + (l0), l3, l2, l1, l0)

IFMA_PART fe8 fe8_ordered(fe8 a, __m512i order)
{
    for (int i = 0; i < FE_LIMBS; i++)
        a.limb[i] = _mm512_permutexvar_epi64(order, a.limb[i]);
    return a;
}

IFMA_PART wide8 wide8_ordered(wide8 a, __m512i order)
{
    for (int i = 0; i < FE_LIMBS; i++)
        a.column[i] = _mm512_permutexvar_epi64(order, a.column[i]);
    return a;
}

/* a + b in the lanes of the mask, elsewhere a */
IFMA_PART wide8 wide8_add_in(__mmask8 lanes, wide8 a, wide8 b)
{
    for (int i = 0; i < FE_LIMBS; i++)
        a.column[i] = _mm512_mask_add_epi64(a.column[i], lanes, a.column[i], b.column[i]);
    return a;
}

/* a - b + 1024 p in the lanes of the mask, elsewhere a; columns of b as wide8_sub wants them */
IFMA_PART wide8 wide8_sub_in(__mmask8 lanes, wide8 a, wide8 b)
{
    const wide8 zero = {{_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(),
                         _mm512_setzero_si512(), _mm512_setzero_si512()}};
    return wide8_add_in(lanes, a, wide8_sub(zero, b));
}

/* Squares YY, ZZ, XX, (X + Y)^2, then H = XX + YY, G = XX - YY, F = XX - YY + 2 ZZ,
 * E = XX + YY - (X + Y)^2; carried. Columns < 2^60.3 + 2^61 + 2^61.3 < 2^63. */
IFMA_PART fe8 doubled_hgfe(const twin_half *p)
{
    const wide8 y = wide8_ordered(p->yzxx, TWIN_ORDER(0, 0, 0, 0));
    const wide8 own = fe8_square_wide(fe8_carry(wide8_add_in(TWIN_MASK(0, 0, 0, 1), p->yzxx, y)));
    const wide8 yy = wide8_ordered(own, TWIN_ORDER(0, 0, 0, 0));
    const wide8 other = wide8_ordered(own, TWIN_ORDER(2, 2, 1, 2)); /* XX, XX, ZZ, XX */
    wide8 w = wide8_add_in(TWIN_MASK(1, 0, 0, 1), other, yy);
    w = wide8_sub_in(TWIN_MASK(0, 1, 1, 0), w, yy);
    w = wide8_add_in(TWIN_MASK(0, 0, 1, 0), w, wide8_add(own, other));
    return fe8_carry(wide8_sub_in(TWIN_MASK(0, 0, 0, 1), w, own));
}

/* 2 p: G H, F G, E F and E H, or E F again */
IFMA_PART twin twin_doubled(const twin_half *p)
{
    const fe8 hgfe = doubled_hgfe(p);
    twin r = {fe8_mul_wide(hgfe, fe8_ordered(hgfe, TWIN_ORDER(1, 2, 3, 0)))};
    return r;
}

IFMA_PART twin_half twin_half_doubled(const twin_half *p)
{
    const fe8 hgfe = doubled_hgfe(p);
    twin_half r = {fe8_mul_wide(hgfe, fe8_ordered(hgfe, TWIN_ORDER(1, 2, 3, 2)))};
    return r;
}

/* Y + X, Z, Y - X, T, carried */
IFMA_PART fe8 to_add(const twin *p)
{
    const wide8 own = p->yzxt, other = wide8_ordered(own, TWIN_ORDER(2, 1, 0, 3));
    wide8 w = wide8_add_in(TWIN_MASK(1, 0, 0, 0), own, other);
    const wide8 difference = wide8_sub(other, own);
    for (int i = 0; i < FE_LIMBS; i++)
        w.column[i] = _mm512_mask_mov_epi64(w.column[i], TWIN_MASK(0, 0, 1, 0),
                                            difference.column[i]);
    return fe8_carry(w);
}

/* Products B, D, A, C, then H = B + A, G = D + C, E = B - A, F = D - C; carried. */
IFMA_PART fe8 added_hgef(const twin *p, twin_addend q)
{
    const wide8 own = fe8_mul_wide(to_add(p), q);
    const wide8 other = wide8_ordered(own, TWIN_ORDER(2, 3, 0, 1));
    const wide8 w = wide8_add_in(TWIN_MASK(1, 1, 0, 0), other, own);
    return fe8_carry(wide8_sub_in(TWIN_MASK(0, 0, 1, 1), w, own));
}

/* p + q: G H, F G, E F and E F again, or E H */
IFMA_PART twin_half twin_half_added(const twin *p, twin_addend q)
{
    const fe8 hgef = added_hgef(p, q);
    twin_half r = {fe8_mul_wide(hgef, fe8_ordered(hgef, TWIN_ORDER(1, 3, 3, 2)))};
    return r;
}

IFMA_PART twin twin_added(const twin *p, twin_addend q)
{
    const fe8 hgef = added_hgef(p, q);
    const fe8 hgfe = fe8_ordered(hgef, TWIN_ORDER(0, 1, 3, 2));
    twin r = {fe8_mul_wide(hgfe, fe8_ordered(hgef, TWIN_ORDER(1, 3, 2, 0)))};
    return r;
}

/* The same point, with tight coordinates, twice */
IFMA_PART twin twin_of(const point *p)
{
    twin r;
    for (int i = 0; i < FE_LIMBS; i++) {
        const int64_t x = (int64_t)p->X.limb[i], y = (int64_t)p->Y.limb[i],
                      z = (int64_t)p->Z.limb[i], t = (int64_t)p->T.limb[i];
        r.yzxt.column[i] = _mm512_set_epi64(t, x, z, y, t, x, z, y);
    }
    return r;
}

/* --- a table of multiples, for this processor alone --- */

/* Limb, coordinate of a summand, entry: 1 to 8 times the point */
typedef struct {
    uint64_t limb[FE_LIMBS][4][COMB_ENTRIES];
} twin_table;

IFMA_PART void twin_table_build(twin_table *table, const point *p)
{
    const fe8 one = fe8_all(FE_ONE), d2 = fe8_all(POINT_2D);
    fe8 factor, q;
    for (int i = 0; i < FE_LIMBS; i++) {
        factor.limb[i] = _mm512_mask_mov_epi64(one.limb[i], TWIN_MASK(0, 0, 0, 1), d2.limb[i]);
        factor.limb[i] = _mm512_mask_add_epi64(factor.limb[i], TWIN_MASK(0, 1, 0, 0),
                                               one.limb[i], one.limb[i]);
    }
    twin multiple = twin_of(p);
    for (int entry = 0; entry < COMB_ENTRIES; entry++) {
        const fe8 own = fe8_mul(to_add(&multiple), factor);
        for (int i = 0; i < FE_LIMBS; i++) {
            uint64_t lanes[8];
            _mm512_storeu_si512(lanes, own.limb[i]);
            for (int j = 0; j < 4; j++)
                table->limb[i][j][entry] = lanes[j];
        }
        q = entry == 0 ? own : q;
        multiple = twin_added(&multiple, q);
    }
}

/* What is to be added for a digit of each of the two; all of the table is read. A digit of 0 makes
 * the identity 1, 2, 1, 0; a negative one swaps Y + X and Y - X, and negates 2 d T by 2 p - 2 d T,
 * whose limbs are < 2^52. */
IFMA_PART twin_addend twin_pick(const twin_table *table, __m512i digits)
{
    const __m512i zero = _mm512_setzero_si512();
    const __m512i place = _mm512_sub_epi64(_mm512_abs_epi64(digits), all8(1));
    const __mmask8 none = _mm512_cmpeq_epi64_mask(digits, zero);
    const __mmask8 negative = _mm512_cmplt_epi64_mask(digits, zero);
    fe8 q;
    for (int i = 0; i < FE_LIMBS; i++) {
        const __m512i twice_p = all8(2 * (FE_LIMB_MASK - (i == 0 ? 18 : 0)));
        __m512i limb = zero;
        for (int j = 0; j < 4; j++)
            limb = _mm512_mask_permutexvar_epi64(limb, (__mmask8)(0x11 << j), place,
                                                 load8(table->limb[i][j]));
        const __m512i identity =
            i == 0 ? _mm512_set_epi64(0, 1, 2, 1, 0, 1, 2, 1) : zero;
        limb = _mm512_mask_mov_epi64(limb, none, identity);
        limb = _mm512_mask_permutexvar_epi64(limb, negative, TWIN_ORDER(2, 1, 0, 3), limb);
        q.limb[i] = _mm512_mask_sub_epi64(limb, negative & TWIN_MASK(0, 0, 0, 1), twice_p, limb);
    }
    return q;
}

/* [a]p and [b]p, digit by digit from the highest */
IFMA_PART twin twin_multiply(const point *p, const int8_t a[COMB_DIGITS],
                             const int8_t b[COMB_DIGITS])
{
    const point identity = {FE_ZERO, FE_ONE, FE_ONE, FE_ZERO};
    twin_table table;
    twin_table_build(&table, p);
    twin sum = twin_of(&identity);
    for (int i = COMB_DIGITS - 1; i >= 0; i--) {
        const __m512i digits = _mm512_mask_blend_epi64(0xf0, all8((uint64_t)(int64_t)a[i]),
                                                       all8((uint64_t)(int64_t)b[i]));
        const twin_addend q = twin_pick(&table, digits);
        if (i == 0)
            return twin_added(&sum, q);
        twin_half half = twin_half_added(&sum, q);
        for (int n = 0; n < 3; n++)
            half = twin_half_doubled(&half);
        sum = twin_doubled(&half);
    }
    return sum;
}

#endif
