/* Integers modulo p = 2^256 - 2^224 + 2^192 + 2^96 - 1, in Montgomery form (mont.h). */
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

/* t = a b */
static inline void p256_product(word t[8], num a, num b)
{
    for (int i = 0; i < 4; i++)
        t[i] = 0;
    for (int i = 0; i < 4; i++) {
        dword x = 0;
        for (int j = 0; j < 4; j++) {
            x += (dword)a.w[i] * b.w[j] + t[i + j];
            t[i + j] = (word)x;
            x >>= 64;
        }
        t[i + 4] = (word)x;
    }
}

/* Like mont_mul, for a b < 2^256 p. As -1 / p mod 2^64 is 1, each step adds q p with q = t[i],
 * which is q 2^96 + q (2^64 - 2^32 + 1) 2^192 - q: the last term clears t[i]. */
static inline num p256_mul(num a, num b)
{
    word t[8], top = 0;
    p256_product(t, a, b);
    for (int i = 0; i < 4; i++) {
        word q = t[i];
        dword x = (dword)t[i + 1] + (q << 32);
        t[i + 1] = (word)x;
        x = (dword)t[i + 2] + (q >> 32) + (word)(x >> 64);
        t[i + 2] = (word)x;
        x = (dword)q * UINT64_C(0xffffffff00000001) + t[i + 3] + (word)(x >> 64);
        t[i + 3] = (word)x;
        x = (dword)t[i + 4] + (word)(x >> 64) + top;
        t[i + 4] = (word)x;
        top = (word)(x >> 64);
    }
    num r = {{t[4], t[5], t[6], t[7]}};
    return mod_once(r, top, &P256_FIELD);
}

#else

static inline num p256_mul(num a, num b)
{
    return mont_mul(a, b, &P256_FIELD);
}

#endif

#endif
