/* Integers modulo p = 2^256 - 2^224 + 2^192 + 2^96 - 1, in Montgomery form: x stands for
 * x / 2^260, in tables and constants too.
 *
 * Two representations with the same functions: five signed limbs of 52 bits where there is a
 * 128-bit product, else eight full words of 32 bits. A value may be negative. For the limbs:
 *   small    |value| <= 2 U, with the unit U = 2^256; what fp_mul and its like return when the
 *            products they sum are at most 16 U^2 together: at most |products| / 16 U + U
 *   weak     |value| <= 1.001 U: what fp_weak and fp_load return
 *   limits   limbs below 2^58 to multiply, so that columns stay below 2^125; |value| < 2^264 and
 *            limbs below 2^62 for fp_weak and fp_store
 * With 32-bit words there is nothing to mind.
 */
#ifndef HWLOCK_FIELD_P256_H
#define HWLOCK_FIELD_P256_H

#include "mont.h"

static const modulus P256_FIELD = {
    NUM(0xffffffff00000001, 0x0000000000000000, 0x00000000ffffffff, 0xffffffffffffffff),
    NUM(0x00000000fffffffe, 0xffffffffffffffff, 0xffffffff00000000, 0x0000000000000001),
    NUM(0x00000004fffffffd, 0xfffffffffffffffe, 0xfffffffbffffffff, 0x0000000000000003),
    UINT64_C(1),
};

#if HWLOCK_WORD_BITS == 64
#include "field_p256_64.h"
#else
#include "field_p256_32.h"
#endif

/* The form of 1: 2^260 mod p */
static const uint64_t FP_ONE[4] = {0x0000000000000010, 0xfffffff000000000, 0xffffffffffffffff,
                                   0x0000000fffffffef};

/* The form of 2^260, which takes plain numbers into the form */
static const uint64_t FP_ENTER[4] = {0x0000000000000300, 0xfffffbffffffff00, 0xfffffffffffffeff,
                                     0x000004fffffffdff};

/* The form of a plain number below 2^256 */
static inline fp fp_from_num(num a)
{
    uint64_t w[4];
    num_store(w, a);
    return fp_mul(fp_load(w), fp_load(FP_ENTER));
}

/* mask ? -a : a */
static inline fp fp_negate_if(uint64_t mask, fp a)
{
    fp zero = {{0}};
    return fp_select(mask, fp_sub(zero, a), a);
}

/* 1 when a = 0 modulo p, else 0 */
static inline uint64_t fp_is_zero(fp a)
{
    uint64_t w[4];
    fp_store(w, a);
    return ct_is_zero(w[0] | w[1] | w[2] | w[3]);
}

/* a^(2^n) */
static inline fp fp_square_times(fp a, int n)
{
    for (int i = 0; i < n; i++)
        a = fp_square(a);
    return a;
}

/* 1 / a, and 0 for 0: a^(p - 2). In words of 32 bits p - 2 is ffffffff 00000001 00000000
 * 00000000 00000000 ffffffff ffffffff fffffffd. */
static inline fp fp_invert(fp a)
{
    fp x2 = fp_mul(a, fp_square(a)); /* xn = a^(2^n - 1) */
    fp x4 = fp_mul(x2, fp_square_times(x2, 2));
    fp x8 = fp_mul(x4, fp_square_times(x4, 4));
    fp x16 = fp_mul(x8, fp_square_times(x8, 8));
    fp x24 = fp_mul(x8, fp_square_times(x16, 8));
    fp x28 = fp_mul(x4, fp_square_times(x24, 4));
    fp x30 = fp_mul(x2, fp_square_times(x28, 2));
    fp x32 = fp_mul(x2, fp_square_times(x30, 2));
    fp r = fp_mul(a, fp_square_times(x32, 32));
    r = fp_mul(x32, fp_square_times(r, 128));
    r = fp_mul(x32, fp_square_times(r, 32));
    r = fp_mul(x30, fp_square_times(r, 30));
    return fp_mul(a, fp_square_times(r, 2));
}

#endif
