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
 * With 32-bit words there is nothing to mind. In one file there are four words of 64 bits.
 */
#ifndef HWLOCK_FIELD_P256_H
#define HWLOCK_FIELD_P256_H

#include "invert.h"

static const modulus P256_FIELD = {
    NUM(0xffffffff00000001, 0x0000000000000000, 0x00000000ffffffff, 0xffffffffffffffff),
    NUM(0x00000000fffffffe, 0xffffffffffffffff, 0xffffffff00000000, 0x0000000000000001),
    NUM(0x00000004fffffffd, 0xfffffffffffffffe, 0xfffffffbffffffff, 0x0000000000000003),
    UINT64_C(1),
};

#if defined(HWLOCK_FIELD_MULX)
#include "field_p256_mulx.h"
#elif HWLOCK_WORD_BITS == 64
#include "field_p256_64.h"
#else
#include "field_p256_32.h"
#endif

/* The form of 1: 2^260 mod p */
static const uint64_t FP_ONE[4] = {0x0000000000000010, 0xfffffff000000000, 0xffffffffffffffff,
                                   0x0000000fffffffef};

#ifndef HWLOCK_FIELD_MULX
/* What fp_entry makes of an entry x of a table is FP_ENTRY_SCALE x, without a multiplication;
 * fp_entry_unit is 1 / FP_ENTRY_SCALE. Here, where they are what fp_load makes, 1. */
enum { FP_ENTRY_SCALE = 1 };

static inline fp fp_entry(const uint64_t w[4])
{
    return fp_load(w);
}

static inline fp fp_entry_unit(void)
{
    return fp_load(FP_ONE);
}
#endif

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

/* The form of 2^520: the plain inverse of a form is 1 / 2^260 of the plain inverse, so 2^520 of
 * its form. */
static const uint64_t FP_INVERTED[4] = {0xffffd0000000a000, 0xfffedfffffff7fff, 0x00005fffffffcfff,
                                        0x0001800000001000};

/* 1 / a, and 0 for 0 */
static inline fp fp_invert(fp a)
{
    uint64_t w[4];
    fp_store(w, a);
    num_store(w, num_invert(num_load(w), &P256_FIELD));
    return fp_mul(fp_load(w), fp_load(FP_INVERTED));
}

#endif
