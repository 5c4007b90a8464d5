/* 256-bit numbers and Montgomery arithmetic modulo an odd constant below 2^256.
 *
 * R = 2^256. The Montgomery form of a is a R mod m; mont_mul(a, b) is a b / R mod m, so it
 * takes two Montgomery forms to the form of the product, and a form and a plain number to the
 * plain product. Numbers in words, least significant first. All functions here are inlined
 * with a constant modulus.
 */
#ifndef HWLOCK_MONT_H
#define HWLOCK_MONT_H

#include "word.h"

#define NUM_WORDS (256 / HWLOCK_WORD_BITS)

typedef struct {
    word w[NUM_WORDS];
} num;

/* A constant of four 64-bit words, most significant first, as people write it. */
#if HWLOCK_WORD_BITS == 64
#define NUM(d, c, b, a) {{UINT64_C(a), UINT64_C(b), UINT64_C(c), UINT64_C(d)}}
#else
#define NUM_HALVES(x) (word)(UINT64_C(x) & 0xffffffff), (word)(UINT64_C(x) >> 32)
#define NUM(d, c, b, a) {{NUM_HALVES(a), NUM_HALVES(b), NUM_HALVES(c), NUM_HALVES(d)}}
#endif

typedef struct {
    num m;
    num one;          /* R mod m */
    num square;       /* R^2 mod m */
    uint64_t inverse; /* -1 / m mod 2^64 */
} modulus;

static inline num num_load(const uint64_t w[4])
{
    num r;
    for (int i = 0; i < NUM_WORDS; i++)
        r.w[i] = (word)(w[i * HWLOCK_WORD_BITS / 64] >> i * HWLOCK_WORD_BITS % 64);
    return r;
}

static inline void num_store(uint64_t w[4], num a)
{
    for (int i = 0; i < 4; i++)
        w[i] = 0;
    for (int i = 0; i < NUM_WORDS; i++)
        w[i * HWLOCK_WORD_BITS / 64] |= (uint64_t)a.w[i] << i * HWLOCK_WORD_BITS % 64;
}

static inline num num_from_be(const uint8_t bytes[32])
{
    uint64_t w[4];
    for (int i = 0; i < 4; i++)
        w[i] = load64_be(bytes + 24 - 8 * i);
    return num_load(w);
}

static inline num num_from_le(const uint8_t bytes[32])
{
    uint64_t w[4];
    for (int i = 0; i < 4; i++)
        w[i] = load64_le(bytes + 8 * i);
    return num_load(w);
}

/* mask ? a : b */
static inline num num_select(uint64_t mask, num a, num b)
{
    for (int i = 0; i < NUM_WORDS; i++)
        a.w[i] = b.w[i] ^ ((word)mask & (a.w[i] ^ b.w[i]));
    return a;
}

/* a + b mod 2^256; returns the carry, 0 or 1 */
static inline word num_add(num *sum, num a, num b)
{
    dword x = 0;
    for (int i = 0; i < NUM_WORDS; i++) {
        x += (dword)a.w[i] + b.w[i];
        sum->w[i] = (word)x;
        x >>= HWLOCK_WORD_BITS;
    }
    return (word)x;
}

/* a - b mod 2^256; returns the borrow, 0 or 1 */
static inline word num_sub(num *difference, num a, num b)
{
    word borrow = 0;
    for (int i = 0; i < NUM_WORDS; i++) {
        dword x = (dword)a.w[i] - b.w[i] - borrow;
        difference->w[i] = (word)x;
        borrow = (word)(x >> HWLOCK_WORD_BITS) & 1;
    }
    return borrow;
}

/* 1 when a < b, else 0 */
static inline uint64_t num_less(num a, num b)
{
    num ignored;
    return num_sub(&ignored, a, b);
}

static inline uint64_t num_is_zero(num a)
{
    word any = 0;
    for (int i = 0; i < NUM_WORDS; i++)
        any |= a.w[i];
    return ct_is_zero(any);
}

static inline uint64_t num_equal(num a, num b)
{
    for (int i = 0; i < NUM_WORDS; i++)
        a.w[i] ^= b.w[i];
    return num_is_zero(a);
}

/* high * 2^256 + a < 2m -> a mod m */
static inline num mod_once(num a, word high, const modulus *m)
{
    num reduced;
    word borrow = num_sub(&reduced, a, m->m);
    return num_select(ct_mask(borrow & (high ^ 1)), a, reduced);
}

static inline num mod_add(num a, num b, const modulus *m)
{
    num sum;
    word carry = num_add(&sum, a, b);
    return mod_once(sum, carry, m);
}

static inline num mod_sub(num a, num b, const modulus *m)
{
    num difference, zero = {{0}};
    uint64_t borrow = num_sub(&difference, a, b);
    num_add(&difference, difference, num_select(ct_mask(borrow), m->m, zero));
    return difference;
}

/* a b / R mod m, for a b < R m: one of them may be any number below R. One word of a at a
 * time; before each, t < 2m, so it needs one bit above the 256. */
static inline num mont_mul(num a, num b, const modulus *m)
{
    num t = {{0}};
    word top = 0;
    for (int i = 0; i < NUM_WORDS; i++) {
        dword x = (dword)a.w[i] * b.w[0] + t.w[0];
        word q = (word)x * (word)m->inverse;
        dword y = (dword)q * m->m.w[0] + (word)x; /* low word 0 */
        for (int j = 1; j < NUM_WORDS; j++) {
            x = (dword)a.w[i] * b.w[j] + t.w[j] + (word)(x >> HWLOCK_WORD_BITS);
            y = (dword)q * m->m.w[j] + (word)x + (word)(y >> HWLOCK_WORD_BITS);
            t.w[j - 1] = (word)y;
        }
        y = (y >> HWLOCK_WORD_BITS) + (x >> HWLOCK_WORD_BITS) + top;
        t.w[NUM_WORDS - 1] = (word)y;
        top = (word)(y >> HWLOCK_WORD_BITS);
    }
    return mod_once(t, top, m);
}

/* a R mod m for any a below R */
static inline num mont_enter(num a, const modulus *m)
{
    return mont_mul(a, m->square, m);
}

/* a / R mod m for any a below R */
static inline num mont_leave(num a, const modulus *m)
{
    num one = {{1}};
    return mont_mul(a, one, m);
}

/* 1 / a for a prime m, and 0 for 0, Montgomery forms: a^(m - 2), four bits at a time. The
 * exponent is public, so the table may be read by it. */
static inline num mont_invert(num a, const modulus *m)
{
    num exponent, power[16], two = {{2}}, r = m->one;
    num_sub(&exponent, m->m, two);
    power[0] = m->one;
    for (int i = 1; i < 16; i++)
        power[i] = mont_mul(power[i - 1], a, m);
    for (int i = 63; i >= 0; i--) {
        int at = 4 * i;
        for (int j = 0; j < 4; j++)
            r = mont_mul(r, r, m);
        word bits = exponent.w[at / HWLOCK_WORD_BITS] >> at % HWLOCK_WORD_BITS;
        r = mont_mul(r, power[bits & 15], m);
    }
    return r;
}

#endif
