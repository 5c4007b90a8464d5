/* Integers modulo p = 2^255 - 19.
 *
 * Three representations with the same functions: five limbs of 51 bits where there is a
 * 128-bit product, else eight full words of 32 bits; and in one file four words of 64 bits. What
 * every function takes and gives:
 *   tight  what fe_mul, fe_square and fe_load return; each 51-bit limb < 2^51 + 2^13; four words
 *          < 2^255 + 2^11
 *   loose  what fe_mul, fe_square and fe_store take; each 51-bit limb < 2^54; four words < 2^256
 * fe_add takes tight operands, or limbs < 2^53. fe_add_loose takes a loose one, and one that is
 * tight or the difference of two tight. fe_sub takes a loose a and a tight b; or a with limbs
 * < 2^53 and b the sum of two tight, and adds less than 2^53. All three return a loose element.
 * With 32-bit words there is nothing to mind.
 */
#ifndef HWLOCK_FIELD25519_H
#define HWLOCK_FIELD25519_H

#include "invert.h"

#if defined(HWLOCK_FIELD_MULX)
#include "field25519_mulx.h"
#elif HWLOCK_WORD_BITS == 64
#include "field25519_64.h"
#else
#include "field25519_32.h"
#endif

static const fe FE_ZERO = {{0}};
static const fe FE_ONE = {{1}};

static inline fe fe_negate(fe a)
{
    return fe_sub(FE_ZERO, a);
}

/* a^(2^n) */
static inline fe fe_square_times(fe a, int n)
{
    for (int i = 0; i < n; i++)
        a = fe_square(a);
    return a;
}

/* mask ? a : b */
static inline fe fe_select(uint64_t mask, fe a, fe b)
{
    for (int i = 0; i < FE_LIMBS; i++)
        a.limb[i] = b.limb[i] ^ ((word)mask & (a.limb[i] ^ b.limb[i]));
    return a;
}

#ifndef HWLOCK_FIELD_MULX
/* mask ? -a : a, for a tight a */
static inline fe fe_negate_if(uint64_t mask, fe a)
{
    return fe_select(mask, fe_negate(a), a);
}
#endif

/* 1 when a = b modulo p, else 0 */
static inline uint64_t fe_equal(fe a, fe b)
{
    uint64_t x[4], y[4];
    fe_store(x, a);
    fe_store(y, b);
    return ct_is_zero((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3]));
}

/* a^(2^250 - 1) and, as a start for others, a^11 */
static inline fe fe_power_250(fe a, fe *a11)
{
    fe a2 = fe_square(a);
    fe a9 = fe_mul(a, fe_square_times(a2, 2));
    *a11 = fe_mul(a2, a9);
    fe x5 = fe_mul(a9, fe_square(*a11)); /* xn = a^(2^n - 1) */
    fe x10 = fe_mul(x5, fe_square_times(x5, 5));
    fe x20 = fe_mul(x10, fe_square_times(x10, 10));
    fe x40 = fe_mul(x20, fe_square_times(x20, 20));
    fe x50 = fe_mul(x10, fe_square_times(x40, 10));
    fe x100 = fe_mul(x50, fe_square_times(x50, 50));
    fe x200 = fe_mul(x100, fe_square_times(x100, 100));
    return fe_mul(x50, fe_square_times(x200, 50));
}

/* 1 / a, and 0 for 0 */
#if HWLOCK_WORD_BITS == 64

static const modulus P25519 = {
    NUM(0x7fffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffed),
    NUM(0, 0, 0, 38),
    NUM(0, 0, 0, 1444),
    UINT64_C(0x86bca1af286bca1b),
};

static inline fe fe_invert(fe a)
{
    uint64_t w[4];
    fe_store(w, a);
    num_store(w, num_invert(num_load(w), &P25519));
    return fe_load(w);
}

#else

/* a^(p - 2), p - 2 = 2^255 - 21 */
static inline fe fe_invert(fe a)
{
    fe a11;
    fe x250 = fe_power_250(a, &a11);
    return fe_mul(a11, fe_square_times(x250, 5));
}

#endif

/* a^((p - 5) / 8), (p - 5) / 8 = 2^252 - 3 */
static inline fe fe_power_p58(fe a)
{
    fe a11;
    fe x250 = fe_power_250(a, &a11);
    return fe_mul(a, fe_square_times(x250, 2));
}

#endif
