#include "group25519.h"

#ifndef HWLOCK_FIELD_MULX
#include "base25519.h"
#endif
#include "hwlock.h"
#include "scalar25519.h"
#include "table.h"

/* d = -121665 / 121666 */
static const fe D = FE_CONSTANT(UINT64_C(0x75eb4dca135978a3), UINT64_C(0x00700a4d4141d8ab),
                                UINT64_C(0x8cc740797779e898), UINT64_C(0x52036cee2b6ffe73));

const fe POINT_2D = FE_CONSTANT(UINT64_C(0xebd69b9426b2f159), UINT64_C(0x00e0149a8283b156),
                                UINT64_C(0x198e80f2eef3d130), UINT64_C(0x2406d9dc56dffce7));

/* A square root of -1: 2^((p - 1) / 4) */
static const fe ROOT_MINUS_ONE =
    FE_CONSTANT(UINT64_C(0xc4ee1b274a0ea0b0), UINT64_C(0x2f431806ad2fe478),
                UINT64_C(0x2b4d00993dfbd7a7), UINT64_C(0x2b8324804fc1df0b));

/* An affine summand: y + x, y - x, 2dxy; loose. */
typedef struct {
    fe plus, minus, product;
} summand;

static point identity(void)
{
    point p = {FE_ZERO, FE_ONE, FE_ONE, FE_ZERO};
    return p;
}

/* (E : F, G : H) -> E F, G H, F G, E H. Without T where only doublings follow. */
static inline point complete(fe E, fe F, fe G, fe H, int with_T)
{
    point p = {fe_mul(E, F), fe_mul(G, H), fe_mul(F, G), FE_ZERO};
    if (with_T)
        p.T = fe_mul(E, H);
    return p;
}

/* Hisil, Wong, Carter, Dawson 2008, section 3.3, for a = -1. Reads no T. */
static inline point doubled(const point *p, int with_T)
{
    fe A = fe_square(p->X), B = fe_square(p->Y), C = fe_square(p->Z);
    fe H = fe_add(A, B);
    fe E = fe_sub(H, fe_square(fe_add(p->X, p->Y)));
    fe G = fe_sub(A, B);
    fe F = fe_add_loose(fe_add(C, C), G); /* limbs < 2^52 + 2^51 + 2^53 + 2^15: loose */
    return complete(E, F, G, H, with_T);
}

static void double_times(point *p, int n)
{
    for (int i = 1; i < n; i++)
        *p = doubled(p, 0);
    *p = doubled(p, 1);
}

/* p + q, Hisil, Wong, Carter, Dawson 2008, section 3.1; ZZ is the product of both Z. */
static inline point added(const point *p, const summand *q, fe ZZ)
{
    fe A = fe_mul(fe_sub(p->Y, p->X), q->minus);
    fe B = fe_mul(fe_add(p->Y, p->X), q->plus);
    fe C = fe_mul(p->T, q->product);
    fe twice = fe_add(ZZ, ZZ);
    return complete(fe_sub(B, A), fe_sub(twice, C), fe_add_loose(twice, C),
                    fe_add(B, A), 1);
}

/* --- sums of multiples --- */

/* digit * P of the tooth's P */
static inline summand comb_summand(const comb_tooth tooth, int8_t digit)
{
    uint64_t entry[COMB_WORDS], sign = ct_mask(comb_sign(digit));
    uint64_t size = ((uint64_t)(int64_t)digit ^ sign) - sign, none = ct_is_zero(size);
    table_read(entry, &tooth[0][0], COMB_ENTRIES, COMB_WORDS, size - 1);
    entry[0] |= none; /* the identity: 1, 1, 0 */
    entry[4] |= none;
    for (int j = 0; j < 4; j++) { /* -(x, y) = (-x, y) */
        uint64_t other = sign & (entry[j] ^ entry[j + 4]);
        entry[j] ^= other;
        entry[j + 4] ^= other;
    }
    summand q = {fe_load(entry), fe_load(entry + 4), fe_negate_if(sign, fe_load(entry + 8))};
    return q;
}

static void add_digit(point *sum, const comb_tooth tooth, int8_t digit)
{
    summand q = comb_summand(tooth, digit);
    *sum = added(sum, &q, sum->Z);
}

void point_combine(point *sum, const int8_t a[COMB_DIGITS], comb25519 A,
                   const int8_t b[COMB_DIGITS])
{
    const int columns = COMB_DIGITS / A.teeth;
    *sum = identity();
    for (int column = columns - 1; column >= 0; column--) {
        if (column < columns - 1)
            double_times(sum, 4);
        for (int tooth = 0; tooth < A.teeth; tooth++)
            add_digit(sum, A.tooth[tooth], a[columns * tooth + column]);
    }
    for (int tooth = 0; tooth < COMB_TEETH; tooth++)
        add_digit(sum, BASE25519[tooth], b[tooth]);
}

void point_multiply_vartime(point *product, const int8_t a[COMB_DIGITS], comb25519 A)
{
    const int columns = COMB_DIGITS / A.teeth;
    *product = identity();
    for (int column = columns - 1; column >= 0; column--) {
        double_times(product, 4);
        for (int tooth = 0; tooth < A.teeth; tooth++)
            if (a[columns * tooth + column] != 0)
                add_digit(product, A.tooth[tooth], a[columns * tooth + column]);
    }
}

#if defined(HWLOCK_IFMA) && !defined(HWLOCK_FIELD_MULX)

static fe from_lane(const uint64_t limbs[FE_LIMBS][8], int lane)
{
    fe r;
    for (int i = 0; i < FE_LIMBS; i++)
        r.limb[i] = limbs[i][lane];
    return r;
}

/* The two are twice Y and X together, so Z and T are taken twice too. */
void point_from_lane(point *p, const point_lanes *lanes, int lane)
{
    static const fe two = {{2}};
    fe plus = from_lane(lanes->plus, lane), minus = from_lane(lanes->minus, lane);
    p->X = fe_mul(fe_sub(plus, minus), FE_ONE);
    p->Y = fe_mul(fe_add(plus, minus), FE_ONE);
    p->Z = fe_mul(from_lane(lanes->Z, lane), two);
    p->T = fe_mul(from_lane(lanes->T, lane), two);
}

void words25519_invert(uint64_t a[4])
{
    fe_store(a, fe_invert(fe_load(a)));
}

#endif

/* --- building a comb --- */

/* Points that share an inversion: with their products they take 26 KB of the stack. */
enum { SHARE_TEETH = 16, SHARE_POINTS = SHARE_TEETH * COMB_ENTRIES };

/* Entry i of a tooth from its point and 1 / Z. */
static void write_entry(comb_tooth tooth, int i, const point *p, fe inverse)
{
    fe x = fe_mul(p->X, inverse), y = fe_mul(p->Y, inverse);
    fe third[3] = {fe_add(y, x), fe_sub(y, x), fe_mul(fe_mul(x, y), POINT_2D)};
    for (int j = 0; j < COMB_WORDS; j += 4) {
        uint64_t w[4];
        fe_store(w, third[j / 4]);
        for (int k = 0; k < 4; k++)
            tooth[j + k][i] = w[k];
    }
}

/* One inversion for all: 1 / (Z0 .. Zk) gives 1 / Zk and 1 / (Z0 .. Zk-1). No Z is 0. */
static void write_entries(comb_tooth *comb, const point *points, int count)
{
    fe product[SHARE_POINTS]; /* Z0 .. Zk */
    fe all = FE_ONE;
    for (int k = 0; k < count; k++)
        product[k] = all = fe_mul(all, points[k].Z);
    fe inverse = fe_invert(all);
    for (int k = count - 1; k >= 0; k--) {
        fe own = k > 0 ? fe_mul(inverse, product[k - 1]) : inverse;
        write_entry(comb[k / COMB_ENTRIES], k % COMB_ENTRIES, &points[k], own);
        inverse = fe_mul(inverse, points[k].Z);
    }
}

/* base, 2 base .. 8 base; base becomes 8 times itself. */
static void tooth_points(point points[COMB_ENTRIES], point *base)
{
    const summand q = {fe_add(base->Y, base->X), fe_sub(base->Y, base->X), fe_mul(base->T, POINT_2D)};
    points[0] = *base;
    points[1] = doubled(base, 1);
    for (int i = 2; i < COMB_ENTRIES - 1; i++)
        points[i] = added(&points[i - 1], &q, fe_mul(points[i - 1].Z, base->Z));
    points[COMB_ENTRIES - 1] = doubled(&points[COMB_ENTRIES / 2 - 1], 1);
    *base = points[COMB_ENTRIES - 1];
}

void comb25519_build(comb_tooth *comb, int teeth, const point *p)
{
    const int columns = COMB_DIGITS / teeth, share = teeth < SHARE_TEETH ? teeth : SHARE_TEETH;
    point points[SHARE_POINTS], base = *p;
    for (int t = 0; t < teeth; t += share) {
        for (int i = 0; i < share; i++) {
            if (t + i > 0)
                double_times(&base, 4 * columns - 3);
            tooth_points(points + COMB_ENTRIES * i, &base);
        }
        write_entries(comb + t, points, COMB_ENTRIES * share);
    }
}

/* --- bytes --- */

static void encode_affine(uint8_t bytes[32], fe x, fe y)
{
    uint64_t w[4], odd[4];
    fe_store(w, y);
    fe_store(odd, x);
    w[3] |= odd[0] << 63;
    for (int i = 0; i < 4; i++)
        store64_le(bytes + 8 * i, w[i]);
}

/* One inversion for all, as in write_entries. */
void points_encode(uint8_t bytes[][32], const point *p, int count)
{
    fe product[ENCODE_MOST]; /* Z0 .. Zk */
    fe all = FE_ONE;
    for (int k = 0; k < count; k++)
        product[k] = all = fe_mul(all, p[k].Z);
    fe inverse = fe_invert(all);
    for (int k = count - 1; k >= 0; k--) {
        fe own = k > 0 ? fe_mul(inverse, product[k - 1]) : inverse;
        encode_affine(bytes[k], fe_mul(p[k].X, own), fe_mul(p[k].Y, own));
        inverse = fe_mul(inverse, p[k].Z);
    }
}

/* From y + x and y - x of -A = (x, y): the encoding of A = (-x, y). */
uint64_t comb25519_begins_negated(const comb_tooth *comb, const uint8_t encoded[32])
{
    static const fe half = FE_CONSTANT(UINT64_C(0xfffffffffffffff7), UINT64_MAX, UINT64_MAX,
                                       UINT64_C(0x3fffffffffffffff));
    uint64_t entry[COMB_WORDS];
    uint8_t again[32];
    for (int j = 0; j < COMB_WORDS; j++)
        entry[j] = comb[0][j][0];
    fe plus = fe_load(entry), minus = fe_load(entry + 4);
    fe x = fe_mul(fe_sub(plus, minus), half), y = fe_mul(fe_add(plus, minus), half);
    fe product = fe_mul(fe_mul(x, y), POINT_2D);
    encode_affine(again, fe_negate(x), y);
    return (uint64_t)hwlock_equal(again, encoded, 32) & fe_equal(product, fe_load(entry + 8));
}

/* A root of u / v, by x = u v^3 (u v^7)^((p - 5) / 8) or x sqrt(-1) (RFC 8032 section 5.1.3).
 * 1, or 0 if there is none. */
static uint64_t square_root(fe *x, fe u, fe v)
{
    fe uv3 = fe_mul(u, fe_mul(fe_square(v), v));
    fe uv7 = fe_mul(uv3, fe_square(fe_square(v)));
    fe root = fe_mul(uv3, fe_power_p58(uv7));
    fe check = fe_mul(fe_square(root), v);
    uint64_t is_u = fe_equal(check, u), is_minus_u = fe_equal(fe_negate(check), u);
    *x = fe_select(ct_mask(is_u), root, fe_mul(root, ROOT_MINUS_ONE));
    return is_u | is_minus_u;
}

/* mask ? -a : a, tight */
static fe negate_if(uint64_t mask, fe a)
{
    return fe_mul(a, fe_select(mask, fe_negate(FE_ONE), FE_ONE));
}

uint64_t point_decode_negated(point *p, const uint8_t bytes[32])
{
    uint64_t w[4], root[4];
    uint8_t again[32];
    for (int i = 0; i < 4; i++)
        w[i] = load64_le(bytes + 8 * i);
    fe y = fe_load(w), yy = fe_square(y), x;
    uint64_t good = square_root(&x, fe_sub(yy, FE_ONE), fe_add(fe_mul(yy, D), FE_ONE));
    fe_store(root, x);
    x = negate_if(ct_mask((root[0] & 1) ^ w[3] >> 63), x);
    encode_affine(again, x, y); /* differs for y >= p, and for x = 0 with the sign bit set */
    good &= (uint64_t)hwlock_equal(again, bytes, 32);
    x = fe_select(ct_mask(good), negate_if(~(uint64_t)0, x), FE_ZERO);
    y = fe_select(ct_mask(good), y, FE_ONE);
    p->X = x;
    p->Y = y;
    p->Z = FE_ONE;
    p->T = fe_mul(x, y);
    return good;
}

/* --- questions --- */

uint64_t point_is_identity(const point *p)
{
    return fe_equal(p->X, FE_ZERO) & fe_equal(p->Y, p->Z);
}

/* x(2P) = 0 just where x y = 0, and y(2P) = 0 just where x^2 + y^2 = 0 (the denominators of the
 * doubling are never 0); [8]P is the identity just where x(4P) = 0, that is
 * x(2P) y(2P) = 0. */
uint64_t point_is_small(const point *p)
{
    fe xx_yy = fe_add(fe_square(p->X), fe_square(p->Y));
    return fe_equal(fe_mul(fe_mul(p->X, p->Y), xx_yy), FE_ZERO);
}

/* A and -A have one order. */
uint64_t comb25519_load(comb_tooth *comb, int teeth, const uint8_t encoded[32])
{
    const comb25519 built = {(const comb_tooth *)comb, teeth};
    point minus_A, product;
    int8_t order[COMB_DIGITS];
    uint64_t good = point_decode_negated(&minus_A, encoded);
    comb25519_build(comb, teeth, &minus_A);
    scalar_order(order);
    point_multiply_vartime(&product, order, built);
    return good & point_is_identity(&product) & (1 ^ point_is_small(&minus_A));
}
