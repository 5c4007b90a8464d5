/* Modulo 2^255 - 19 in eight words of 32 bits: any number below 2^256, by 2^256 = 38 mod p. */
#ifndef HWLOCK_FIELD25519_32_H
#define HWLOCK_FIELD25519_32_H

#define FE_LIMBS 8

typedef struct {
    word limb[FE_LIMBS];
} fe;

/* A constant of four 64-bit words, least significant first. */
#define FE_CONSTANT(a, b, c, d)                                                              \
    {{(word)(a), (word)((a) >> 32), (word)(b), (word)((b) >> 32), (word)(c),                 \
      (word)((c) >> 32), (word)(d), (word)((d) >> 32)}}

/* r + 38 * carry, carry <= 39. When that carries again r is below 38 * 39, and the second
 * addition ends in limb 0. */
static inline fe fe_fold(fe r, word carry)
{
    dword x = 38 * ct_hide(carry);
    for (int i = 0; i < FE_LIMBS; i++) {
        x += r.limb[i];
        r.limb[i] = (word)x;
        x >>= 32;
    }
    r.limb[0] += (word)(ct_mask(x) & 38);
    return r;
}

static inline fe fe_add(fe a, fe b)
{
    dword x = 0;
    for (int i = 0; i < FE_LIMBS; i++) {
        x += (dword)a.limb[i] + b.limb[i];
        a.limb[i] = (word)x;
        x >>= 32;
    }
    return fe_fold(a, (word)x);
}

static inline fe fe_add_loose(fe a, fe b)
{
    return fe_add(a, b);
}

/* A borrow adds 2^256, so 38 is taken away; when that borrows again, a is above 2^256 - 38. */
static inline fe fe_sub(fe a, fe b)
{
    word borrow = 0;
    for (int i = 0; i < FE_LIMBS; i++) {
        dword x = (dword)a.limb[i] - b.limb[i] - borrow;
        a.limb[i] = (word)x;
        borrow = (word)(x >> 32) & 1;
    }
    dword x = ct_mask(borrow) & 38;
    for (int i = 0; i < FE_LIMBS; i++) {
        dword y = (dword)a.limb[i] - x;
        a.limb[i] = (word)y;
        x = y >> 32 & 1;
    }
    a.limb[0] -= (word)(ct_mask(x) & 38);
    return a;
}

/* Each step is at most (2^32 - 1)^2 + 2 (2^32 - 1) = 2^64 - 1. */
static inline fe fe_mul(fe a, fe b)
{
    word t[2 * FE_LIMBS] = {0};
    for (int i = 0; i < FE_LIMBS; i++) {
        dword x = 0;
        for (int j = 0; j < FE_LIMBS; j++) {
            x += (dword)a.limb[i] * b.limb[j] + t[i + j];
            t[i + j] = (word)x;
            x >>= 32;
        }
        t[i + FE_LIMBS] = (word)x;
    }
    dword x = 0;
    for (int i = 0; i < FE_LIMBS; i++) {
        x += (dword)38 * t[i + FE_LIMBS] + t[i];
        a.limb[i] = (word)x;
        x >>= 32;
    }
    return fe_fold(a, (word)x);
}

static inline fe fe_square(fe a)
{
    return fe_mul(a, a);
}

/* Low 255 bits of a little-endian number of four words. */
static inline fe fe_load(const uint64_t w[4])
{
    fe r;
    for (int i = 0; i < FE_LIMBS; i++)
        r.limb[i] = (word)(w[i / 2] >> 32 * (i & 1));
    r.limb[FE_LIMBS - 1] &= 0x7fffffff;
    return r;
}

/* a < 2^256 -> a mod 2^255 + add + 19 * (a / 2^255); returns bit 255 of that. */
static inline word fe_fold_top(fe *a, word add)
{
    dword x = (ct_mask(a->limb[FE_LIMBS - 1] >> 31) & 19) + add;
    a->limb[FE_LIMBS - 1] &= 0x7fffffff;
    for (int i = 0; i < FE_LIMBS; i++) {
        x += a->limb[i];
        a->limb[i] = (word)x;
        x >>= 32;
    }
    return a->limb[FE_LIMBS - 1] >> 31;
}

/* The one representative in [0, p). */
static inline void fe_store(uint64_t w[4], fe a)
{
    fe_fold_top(&a, 0); /* a < 2^255 + 19 < 2p */
    fe reduced = a;
    fe_fold_top(&reduced, 0);                  /* the same modulo p, now < 2^255 */
    fe over = reduced;
    word above = fe_fold_top(&over, 19);       /* bit 255 of a + 19: set when a >= p */
    over.limb[FE_LIMBS - 1] &= 0x7fffffff;     /* a + 19 - 2^255 = a - p */
    word mask = (word)ct_mask(above);
    for (int i = 0; i < 4; i++) {
        word low = reduced.limb[2 * i] ^ (mask & (reduced.limb[2 * i] ^ over.limb[2 * i]));
        word high = reduced.limb[2 * i + 1] ^
                    (mask & (reduced.limb[2 * i + 1] ^ over.limb[2 * i + 1]));
        w[i] = (uint64_t)high << 32 | low;
    }
}

#endif
