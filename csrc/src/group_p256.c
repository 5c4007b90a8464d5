#include "group_p256.h"

#ifndef HWLOCK_FIELD_MULX
#include "base_p256.h"
#endif
#include "field_p256.h"
#include "table.h"

#ifndef HWLOCK_FIELD_MULX
/* The form of the b of the curve */
const uint64_t P256_B[4] = {0x89cdf6229c4bddfd, 0xcf005cca8843090d, 0x5a220abf7212ed6a,
                              0xc30061dd48748341};
#endif

/* Jacobian coordinates x = X / Z^2, y = Y / Z^3; Z = 0 is infinity. X is weak, Y and Z small
 * (field_p256.h), whose unit U the bounds below count in. */
typedef struct {
    fp X, Y, Z;
} jacobian;

/* x and y, both weak */
typedef struct {
    fp x, y;
} affine;

/* --- short formulas --- */

/* p + (x, y), for weak x, y and p neither infinity nor (x, y). For -(x, y) it gives infinity. */
static inline jacobian added(const jacobian *p, fp x, fp y)
{
    fp zz = fp_square(p->Z);
    fp h = fp_sub(fp_mul(x, zz), p->X);                /* <= 1.2 + 1.1 */
    fp r = fp_sub(fp_mul(y, fp_mul(p->Z, zz)), p->Y);  /* <= 1.2 + 2 */
    fp hh = fp_square(h), hhh = fp_mul(h, hh), v = fp_mul(p->X, hh); /* <= 1.4, 1.3, 1.1 */
    jacobian sum;
    sum.X = fp_weak(fp_sub(fp_sub(fp_square(r), hhh), fp_add(v, v)));
    sum.Y = fp_mul_sub(r, fp_sub(v, sum.X), p->Y, hhh); /* of <= 3.2 * 2.2 + 2 * 1.3 */
    sum.Z = fp_mul(p->Z, h);
    return sum;
}

/* x = X / ZZ, y = Y / ZZZ, where ZZ^3 = ZZZ^2: for sums without doublings. X is weak, the others
 * small. ZZ and ZZZ are held as parts of FP_ENTRY_SCALE, which meet it in x ZZ and y ZZZ. */
typedef struct {
    fp X, Y, ZZ, ZZZ;
} extended;

/* The same as `added`: a squaring less. */
static inline extended extended_added(const extended *p, fp x, fp y)
{
    fp h = fp_sub(fp_mul(x, p->ZZ), p->X), r = fp_sub(fp_mul(y, p->ZZZ), p->Y); /* 2.3, 3.2 */
    fp hh = fp_square(h), hhh = fp_mul(h, hh), v = fp_mul(p->X, hh); /* <= 1.4, 1.3, 1.1 */
    extended sum;
    sum.X = fp_weak(fp_sub(fp_sub(fp_square(r), hhh), fp_add(v, v)));
    sum.Y = fp_mul_sub(r, fp_sub(v, sum.X), p->Y, hhh); /* of <= 3.2 * 2.2 + 2 * 1.3 */
    sum.ZZ = fp_mul(p->ZZ, hh);
    sum.ZZZ = fp_mul(p->ZZZ, hhh);
    return sum;
}

/* 2 p (a = -3: X^2 - Z^4 is a product), for any p */
static inline jacobian doubled(const jacobian *p)
{
    fp zz = fp_square(p->Z), yy = fp_square(p->Y), xyy = fp_mul(p->X, yy); /* <= 1.3, 1.3, 1.1 */
    fp slope = fp_times(fp_mul(fp_sub(p->X, zz), fp_add(p->X, zz)), 3);   /* <= 4.2 */
    fp four = fp_times(xyy, 4);
    jacobian twice;
    twice.X = fp_weak(fp_sub(fp_square(slope), fp_add(four, four)));
    twice.Y = fp_weak(fp_mul_sub(slope, fp_sub(four, twice.X), fp_times(yy, 8), yy));
    twice.Z = fp_mul(fp_add(p->Y, p->Y), p->Z);
    return twice;
}

static inline void double_times(jacobian *p, int n)
{
    for (int i = 0; i < n; i++)
        *p = doubled(p);
}

/* --- multiples --- */

/* An odd number, and whether the one wanted is its negative modulo the order. */
typedef struct {
    uint64_t w[4];
    uint64_t negative; /* a mask */
} odd;

/* a or n - a: n is odd, so one of them is. 0 becomes n. */
static odd odd_of(num a)
{
    odd r;
    num other;
    num_sub(&other, P256_ORDER.m, a);
    r.negative = ct_mask(1 ^ (a.w[0] & 1));
    num_store(r.w, num_select(r.negative, other, a));
    return r;
}

/* Digit i of a, of the multiples in the row; returns a mask, whether it is negative: the digit is 2 (bits 5 i + 1 .. 5 i + 5) - 31.
 *
 * Why `added` and `extended_added` will do: as an integer, the sum S so far is an odd multiple of 32^(i + 1) with
 * 0 < S < n + 32^(i + 1), a = S + T + less than 32^i, and T = d 32^i is smaller than S. What it
 * cannot do is S = T modulo n, which is S - T = n here. Then 32^i divides n, so i = 0 and
 * a = n + 2 d; and d = (a mod 64) - 32, with n mod 64 = 17, gives d = 15 and a > n: no. */
static inline uint64_t read_digit(p256_entry entry, const p256_row row, const odd *a, int i)
{
    int bit = 5 * i + 1, word_at = bit / 64, shift = bit % 64;
    uint64_t window = a->w[word_at] >> shift;
    if (shift > 59)
        window |= a->w[word_at + 1] << (64 - shift);
    uint64_t negative = ct_mask(1 ^ (window >> 4 & 1));
    table_read(entry[0], &row[0][0], P256_ENTRIES, P256_WORDS, (window ^ negative) & 15);
    return negative;
}

static inline void add_digit(extended *sum, const p256_row row, const odd *a, int i)
{
    p256_entry entry;
    uint64_t negative = read_digit(entry, row, a, i);
    *sum = extended_added(sum, fp_entry(entry[0]), fp_negate_if(negative, fp_entry(entry[1])));
}

static jacobian from_entry(const p256_entry entry)
{
    jacobian p = {fp_load(entry[0]), fp_load(entry[1]), fp_load(FP_ONE)};
    return p;
}

/* The first one, P itself. */
static jacobian from_row(const p256_row row)
{
    p256_entry entry;
    for (int j = 0; j < P256_WORDS; j++)
        entry[j / 4][j % 4] = row[j][0];
    return from_entry((const uint64_t(*)[4])entry);
}

static extended from_top(const p256_entry top)
{
    extended p = {fp_load(top[0]), fp_load(top[1]), fp_entry_unit(), fp_entry_unit()};
    return p;
}

/* [a]A and [b]B, digit by digit from the highest. Both at a time: neither waits for the other. */
static void multiply_two(extended *aA, extended *bB, p256_multiples A, const odd *a, const odd *b)
{
    *aA = from_top(*A.top);
    *bB = from_top(BASE_P256_TOP);
    for (int i = P256_DIGITS - 1; i >= 0; i--) {
        add_digit(aA, A.rows[i], a, i);
        add_digit(bB, BASE_P256[i], b, i);
    }
}

/* The same where A has one row. */
static void multiply_row(jacobian *aA, extended *bB, const p256_row row, const odd *a,
                         const odd *b)
{
    *aA = from_row(row);
    *bB = from_top(BASE_P256_TOP);
    for (int i = P256_DIGITS - 1; i >= 0; i--) {
        double_times(aA, 5);
        p256_entry entry;
        uint64_t negative = read_digit(entry, row, a, i);
        *aA = added(aA, fp_load(entry[0]), fp_negate_if(negative, fp_load(entry[1])));
        add_digit(bB, BASE_P256[i], b, i);
    }
}

/* --- the last addition: Renes, Costello, Batina 2016, section 3.2 (a = -3), algorithm 4 --- */

/* x = X / Z, y = Y / Z; infinity is 0, 1, 0. All small. */
typedef struct {
    fp X, Y, Z;
} homogeneous;

static homogeneous from_jacobian(const jacobian *p, uint64_t negative)
{
    homogeneous r = {fp_mul(p->X, p->Z), fp_negate_if(negative, p->Y),
                     fp_mul(p->Z, fp_square(p->Z))};
    return r;
}

static homogeneous from_extended(const extended *p, uint64_t negative)
{
    uint64_t infinite = ct_mask(fp_is_zero(p->ZZ));
    fp Y = fp_mul(fp_negate_if(negative, p->Y), p->ZZ);
    homogeneous r = {fp_mul(p->X, p->ZZZ), fp_select(infinite, fp_load(FP_ONE), Y),
                     fp_times(fp_mul(p->ZZ, p->ZZZ), FP_ENTRY_SCALE)};
    return r;
}

/* a2 b1 + a1 b2 from (a1 + b1) (a2 + b2) and the other two products; weak */
static inline fp cross(fp a1, fp b1, fp a2, fp b2, fp aa, fp bb)
{
    return fp_weak(fp_sub(fp_sub(fp_mul(fp_add(a1, b1), fp_add(a2, b2)), aa), bb));
}

/* X and Z of the sum of any two points. */
static void complete_sum(fp *X, fp *Z, homogeneous p, homogeneous q)
{
    fp b = fp_load(P256_B), xx = fp_mul(p.X, q.X), yy = fp_mul(p.Y, q.Y), zz = fp_mul(p.Z, q.Z);
    fp xy = cross(p.X, p.Y, q.X, q.Y, xx, yy);
    fp yz = cross(p.Y, p.Z, q.Y, q.Z, yy, zz);
    fp xz = cross(p.X, p.Z, q.X, q.Z, xx, zz);
    fp u = fp_weak(fp_times(fp_sub(xz, fp_mul(b, zz)), 3));
    fp v = fp_weak(fp_times(fp_sub(fp_sub(fp_mul(b, xz), fp_times(zz, 3)), xx), 3));
    fp w = fp_weak(fp_times(fp_sub(zz, xx), 3));
    *X = fp_mul_sub(xy, fp_add(yy, u), yz, v);
    *Z = fp_mul_sub(yz, fp_sub(yy, u), xy, w);
}

void p256_combine(p256_ratio *sum, p256_multiples A, num a, num b)
{
    odd a_odd = odd_of(a), b_odd = odd_of(b);
    extended aA, bB;
    jacobian aA_row;
    homogeneous p;
    if (A.top != NULL) {
        multiply_two(&aA, &bB, A, &a_odd, &b_odd);
        p = from_extended(&aA, a_odd.negative);
    } else {
        multiply_row(&aA_row, &bB, A.rows[0], &a_odd, &b_odd);
        p = from_jacobian(&aA_row, a_odd.negative);
    }
    complete_sum(&sum->X, &sum->Z, p, from_extended(&bB, b_odd.negative));
}

uint64_t p256_has_x(const p256_ratio *point, num r)
{
    num above; /* r + n, the only other x with x = r modulo n, as p < 2 n */
    uint64_t above_fits = 1 ^ num_add(&above, r, P256_ORDER.m);
    above_fits &= num_less(above, P256_FIELD.m);
    fp X = point->X, Z = point->Z;
    uint64_t is_r = fp_is_zero(fp_sub(X, fp_mul(fp_from_num(r), Z)));
    uint64_t is_above = fp_is_zero(fp_sub(X, fp_mul(fp_from_num(above), Z)));
    return (is_r | (is_above & above_fits)) & (1 ^ fp_is_zero(Z));
}

#if defined(HWLOCK_IFMA) && !defined(HWLOCK_FIELD_MULX)

void p256_from_lane(p256_ratio *sum, const p256_lanes *lanes, int lane)
{
    for (int i = 0; i < FP_LIMBS; i++) {
        sum->X.limb[i] = lanes->X[i][lane];
        sum->Z.limb[i] = lanes->Z[i][lane];
    }
}

#endif

/* --- building tables --- */

/* Rows that share an inversion; their points take 43 KB of the stack. */
/* For every digit 32^i P and its double, and the top */
enum { CHAIN = 2 * P256_DIGITS + 1 };

/* Each becomes its inverse, with one inversion: 1 / (a0 .. ak) gives 1 / ak and 1 / (a0 .. ak-1).
 * CHAIN at most, small, none of them 0. */
static void invert_all(fp *a, int count)
{
    fp product[CHAIN]; /* a0 .. ak */
    product[0] = a[0];
    for (int k = 1; k < count; k++)
        product[k] = fp_mul(product[k - 1], a[k]);
    fp inverse = fp_invert(product[count - 1]);
    for (int k = count - 1; k > 0; k--) {
        fp own = fp_mul(inverse, product[k - 1]);
        inverse = fp_mul(inverse, a[k]);
        a[k] = own;
    }
    a[0] = inverse;
}

/* No Z is 0: the order is a prime, and every multiple here is below it. */
static void make_affine(affine *result, const jacobian *points, int count)
{
    fp inverse[CHAIN];
    for (int k = 0; k < count; k++)
        inverse[k] = points[k].Z;
    invert_all(inverse, count);
    for (int k = 0; k < count; k++) {
        fp square = fp_square(inverse[k]);
        result[k].x = fp_weak(fp_mul(points[k].X, square));
        result[k].y = fp_weak(fp_mul(points[k].Y, fp_mul(inverse[k], square)));
    }
}

static void write_entry(p256_row row, int j, const affine *p)
{
    uint64_t entry[P256_WORDS];
    fp_store(entry, p->x);
    fp_store(entry + 4, p->y);
    for (int i = 0; i < P256_WORDS; i++)
        row[i][j] = entry[i];
}

/* The odd multiples of p.
 *
 * `added` wants 2 P affine. With its Z for a unit it is: (X, Y) of 2 P = (X, Y, Z) lie on the
 * curve y^2 = x^3 + a Z^4 x + b Z^6, where P is (x (2y)^2, y (2y)^3) as Z = 2 y; `added` asks for
 * neither a nor b. In the end each Z is counted in the true unit. */
static void row_points(jacobian points[P256_ENTRIES], const p256_entry p)
{
    jacobian base = from_entry(p), twice = doubled(&base);
    fp scale = fp_add(base.Y, base.Y), square = fp_square(scale);
    points[0].X = fp_weak(fp_mul(base.X, square));
    points[0].Y = fp_mul(base.Y, fp_mul(scale, square));
    points[0].Z = fp_load(FP_ONE);
    for (int j = 1; j < P256_ENTRIES; j++)
        points[j] = added(&points[j - 1], twice.X, twice.Y);
    for (int j = 0; j < P256_ENTRIES; j++)
        points[j].Z = fp_mul(points[j].Z, twice.Z);
}

void p256_row_build(p256_row row, const p256_entry p)
{
    jacobian points[P256_ENTRIES];
    affine multiples[P256_ENTRIES];
    row_points(points, p);
    make_affine(multiples, points, P256_ENTRIES);
    for (int j = 0; j < P256_ENTRIES; j++)
        write_entry(row, j, &multiples[j]);
}

/* p + q, for the inverse of x(q) - x(p) */
static inline affine affine_sum(const affine *p, const affine *q, fp inverse)
{
    fp slope = fp_mul(fp_sub(q->y, p->y), inverse); /* <= 1.3 */
    affine sum;
    sum.x = fp_weak(fp_sub(fp_square(slope), fp_add(p->x, q->x)));
    sum.y = fp_weak(fp_sub(fp_mul(slope, fp_sub(p->x, sum.x)), p->y));
    return sum;
}

/* Add 2 * 32^i P to the last entry of every row i, with one inversion. No difference of x is 0:
 * j 32^i P is not +-2 * 32^i P for an odd j below 31. */
static void grow_rows(affine multiple[CHAIN])
{
    fp inverse[P256_DIGITS];
    for (int i = 0; i < P256_DIGITS; i++)
        inverse[i] = fp_sub(multiple[2 * i + 1].x, multiple[2 * i].x);
    invert_all(inverse, P256_DIGITS);
    for (int i = 0; i < P256_DIGITS; i++)
        multiple[2 * i] = affine_sum(&multiple[2 * i], &multiple[2 * i + 1], inverse[i]);
}

/* All rows grow together, so that the additions can be affine: 6 multiplications for an entry,
 * where a Jacobian one, made affine, takes 18. */
void p256_rows_build(p256_row rows[P256_DIGITS], p256_entry top, const p256_entry p)
{
    jacobian points[CHAIN];
    affine multiple[CHAIN]; /* for row i: the last entry, and 2 * 32^i P */
    points[0] = from_entry(p);
    for (int k = 1; k < CHAIN; k++) {
        points[k] = points[k - 1];
        double_times(&points[k], k % 2 == 1 ? 1 : 4);
    }
    make_affine(multiple, points, CHAIN);
    for (int j = 0; j < P256_ENTRIES; j++) {
        if (j > 0)
            grow_rows(multiple);
        for (int i = 0; i < P256_DIGITS; i++)
            write_entry(rows[i], j, &multiple[2 * i]);
    }
    fp_store(top[0], multiple[CHAIN - 1].x);
    fp_store(top[1], multiple[CHAIN - 1].y);
}

#if defined(HWLOCK_IFMA) && !defined(HWLOCK_FIELD_MULX)

static void to_lane(uint64_t limbs[FP_LIMBS][8], int lane, fp a)
{
    uint64_t w[4];
    fp_store(w, a);
    const fp r = fp_load(w);
    for (int i = 0; i < FP_LIMBS; i++)
        limbs[i][lane] = (uint64_t)r.limb[i];
}

void p256_bases(p256_points bases[P256_BASES], const p256_entry p)
{
    const jacobian first = from_entry(p);
    jacobian base = first;
    for (int i = 0; i < 8 * P256_BASES; i++) {
        p256_points *eight = &bases[i / 8];
        to_lane(eight->X, i % 8, base.X);
        to_lane(eight->Y, i % 8, base.Y);
        to_lane(eight->Z, i % 8, base.Z);
        if (i < P256_DIGITS)
            double_times(&base, 5);
        else
            base = first;
    }
}

void p256_entries_from_lanes(p256_row *rows, p256_entry top, uint64_t words[P256_WORDS][8],
                             int first, int entry)
{
    for (int lane = 0; lane < 8 && first + lane <= P256_DIGITS; lane++)
        for (int j = 0; j < P256_WORDS; j++) {
            if (first + lane < P256_DIGITS)
                rows[first + lane][j][entry] = words[j][lane];
            else if (entry == 0)
                top[j / 4][j % 4] = words[j][lane];
        }
}

void p256_invert(uint64_t form[4])
{
    fp_store(form, fp_invert(fp_load(form)));
}

#endif

/* --- bytes --- */

uint64_t p256_decode(p256_entry p, const uint8_t bytes[64])
{
    num x_plain = num_from_be(bytes), y_plain = num_from_be(bytes + 32);
    uint64_t good = num_less(x_plain, P256_FIELD.m) & num_less(y_plain, P256_FIELD.m);
    fp x = fp_from_num(x_plain), y = fp_from_num(y_plain);
    fp cubic = fp_sub(fp_mul(fp_square(x), x), fp_times(x, 3));
    good &= fp_is_zero(fp_sub(fp_add(cubic, fp_load(P256_B)), fp_square(y)));
    jacobian base = from_row(BASE_P256[0]);
    x = fp_select(ct_mask(good), x, base.X);
    y = fp_select(ct_mask(good), y, base.Y);
    fp_store(p[0], x);
    fp_store(p[1], y);
    return good;
}

uint64_t p256_row_begins(const p256_row row, const uint8_t bytes[64])
{
    p256_entry p;
    uint64_t different = 0, good = p256_decode(p, bytes);
    for (int j = 0; j < P256_WORDS; j++)
        different |= p[j / 4][j % 4] ^ row[j][0];
    return good & ct_is_zero(different);
}
