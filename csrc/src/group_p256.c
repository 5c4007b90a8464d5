#include "group_p256.h"

#include "base_p256.h"
#include "field_p256.h"
#include "scalar_p256.h"

/* The b of the curve, in Montgomery form. */
static const num B =
    NUM(0xdc30061d04874834, 0xe5a220abf7212ed6, 0xacf005cd78843090, 0xd89cdf6229c4bddf);

static const num ZERO = {{0}};

static inline num mul(num a, num b)
{
    return p256_mul(a, b);
}

static inline num add(num a, num b)
{
    return mod_add(a, b, &P256_FIELD);
}

static inline num sub(num a, num b)
{
    return mod_sub(a, b, &P256_FIELD);
}

static inline num triple(num a)
{
    return add(add(a, a), a);
}

/* --- addition: Renes, Costello, Batina 2016, section 3.2 (a = -3) --- */

/* What addition and doubling share: for the summands' products xx = X1 X2 and so on, and the
 * sums xy = X1 Y2 + X2 Y1, xz, yz. */
typedef struct {
    num plus, minus; /* yy + u, yy - u with u = 3 (xz - b zz) */
    num v;           /* 3 (b xz - 3 zz - xx) */
    num w;           /* 3 (xx - zz) */
} middle;

static inline middle middle_terms(num xx, num yy, num zz, num xz)
{
    num u = triple(sub(xz, mul(B, zz)));
    num v = triple(sub(sub(mul(B, xz), triple(zz)), xx));
    middle t = {add(yy, u), sub(yy, u), v, triple(sub(xx, zz))};
    return t;
}

/* p + (x, y): algorithm 5, the summand not at infinity */
static inline p256_point added(const p256_point *p, num x, num y)
{
    num xx = mul(p->X, x), yy = mul(p->Y, y);
    num xy = sub(sub(mul(add(p->X, p->Y), add(x, y)), xx), yy);
    num yz = add(mul(y, p->Z), p->Y), xz = add(mul(x, p->Z), p->X);
    middle t = middle_terms(xx, yy, p->Z, xz);
    p256_point r = {sub(mul(xy, t.plus), mul(yz, t.v)),
                    add(mul(t.plus, t.minus), mul(t.w, t.v)),
                    add(mul(yz, t.minus), mul(xy, t.w))};
    return r;
}

/* 2 p: algorithm 6 */
static p256_point doubled(const p256_point *p)
{
    num xx = mul(p->X, p->X), yy = mul(p->Y, p->Y), zz = mul(p->Z, p->Z);
    num xy = mul(p->X, p->Y), yz = mul(p->Y, p->Z), xz = mul(p->X, p->Z);
    xy = add(xy, xy);
    yz = add(yz, yz);
    middle t = middle_terms(xx, yy, zz, add(xz, xz));
    num z4 = mul(yz, yy);
    z4 = add(z4, z4);
    p256_point r = {sub(mul(xy, t.plus), mul(yz, t.v)),
                    add(mul(t.plus, t.minus), mul(t.w, t.v)), add(z4, z4)};
    return r;
}

static void double_times(p256_point *p, int n)
{
    for (int i = 0; i < n; i++)
        *p = doubled(p);
}

/* --- sums of multiples --- */

/* Digits of the plain a or of n - a, whichever is below 2^255; returns the mask of the latter.
 * An odd n has no a with both a and n - a above. */
static uint64_t recode_small(int8_t digit[COMB_DIGITS], num a)
{
    num other;
    uint64_t w[4];
    num_sub(&other, P256_ORDER.m, a);
    uint64_t negative = ct_mask(num_less(other, a));
    num_store(w, num_select(negative, other, a));
    comb_recode(digit, w);
    return negative;
}

/* sum + digit * P of the tooth's P, or minus that */
static void add_digit(p256_point *sum, const uint64_t tooth[COMB_ENTRIES][2][4], int8_t digit,
                      uint64_t negative)
{
    uint64_t entry[2][4] = {{0}};
    uint64_t found = comb_read(&entry[0][0], &tooth[0][0][0], 8, digit);
    num x = num_load(entry[0]), y = num_load(entry[1]);
    y = num_select(ct_mask(comb_sign(digit)) ^ negative, sub(ZERO, y), y);
    p256_point r = added(sum, x, y); /* meaningless for the digit 0, and then not taken */
    sum->X = num_select(ct_mask(found), r.X, sum->X);
    sum->Y = num_select(ct_mask(found), r.Y, sum->Y);
    sum->Z = num_select(ct_mask(found), r.Z, sum->Z);
}

void p256_combine(p256_point *sum, num a, const p256_tooth A[COMB_TEETH], num b)
{
    int8_t a_digit[COMB_DIGITS], b_digit[COMB_DIGITS];
    uint64_t a_negative = recode_small(a_digit, a), b_negative = recode_small(b_digit, b);
    p256_point r = {ZERO, P256_FIELD.one, ZERO};
    for (int column = COMB_COLUMNS - 1; column >= 0; column--) {
        if (column < COMB_COLUMNS - 1)
            double_times(&r, 4);
        for (int tooth = 0; tooth < COMB_TEETH; tooth++) {
            int i = COMB_COLUMNS * tooth + column;
            add_digit(&r, A[tooth], a_digit[i], a_negative);
            add_digit(&r, BASE_P256[tooth], b_digit[i], b_negative);
        }
    }
    *sum = r;
}

/* --- building a comb --- */

enum { ALL_ENTRIES = COMB_TEETH * COMB_ENTRIES };

/* One inversion for all: 1 / (Z0 .. Zk) gives 1 / Zk and 1 / (Z0 .. Zk-1). No Z is 0: the order
 * is a prime, and every multiple here is below it. */
static void make_affine(p256_point *points, int count)
{
    num product[ALL_ENTRIES]; /* Z0 .. Zk */
    product[0] = points[0].Z;
    for (int k = 1; k < count; k++)
        product[k] = mul(product[k - 1], points[k].Z);
    num inverse = mont_invert(product[count - 1], &P256_FIELD);
    for (int k = count - 1; k >= 0; k--) {
        num own = k > 0 ? mul(inverse, product[k - 1]) : inverse;
        inverse = mul(inverse, points[k].Z);
        points[k].X = mul(points[k].X, own);
        points[k].Y = mul(points[k].Y, own);
        points[k].Z = P256_FIELD.one;
    }
}

void p256_comb_build(p256_tooth comb[COMB_TEETH], const p256_point *p)
{
    p256_point base[COMB_TEETH], points[ALL_ENTRIES];
    base[0] = *p;
    for (int t = 1; t < COMB_TEETH; t++) {
        base[t] = base[t - 1];
        double_times(&base[t], 4 * COMB_COLUMNS);
    }
    make_affine(base, COMB_TEETH);
    for (int k = 0; k < ALL_ENTRIES; k++) {
        const p256_point *own = &base[k / COMB_ENTRIES];
        points[k] = k % COMB_ENTRIES == 0 ? *own : added(&points[k - 1], own->X, own->Y);
    }
    make_affine(points, ALL_ENTRIES);
    for (int k = 0; k < ALL_ENTRIES; k++) {
        num_store(comb[k / COMB_ENTRIES][k % COMB_ENTRIES][0], points[k].X);
        num_store(comb[k / COMB_ENTRIES][k % COMB_ENTRIES][1], points[k].Y);
    }
}

/* --- bytes and questions --- */

uint64_t p256_decode(p256_point *p, const uint8_t bytes[64])
{
    num x = num_from_be(bytes), y = num_from_be(bytes + 32);
    uint64_t good = num_less(x, P256_FIELD.m) & num_less(y, P256_FIELD.m);
    x = mont_enter(x, &P256_FIELD);
    y = mont_enter(y, &P256_FIELD);
    num right = add(sub(mul(mul(x, x), x), triple(x)), B);
    good &= num_equal(mul(y, y), right);
    p->X = num_select(ct_mask(good), x, num_load(BASE_P256[0][0][0]));
    p->Y = num_select(ct_mask(good), y, num_load(BASE_P256[0][0][1]));
    p->Z = P256_FIELD.one;
    return good;
}

uint64_t p256_has_x(const p256_point *p, num r)
{
    num above; /* r + n, the only other x with x = r modulo n, as p < 2 n */
    uint64_t above_fits = 1 ^ num_add(&above, r, P256_ORDER.m);
    above_fits &= num_less(above, P256_FIELD.m);
    uint64_t is_r = num_equal(p->X, mul(mont_enter(r, &P256_FIELD), p->Z));
    uint64_t is_above = num_equal(p->X, mul(mont_enter(above, &P256_FIELD), p->Z));
    return (is_r | (is_above & above_fits)) & (1 ^ num_is_zero(p->Z));
}
