/* Modulo p256 in five signed limbs of 52 bits; the word small and the bounds: field_p256.h. */
#ifndef HWLOCK_FIELD_P256_64_H
#define HWLOCK_FIELD_P256_64_H

#include "word.h"

#define FP_LIMBS 5
#define FP_LIMB_MASK (((uint64_t)1 << 52) - 1)

typedef struct {
    int64_t limb[FP_LIMBS];
} fp;

/* A constant of four 64-bit words, most significant first, as people write it. */
#define FP_CONSTANT(d, c, b, a)                                                              \
    {{(int64_t)((a)&FP_LIMB_MASK), (int64_t)(((a) >> 52 | (b) << 12) & FP_LIMB_MASK),        \
      (int64_t)(((b) >> 40 | (c) << 24) & FP_LIMB_MASK),                                     \
      (int64_t)(((c) >> 28 | (d) << 36) & FP_LIMB_MASK), (int64_t)((d) >> 16)}}

static inline fp fp_add(fp a, fp b)
{
    for (int i = 0; i < FP_LIMBS; i++)
        a.limb[i] += b.limb[i];
    return a;
}

static inline fp fp_sub(fp a, fp b)
{
    for (int i = 0; i < FP_LIMBS; i++)
        a.limb[i] -= b.limb[i];
    return a;
}

/* k a, for a small k */
static inline fp fp_times(fp a, int k)
{
    for (int i = 0; i < FP_LIMBS; i++)
        a.limb[i] *= k;
    return a;
}

/* A product: the value of column i counts 2^(52 i). */
typedef struct {
    sdword column[9];
} fp_wide;

static inline fp_wide fp_wide_mul(fp a, fp b)
{
    const int64_t a0 = a.limb[0], a1 = a.limb[1], a2 = a.limb[2], a3 = a.limb[3], a4 = a.limb[4];
    const int64_t b0 = b.limb[0], b1 = b.limb[1], b2 = b.limb[2], b3 = b.limb[3], b4 = b.limb[4];
    fp_wide t = {{
        (sdword)a0 * b0,
        (sdword)a0 * b1 + (sdword)a1 * b0,
        (sdword)a0 * b2 + (sdword)a1 * b1 + (sdword)a2 * b0,
        (sdword)a0 * b3 + (sdword)a1 * b2 + (sdword)a2 * b1 + (sdword)a3 * b0,
        (sdword)a0 * b4 + (sdword)a1 * b3 + (sdword)a2 * b2 + (sdword)a3 * b1 + (sdword)a4 * b0,
        (sdword)a1 * b4 + (sdword)a2 * b3 + (sdword)a3 * b2 + (sdword)a4 * b1,
        (sdword)a2 * b4 + (sdword)a3 * b3 + (sdword)a4 * b2,
        (sdword)a3 * b4 + (sdword)a4 * b3,
        (sdword)a4 * b4,
    }};
    return t;
}

static inline fp_wide fp_wide_square(fp a)
{
    const int64_t a0 = a.limb[0], a1 = a.limb[1], a2 = a.limb[2], a3 = a.limb[3], a4 = a.limb[4];
    const int64_t d0 = 2 * a0, d1 = 2 * a1, d2 = 2 * a2, d3 = 2 * a3;
    fp_wide t = {{
        (sdword)a0 * a0,
        (sdword)d0 * a1,
        (sdword)d0 * a2 + (sdword)a1 * a1,
        (sdword)d0 * a3 + (sdword)d1 * a2,
        (sdword)d0 * a4 + (sdword)d1 * a3 + (sdword)a2 * a2,
        (sdword)d1 * a4 + (sdword)d2 * a3,
        (sdword)d2 * a4 + (sdword)a3 * a3,
        (sdword)d3 * a4,
        (sdword)a4 * a4,
    }};
    return t;
}

/* Add q p 2^(52 i) where q makes column i vanish, and carry the rest of it. -1 / p mod 2^52 is 1,
 * so q is what stands there; q p = -q + q 2^96 + q 2^192 + q (2^48 - 2^16) 2^208. */
#define FP_CLEAR(t, i)                                                                       \
    do {                                                                                     \
        int64_t q = (int64_t)((uint64_t)(t)->column[i] & FP_LIMB_MASK);                      \
        (t)->column[(i) + 1] += ((t)->column[i] >> 52) + (sdword)q * ((int64_t)1 << 44);     \
        (t)->column[(i) + 3] += (sdword)q * ((int64_t)1 << 36);                              \
        (t)->column[(i) + 4] += (sdword)q * (((int64_t)1 << 48) - ((int64_t)1 << 16));       \
    } while (0)

/* t / 2^260 modulo p, its lower four limbs in [0, 2^52) */
static inline fp fp_reduce(fp_wide t)
{
    fp r;
    FP_CLEAR(&t, 0);
    FP_CLEAR(&t, 1);
    FP_CLEAR(&t, 2);
    FP_CLEAR(&t, 3);
    FP_CLEAR(&t, 4);
    for (int i = 0; i < 3; i++) {
        r.limb[i] = (int64_t)((uint64_t)t.column[5 + i] & FP_LIMB_MASK);
        t.column[6 + i] += t.column[5 + i] >> 52;
    }
    r.limb[3] = (int64_t)((uint64_t)t.column[8] & FP_LIMB_MASK);
    r.limb[4] = (int64_t)(t.column[8] >> 52);
    return r;
}

static inline fp fp_mul(fp a, fp b)
{
    return fp_reduce(fp_wide_mul(a, b));
}

static inline fp fp_square(fp a)
{
    return fp_reduce(fp_wide_square(a));
}

/* a b - c d */
static inline fp fp_mul_sub(fp a, fp b, fp c, fp d)
{
    fp_wide t = fp_wide_mul(a, b), u = fp_wide_mul(c, d);
    for (int i = 0; i < 9; i++)
        t.column[i] -= u.column[i];
    return fp_reduce(t);
}

/* Lower four limbs in [0, 2^52) */
static inline fp fp_carry(fp a)
{
    for (int i = 0; i < 4; i++) {
        a.limb[i + 1] += a.limb[i] >> 52;
        a.limb[i] &= (int64_t)FP_LIMB_MASK;
    }
    return a;
}

/* Fold what stands above 2^256, by 2^256 = 2^224 - 2^192 - 2^96 + 1. |a| < 2^264 comes to
 * (-2^232, 2^256 + 2^232). */
static inline fp fp_weak(fp a)
{
    a = fp_carry(a);
    int64_t high = a.limb[4] >> 48;
    a.limb[4] &= ((int64_t)1 << 48) - 1;
    a.limb[0] += high;
    a.limb[1] -= high * ((int64_t)1 << 44);
    a.limb[3] -= high * ((int64_t)1 << 36);
    a.limb[4] += high * ((int64_t)1 << 16);
    return a;
}

/* From a number below 2^256 */
static inline fp fp_load(const uint64_t w[4])
{
    fp r = FP_CONSTANT(w[3], w[2], w[1], w[0]);
    return r;
}

/* The one representative in [0, p) */
static inline void fp_store(uint64_t w[4], fp a)
{
    static const fp p = FP_CONSTANT(UINT64_C(0xffffffff00000001), UINT64_C(0),
                                    UINT64_C(0x00000000ffffffff), UINT64_C(0xffffffffffffffff));
    a = fp_carry(fp_weak(fp_weak(a))); /* in [0, 2^256), which is below 2 p */
    fp less = fp_carry(fp_sub(a, p));
    uint64_t below = ct_mask((uint64_t)less.limb[4] >> 63), l[FP_LIMBS];
    for (int i = 0; i < FP_LIMBS; i++)
        l[i] = (uint64_t)less.limb[i] ^ (below & (uint64_t)(less.limb[i] ^ a.limb[i]));
    w[0] = l[0] | l[1] << 52;
    w[1] = l[1] >> 12 | l[2] << 40;
    w[2] = l[2] >> 24 | l[3] << 28;
    w[3] = l[3] >> 36 | l[4] << 16;
}

/* mask ? a : b */
static inline fp fp_select(uint64_t mask, fp a, fp b)
{
    for (int i = 0; i < FP_LIMBS; i++)
        a.limb[i] = b.limb[i] ^ ((int64_t)mask & (a.limb[i] ^ b.limb[i]));
    return a;
}

#endif
