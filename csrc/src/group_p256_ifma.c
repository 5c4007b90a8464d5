/* Sums of multiples on P-256, eight additions side by side, with AVX-512 IFMA.
 *
 * For eight signatures, each lane is one of them. For one signature, lanes 0 to 3 each sum a
 * fourth of the key's digits and lanes 4 to 7 a fourth of the base's; in the end the lanes are
 * added to each other by a formula that is complete. An entry is picked by a permutation inside
 * registers: the whole row is loaded, and where it is read from does not depend on digits.
 */
#include <string.h>

#include "group_p256.h"

#ifdef HWLOCK_IFMA

#include "point_p256_ifma.h"

/* --- the complete formula: Renes, Costello, Batina 2016, algorithm 4 (a = -3) --- */

/* Homogeneous coordinates; X, Z < 2.01 U, Y < 3.4 U. */
IFMA_PART jacobian8 homogeneous(const jacobian8 *p)
{
    jacobian8 r = {fp8_mul(p->X, p->Z), p->Y, fp8_mul(p->Z, fp8_square(p->Z))};
    return r;
}

/* a2 b1 + a1 b2, as in group_p256.c; weak */
IFMA_PART fp8 cross(fp8 a1, fp8 b1, fp8 a2, fp8 b2, fp8 aa, fp8 bb)
{
    fp8 a = fp8_carry(plus(fp8_sum_of(a1), b1)), b = fp8_carry(plus(fp8_sum_of(a2), b2));
    return fp8_weak(minus(minus(fp8_product(a, b), aa), bb));
}

/* 3 (a - b); weak */
IFMA_PART fp8 thrice_difference(fp8_sum a, fp8 b)
{
    return fp8_weak(thrice(minus(a, b)));
}

IFMA_PART jacobian8 complete_sum(const jacobian8 *p, const jacobian8 *q, const fp8 *b)
{
    fp8 xx = fp8_mul(p->X, q->X), yy = fp8_mul(p->Y, q->Y), zz = fp8_mul(p->Z, q->Z);
    fp8 xy = cross(p->X, p->Y, q->X, q->Y, xx, yy);
    fp8 yz = cross(p->Y, p->Z, q->Y, q->Z, yy, zz);
    fp8 xz = cross(p->X, p->Z, q->X, q->Z, xx, zz);
    fp8_sum b_xz = minus(minus(minus(fp8_product(*b, xz), zz), zz), zz);
    fp8 u = thrice_difference(fp8_sum_of(xz), fp8_mul(*b, zz));
    fp8 v = thrice_difference(b_xz, xx), w = thrice_difference(fp8_sum_of(zz), xx);
    fp8 more = fp8_carry(plus(fp8_sum_of(yy), u));                /* 1.8 + 2.1 */
    fp8 less = fp8_carry(plus_p(minus(fp8_sum_of(yy), u), 3));    /* 1.8 + 3 */
    jacobian8 sum = {fp8_weak(fp8_mul_sub(xy, more, yz, v)),
                     fp8_weak(fp8_mul_sub(less, more, v, w)),
                     fp8_weak(fp8_mul_sub(yz, less, xy, w))};
    return sum;
}

/* --- digits and lookup --- */

enum { TOP = P256_DIGITS, ALL_DIGITS = TOP + 1 };

/* The digits of group_p256.h of a, or of -a where a is even, and then each negated: digit TOP, of
 * 2^255, is 1 or -1. */
static void recode(int8_t digit[ALL_DIGITS], num a)
{
    uint64_t w[4], negative = ct_mask(1 ^ (a.w[0] & 1));
    num other;
    num_sub(&other, P256_ORDER.m, a);
    num_store(w, num_select(negative, other, a));
    for (int i = 0; i < TOP; i++) {
        int bit = 5 * i + 1, word_at = bit / 64, shift = bit % 64;
        uint64_t window = w[word_at] >> shift;
        if (shift > 59)
            window |= w[word_at + 1] << (64 - shift);
        uint64_t value = 2 * (window & 31) - 31;
        digit[i] = (int8_t)((value ^ negative) - negative);
    }
    digit[TOP] = (int8_t)(negative | 1);
}

/* The place of a digit's entry, (|digit| - 1) / 2 */
IFMA_PART __m512i place8(__m512i digits)
{
    return _mm512_srli_epi64(_mm512_abs_epi64(digits), 1);
}

IFMA_PART affine8 signed8(const __m512i entry[P256_WORDS], __m512i digits)
{
    const __mmask8 negative = _mm512_cmplt_epi64_mask(digits, _mm512_setzero_si512());
    affine8 q = {fp8_load(entry), fp8_negate_if(negative, fp8_load(entry + 4))};
    return q;
}

IFMA_PART __m512i pick8(const uint64_t words[P256_ENTRIES], __m512i place)
{
    return _mm512_permutex2var_epi64(load8(words), place, load8(words + 8));
}

/* The entry of each lane's digit, all of one row */
IFMA_PART affine8 pick_one_row(const p256_row row, __m512i digits)
{
    const __m512i place = place8(digits);
    __m512i entry[P256_WORDS];
    for (int j = 0; j < P256_WORDS; j++)
        entry[j] = pick8(row[j], place);
    return signed8(entry, digits);
}

/* Lanes 0 to 3 of four rows, lanes 4 to 7 of four others; of three and the top when `with_top` */
IFMA_PART affine8 pick_eight_rows(p256_multiples a, p256_multiples b, int first,
                                           int with_top, __m512i digits)
{
    const __m512i place = place8(digits);
    __m512i entry[P256_WORDS];
    for (int j = 0; j < P256_WORDS; j++) {
        entry[j] = _mm512_setzero_si512();
        for (int i = 0; i < 4 - with_top; i++) {
            __m512i from_a = pick8(a.rows[first + i][j], place);
            __m512i from_b = pick8(b.rows[first + i][j], place);
            entry[j] = _mm512_mask_blend_epi64((__mmask8)(1 << i), entry[j], from_a);
            entry[j] = _mm512_mask_blend_epi64((__mmask8)(16 << i), entry[j], from_b);
        }
        if (with_top) {
            __m512i from_a = all8((*a.top)[j / 4][j % 4]), from_b = all8((*b.top)[j / 4][j % 4]);
            entry[j] = _mm512_mask_blend_epi64(1 << 3, entry[j], from_a);
            entry[j] = _mm512_mask_blend_epi64(1 << 7, entry[j], from_b);
        }
    }
    return signed8(entry, digits);
}

/* --- sums --- */

IFMA_PART jacobian8 from_affine(const affine8 *p)
{
    jacobian8 r = {p->x, p->y, fp8_all(FP_ONE)};
    return r;
}

/* Each lane plus the one at that distance */
IFMA_PART jacobian8 fold_lanes(const jacobian8 *p, int distance, const fp8 *b)
{
    jacobian8 q = {fp8_swapped(p->X, distance), fp8_swapped(p->Y, distance),
                   fp8_swapped(p->Z, distance)};
    return complete_sum(p, &q, b);
}

/* The first `count` lanes */
IFMA_PART void from_lanes(p256_ratio *sums, int count, const jacobian8 *lanes)
{
    p256_lanes memory;
    for (int i = 0; i < FP_LIMBS; i++) {
        _mm512_storeu_si512(memory.X[i], lanes->X.limb[i]);
        _mm512_storeu_si512(memory.Z[i], lanes->Z.limb[i]);
    }
    for (int i = 0; i < count; i++)
        p256_from_lane(&sums[i], &memory, i);
}

IFMA_PART __m512i four_and_four(const int8_t a[4], const int8_t b[4])
{
    int8_t digit[8];
    memcpy(digit, a, 4);
    memcpy(digit + 4, b, 4);
    return digits8(digit);
}

/* Why `added` will do: the sum S of a lane so far is 32^(i + 4) times an odd number, the summand T
 * is at most 31 * 32^i, and |S| + |T| is below n, for digits of every fourth place with the top
 * come to 1.01 * 2^255 at most. So S is not 0, T or -T modulo n. */
IFMA void p256_combine_ifma(p256_ratio *sum, p256_multiples A, num a, num b)
{
    const p256_multiples B = {BASE_P256, &BASE_P256_TOP};
    const fp8 curve_b = fp8_all(P256_B);
    int8_t d[ALL_DIGITS], e[ALL_DIGITS];
    recode(d, a);
    recode(e, b);
    const int first = ALL_DIGITS - 4;
    affine8 q = pick_eight_rows(A, B, first, 1, four_and_four(d + first, e + first));
    jacobian8 lanes = from_affine(&q);
    for (int i = first - 4; i >= 0; i -= 4) {
        q = pick_eight_rows(A, B, i, 0, four_and_four(d + i, e + i));
        lanes = added(&lanes, &q);
    }
    lanes = homogeneous(&lanes);
    lanes = fold_lanes(&lanes, 4, &curve_b);
    lanes = fold_lanes(&lanes, 2, &curve_b);
    lanes = fold_lanes(&lanes, 1, &curve_b);
    from_lanes(sum, 1, &lanes);
}

IFMA_PART __m512i turned8(int8_t digit[8][ALL_DIGITS], int i)
{
    int8_t turned[8];
    for (int lane = 0; lane < 8; lane++)
        turned[lane] = digit[lane][i];
    return digits8(turned);
}

/* The top of each lane, or its negative */
IFMA_PART jacobian8 start(const p256_entry top, __m512i digits)
{
    __m512i entry[P256_WORDS];
    for (int j = 0; j < P256_WORDS; j++)
        entry[j] = all8(top[j / 4][j % 4]);
    affine8 p = signed8(entry, digits);
    return from_affine(&p);
}

/* `added` will do as in group_p256.c: one point after the other, from the highest digit. */
IFMA void p256_combine_eight_ifma(p256_ratio sum[8], p256_multiples A, const num a[8],
                                  const num b[8])
{
    const fp8 curve_b = fp8_all(P256_B);
    int8_t d[8][ALL_DIGITS], e[8][ALL_DIGITS];
    for (int lane = 0; lane < 8; lane++) {
        recode(d[lane], a[lane]);
        recode(e[lane], b[lane]);
    }
    jacobian8 aA = start(*A.top, turned8(d, TOP)), bB = start(BASE_P256_TOP, turned8(e, TOP));
    for (int i = TOP - 1; i >= 0; i--) {
        affine8 q = pick_one_row(A.rows[i], turned8(d, i));
        aA = added(&aA, &q);
        q = pick_one_row(BASE_P256[i], turned8(e, i));
        bB = added(&bB, &q);
    }
    aA = homogeneous(&aA);
    bB = homogeneous(&bB);
    aA = complete_sum(&aA, &bB, &curve_b);
    from_lanes(sum, 8, &aA);
}

#else

typedef int hwlock_no_p256_ifma; /* ISO C wants a declaration */

#endif
