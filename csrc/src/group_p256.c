#include "group_p256.h"

#include "base_p256.h"
#include "field_p256.h"
#include "table.h"

/* The form of the b of the curve */
const uint64_t P256_B[4] = {0x89cdf6229c4bddfd, 0xcf005cca8843090d, 0x5a220abf7212ed6a,
                              0xc30061dd48748341};

/* Jacobian coordinates x = X / Z^2, y = Y / Z^3; Z = 0 is infinity. X is weak, Y and Z small
 * (field_p256.h), whose unit U the bounds below count in. */
typedef struct {
    fp X, Y, Z;
} jacobian;

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

/* sum + digit i of a, of the multiples in the row: the digit is 2 (bits 5 i + 1 .. 5 i + 5) - 31.
 *
 * Why `added` will do: as an integer, the sum S so far is an odd multiple of 32^(i + 1) with
 * 0 < S < n + 32^(i + 1), a = S + T + less than 32^i, and T = d 32^i is smaller than S. What it
 * cannot do is S = T modulo n, which is S - T = n here. Then 32^i divides n, so i = 0 and
 * a = n + 2 d; and d = (a mod 64) - 32, with n mod 64 = 17, gives d = 15 and a > n: no. */
static inline void add_digit(jacobian *sum, const p256_row row, const odd *a, int i)
{
    int bit = 5 * i + 1, word_at = bit / 64, shift = bit % 64;
    uint64_t window = a->w[word_at] >> shift;
    if (shift > 59)
        window |= a->w[word_at + 1] << (64 - shift);
    uint64_t negative = ct_mask(1 ^ (window >> 4 & 1));
    p256_entry entry;
    table_read(entry[0], &row[0][0], P256_ENTRIES, P256_WORDS, (window ^ negative) & 15);
    *sum = added(sum, fp_load(entry[0]), fp_negate_if(negative, fp_load(entry[1])));
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

/* [a]A + [b]B as two points, digit by digit from the highest. */
static void multiply(jacobian *aA, jacobian *bB, p256_multiples A, num a, num b)
{
    odd a_odd = odd_of(a), b_odd = odd_of(b);
    *aA = A.top != NULL ? from_entry(*A.top) : from_row(A.rows[0]);
    *bB = from_entry(BASE_P256_TOP);
    for (int i = P256_DIGITS - 1; i >= 0; i--) {
        if (A.top == NULL)
            double_times(aA, 5);
        add_digit(aA, A.rows[A.top != NULL ? i : 0], &a_odd, i);
        add_digit(bB, BASE_P256[i], &b_odd, i);
    }
    aA->Y = fp_negate_if(a_odd.negative, aA->Y);
    bB->Y = fp_negate_if(b_odd.negative, bB->Y);
}

/* --- the last addition: Renes, Costello, Batina 2016, section 3.2 (a = -3), algorithm 4 --- */

/* Homogeneous coordinates x = X / Z, y = Y / Z; infinity is 0, 1, 0. */
static jacobian homogeneous(const jacobian *p)
{
    jacobian r = {fp_mul(p->X, p->Z), p->Y, fp_mul(p->Z, fp_square(p->Z))};
    return r;
}

/* a2 b1 + a1 b2 from (a1 + b1) (a2 + b2) and the other two products; weak */
static inline fp cross(fp a1, fp b1, fp a2, fp b2, fp aa, fp bb)
{
    return fp_weak(fp_sub(fp_sub(fp_mul(fp_add(a1, b1), fp_add(a2, b2)), aa), bb));
}

/* X and Z of the sum of any two points. */
static void complete_sum(fp *X, fp *Z, const jacobian *p_jacobian, const jacobian *q_jacobian)
{
    jacobian p = homogeneous(p_jacobian), q = homogeneous(q_jacobian);
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
    jacobian aA, bB;
    multiply(&aA, &bB, A, a, b);
    complete_sum(&sum->X, &sum->Z, &aA, &bB);
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

#ifdef HWLOCK_IFMA

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
enum { SHARE_ROWS = 17, SHARE_POINTS = SHARE_ROWS * P256_ENTRIES };

static void write_entry(p256_entry entry, const jacobian *p, fp inverse)
{
    fp square = fp_square(inverse);
    fp_store(entry[0], fp_mul(p->X, square));
    fp_store(entry[1], fp_mul(p->Y, fp_mul(inverse, square)));
}

/* Write all, at most SHARE_POINTS: 1 / (Z0 .. Zk) gives 1 / Zk and 1 / (Z0 .. Zk-1). No Z is 0:
 * the order is a prime, and every multiple here is below it. */
static void write_rows(p256_row *rows, const jacobian *points, int count)
{
    fp product[SHARE_POINTS]; /* Z0 .. Zk */
    product[0] = points[0].Z;
    for (int k = 1; k < count; k++)
        product[k] = fp_mul(product[k - 1], points[k].Z);
    fp inverse = fp_invert(product[count - 1]);
    for (int k = count - 1; k >= 0; k--) {
        p256_entry entry;
        write_entry(entry, &points[k], k > 0 ? fp_mul(inverse, product[k - 1]) : inverse);
        for (int j = 0; j < P256_WORDS; j++)
            rows[k / P256_ENTRIES][j][k % P256_ENTRIES] = entry[j / 4][j % 4];
        inverse = fp_mul(inverse, points[k].Z);
    }
}

/* The odd multiples of a base that is not infinity; the base becomes 32 times itself.
 *
 * `added` wants 2 P affine. With its Z for a unit it is: (X, Y) of 2 P = (X, Y, Z) lie on the
 * curve y^2 = x^3 + a Z^4 x + b Z^6, where P is (x (2y)^2, y (2y)^3) as Z = 2 y of the base's
 * own Z; `added` asks for neither a nor b. In the end each Z is counted in the true unit. */
static void row_points(jacobian points[P256_ENTRIES], jacobian *base)
{
    jacobian twice = doubled(base);
    fp scale = fp_add(base->Y, base->Y), square = fp_square(scale);
    points[0].X = fp_weak(fp_mul(base->X, square));
    points[0].Y = fp_mul(base->Y, fp_mul(scale, square));
    points[0].Z = fp_load(FP_ONE);
    for (int j = 1; j < P256_ENTRIES; j++)
        points[j] = added(&points[j - 1], twice.X, twice.Y);
    for (int j = 0; j < P256_ENTRIES; j++)
        points[j].Z = fp_mul(points[j].Z, twice.Z);
    double_times(&twice, 4);
    *base = twice;
}

void p256_row_build(p256_row row, const p256_entry p)
{
    jacobian points[P256_ENTRIES], base = from_entry(p);
    row_points(points, &base);
    write_rows((p256_row *)row, points, P256_ENTRIES);
}

void p256_rows_build(p256_row rows[P256_DIGITS], p256_entry top, const p256_entry p)
{
    jacobian points[SHARE_POINTS], base = from_entry(p);
    for (int i = 0; i < P256_DIGITS; i += SHARE_ROWS) {
        for (int j = 0; j < SHARE_ROWS; j++)
            row_points(points + P256_ENTRIES * j, &base);
        write_rows(rows + i, points, SHARE_POINTS);
    }
    write_entry(top, &base, fp_invert(base.Z));
}

#ifdef HWLOCK_IFMA

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
