/* Modulo 2^255 - 19 in five limbs of 51 bits; the words tight and loose: field25519.h. */
#ifndef HWLOCK_FIELD25519_64_H
#define HWLOCK_FIELD25519_64_H

#define FE_LIMBS 5
#define FE_LIMB_MASK (((word)1 << 51) - 1)

typedef struct {
    word limb[FE_LIMBS];
} fe;

/* A constant of four 64-bit words, least significant first. */
#define FE_CONSTANT(a, b, c, d)                                                              \
    {{(a)&FE_LIMB_MASK, ((a) >> 51 | (b) << 13) & FE_LIMB_MASK,                              \
      ((b) >> 38 | (c) << 26) & FE_LIMB_MASK, ((c) >> 25 | (d) << 39) & FE_LIMB_MASK,        \
      (d) >> 12 & FE_LIMB_MASK}}

static inline fe fe_add(fe a, fe b)
{
    for (int i = 0; i < FE_LIMBS; i++)
        a.limb[i] += b.limb[i];
    return a;
}

static inline fe fe_add_loose(fe a, fe b)
{
    return fe_add(a, b);
}

/* a - b + 4p: no limb goes below zero while those of b are < 2^53 - 76. */
static inline fe fe_sub(fe a, fe b)
{
    const word low = 4 * (FE_LIMB_MASK - 18), other = 4 * FE_LIMB_MASK;
    a.limb[0] += low - b.limb[0];
    for (int i = 1; i < FE_LIMBS; i++)
        a.limb[i] += other - b.limb[i];
    return a;
}

/* Loose sums < 77 * 2^108 -> tight: carries < 2^64, and the one into limb 0 is < 2^60, for
 * the top sum has no factor 19. */
static inline fe fe_carry(dword r0, dword r1, dword r2, dword r3, dword r4)
{
    fe r;
    r1 += (word)(r0 >> 51);
    r2 += (word)(r1 >> 51);
    r3 += (word)(r2 >> 51);
    r4 += (word)(r3 >> 51);
    word c = ((word)r0 & FE_LIMB_MASK) + 19 * (word)(r4 >> 51);
    r.limb[0] = c & FE_LIMB_MASK;
    r.limb[1] = ((word)r1 & FE_LIMB_MASK) + (c >> 51);
    r.limb[2] = (word)r2 & FE_LIMB_MASK;
    r.limb[3] = (word)r3 & FE_LIMB_MASK;
    r.limb[4] = (word)r4 & FE_LIMB_MASK;
    return r;
}

static inline fe fe_mul(fe a, fe b)
{
    const word a0 = a.limb[0], a1 = a.limb[1], a2 = a.limb[2], a3 = a.limb[3], a4 = a.limb[4];
    const word b0 = b.limb[0], b1 = b.limb[1], b2 = b.limb[2], b3 = b.limb[3], b4 = b.limb[4];
    const word c1 = 19 * b1, c2 = 19 * b2, c3 = 19 * b3, c4 = 19 * b4;
    return fe_carry(
        (dword)a0 * b0 + (dword)a1 * c4 + (dword)a2 * c3 + (dword)a3 * c2 + (dword)a4 * c1,
        (dword)a0 * b1 + (dword)a1 * b0 + (dword)a2 * c4 + (dword)a3 * c3 + (dword)a4 * c2,
        (dword)a0 * b2 + (dword)a1 * b1 + (dword)a2 * b0 + (dword)a3 * c4 + (dword)a4 * c3,
        (dword)a0 * b3 + (dword)a1 * b2 + (dword)a2 * b1 + (dword)a3 * b0 + (dword)a4 * c4,
        (dword)a0 * b4 + (dword)a1 * b3 + (dword)a2 * b2 + (dword)a3 * b1 + (dword)a4 * b0);
}

static inline fe fe_square(fe a)
{
    const word a0 = a.limb[0], a1 = a.limb[1], a2 = a.limb[2], a3 = a.limb[3], a4 = a.limb[4];
    const word d0 = 2 * a0, d1 = 2 * a1, d2 = 2 * a2, c3 = 19 * a3, c4 = 19 * a4;
    return fe_carry((dword)a0 * a0 + (dword)d1 * c4 + (dword)d2 * c3,
                    (dword)d0 * a1 + (dword)d2 * c4 + (dword)a3 * c3,
                    (dword)d0 * a2 + (dword)a1 * a1 + (dword)(2 * a3) * c4,
                    (dword)d0 * a3 + (dword)d1 * a2 + (dword)a4 * c4,
                    (dword)d0 * a4 + (dword)d1 * a3 + (dword)a2 * a2);
}

/* Low 255 bits of a little-endian number of four words; tight. */
static inline fe fe_load(const uint64_t w[4])
{
    fe r = FE_CONSTANT(w[0], w[1], w[2], w[3]);
    return r;
}

/* The one representative in [0, p). */
static inline void fe_store(uint64_t w[4], fe a)
{
    for (int round = 0; round < 2; round++) { /* loose -> every limb < 2^51 */
        for (int i = 0; i < 4; i++) {
            a.limb[i + 1] += a.limb[i] >> 51;
            a.limb[i] &= FE_LIMB_MASK;
        }
        a.limb[0] += 19 * ct_hide(a.limb[4] >> 51);
        a.limb[4] &= FE_LIMB_MASK;
    }
    word c = (a.limb[0] + 19) >> 51; /* now a < 2p: c = 1 exactly when a >= p */
    for (int i = 1; i < 5; i++)
        c = (a.limb[i] + c) >> 51;
    a.limb[0] += ct_mask(c) & 19;
    for (int i = 0; i < 4; i++) {
        a.limb[i + 1] += a.limb[i] >> 51;
        a.limb[i] &= FE_LIMB_MASK;
    }
    a.limb[4] &= FE_LIMB_MASK;
    w[0] = a.limb[0] | a.limb[1] << 51;
    w[1] = a.limb[1] >> 13 | a.limb[2] << 38;
    w[2] = a.limb[2] >> 26 | a.limb[3] << 25;
    w[3] = a.limb[3] >> 39 | a.limb[4] << 12;
}

#endif
