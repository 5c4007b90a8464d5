/* The rows of a prepared key of P-256, eight side by side, with AVX-512 IFMA.
 *
 * The doublings from one row to the next are made one by one; what a row holds is computed in the
 * lane of the row, by the formulas of group_p256.c, and comes out the same to the bit.
 */
#include "group_p256.h"

#ifdef HWLOCK_IFMA

#include "point_p256_ifma.h"

/* Groups of eight rows that share an inversion: their points take 40 KB of the stack. */
enum { SHARE_GROUPS = 2, SHARE_POINTS = SHARE_GROUPS * P256_ENTRIES };

IFMA_PART fp8 fp8_of(const uint64_t limbs[FP_LIMBS][8])
{
    fp8 r;
    for (int i = 0; i < FP_LIMBS; i++)
        r.limb[i] = load8(limbs[i]);
    return r;
}

/* The odd multiples of bases below p: row_points of group_p256.c, which says why `added` will do.
 */
IFMA_PART void row_points(jacobian8 points[P256_ENTRIES], const p256_points *bases)
{
    const jacobian8 base = {fp8_of(bases->X), fp8_of(bases->Y), fp8_of(bases->Z)};
    const jacobian8 two = doubled(&base);
    const affine8 step = {two.X, two.Y};
    const fp8 scale = fp8_carry(twice(fp8_sum_of(base.Y))), square = fp8_square(scale);
    points[0].X = fp8_mul(base.X, square);                  /* 1.1 */
    points[0].Y = fp8_mul(base.Y, fp8_mul(scale, square));  /* 1.1 */
    points[0].Z = fp8_all(FP_ONE);
    for (int i = 1; i < P256_ENTRIES; i++)
        points[i] = added(&points[i - 1], &step);
    for (int i = 0; i < P256_ENTRIES; i++)
        points[i].Z = fp8_mul(points[i].Z, two.Z); /* 1.3 */
}

/* 1 / a of all lanes with one inversion: of the product of all, times all the others. */
IFMA_PART fp8 fp8_inverse(fp8 a)
{
    uint64_t lanes[4][8], form[4];
    __m512i w[4];
    const fp8 by1 = fp8_swapped(a, 1), two = fp8_mul(a, by1);
    const fp8 by2 = fp8_swapped(two, 2), four = fp8_mul(two, by2);
    const fp8 by4 = fp8_swapped(four, 4);
    fp8_store(w, fp8_mul(four, by4));
    for (int i = 0; i < 4; i++) {
        _mm512_storeu_si512(lanes[i], w[i]);
        form[i] = lanes[i][0];
    }
    p256_invert(form);
    return fp8_mul(fp8_mul(fp8_all(form), by4), fp8_mul(by2, by1));
}

IFMA_PART void write_entries(p256_row *rows, p256_entry top, int first, int entry, fp8 x, fp8 y)
{
    __m512i w[P256_WORDS];
    uint64_t words[P256_WORDS][8];
    fp8_store(w, x);
    fp8_store(w + 4, y);
    for (int j = 0; j < P256_WORDS; j++)
        _mm512_storeu_si512(words[j], w[j]);
    p256_entries_from_lanes(rows, top, words, first, entry);
}

/* The rows of `groups` groups from `first`: 1 / (Z0 .. Zk) gives 1 / Zk and 1 / (Z0 .. Zk-1). */
IFMA static void write_groups(p256_row *rows, p256_entry top, int first,
                              const p256_points *bases, int groups)
{
    jacobian8 points[SHARE_POINTS];
    fp8 product[SHARE_POINTS]; /* Z0 .. Zk */
    const int count = groups * P256_ENTRIES;
    for (int i = 0; i < groups; i++)
        row_points(points + P256_ENTRIES * i, &bases[i]);
    product[0] = points[0].Z;
    for (int k = 1; k < count; k++)
        product[k] = fp8_mul(product[k - 1], points[k].Z);
    fp8 inverse = fp8_inverse(product[count - 1]);
    for (int k = count - 1; k >= 0; k--) {
        const fp8 own = k > 0 ? fp8_mul(inverse, product[k - 1]) : inverse;
        const fp8 square = fp8_square(own);
        write_entries(rows, top, first + 8 * (k / P256_ENTRIES), k % P256_ENTRIES,
                      fp8_mul(points[k].X, square), fp8_mul(points[k].Y, fp8_mul(own, square)));
        inverse = fp8_mul(inverse, points[k].Z);
    }
}

IFMA void p256_rows_build_ifma(p256_row rows[P256_DIGITS], p256_entry top, const p256_entry p)
{
    p256_points bases[P256_BASES];
    p256_bases(bases, p);
    for (int i = 0; i < P256_BASES; i += SHARE_GROUPS)
        write_groups(rows, top, 8 * i, bases + i,
                     i + SHARE_GROUPS <= P256_BASES ? SHARE_GROUPS : P256_BASES - i);
}

#else

typedef int hwlock_no_rows_ifma; /* ISO C wants a declaration */

#endif
