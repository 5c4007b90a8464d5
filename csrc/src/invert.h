/* Inverses modulo an odd number by division steps (Bernstein, Yang 2019, with the halved delta:
 * 590 steps are enough for 256 bits). Every step is the same, whatever the numbers.
 *
 * f and g start as n, the modulus, and a. A step turns (f, g) into (g, (g - f) / 2) or (f, (g + (g odd) f) / 2);
 * in the end g = 0 and f = 1 or -1. 60 steps look at the lowest 60 bits only and give a matrix,
 * times 2^62, that f, g and d, e then are multiplied by; a d = f and a e = g hold modulo n.
 */
#ifndef HWLOCK_INVERT_H
#define HWLOCK_INVERT_H

#include "mont.h"

#if HWLOCK_WORD_BITS == 64

enum { STEPS = 20, SPANS = 3, BATCHES = 10 };

#define MASK62 (UINT64_MAX >> 2)

/* Five limbs of 62 bits, the top one signed, the others in [0, 2^62). */
typedef struct {
    int64_t limb[5];
} signed62;

typedef struct {
    int64_t u, v, q, r;
} steps_matrix;

static inline signed62 signed62_from(num a)
{
    signed62 r = {{(int64_t)(a.w[0] & MASK62), (int64_t)((a.w[0] >> 62 | a.w[1] << 2) & MASK62),
                   (int64_t)((a.w[1] >> 60 | a.w[2] << 4) & MASK62),
                   (int64_t)((a.w[2] >> 58 | a.w[3] << 6) & MASK62), (int64_t)(a.w[3] >> 56)}};
    return r;
}

/* All ones when a is negative, else 0; hidden, or clang 14 at -Os branches on it. */
static inline int64_t sign_mask(const signed62 *a)
{
    return (int64_t)ct_hide((uint64_t)(a->limb[4] >> 63));
}

/* STEPS steps from the lowest STEPS bits of f and g. A word holds those bits and, above them, its
 * row of the matrix times -2^(41 - k) and -2^(62 - k) after k steps: at first f - 2^41, g - 2^62.
 * So one addition or shift does all three. They do not meet: |f|, |g| < 2^20 all along, and the
 * entries of a row are together at most 2^k in size; one is +-2^k alone only where f never changed,
 * which is why they count negative: f - 2^41 rounds up. `zeta` is -(delta + 1/2). */
static inline int64_t steps(steps_matrix *m, int64_t zeta, uint64_t f, uint64_t g)
{
    const uint64_t low = (1 << STEPS) - 1;
    f = (f & low) - ((uint64_t)1 << 41);
    g = (g & low) - ((uint64_t)1 << 62);
    for (int i = 0; i < STEPS; i++) {
        uint64_t negate = ct_hide((uint64_t)(zeta >> 63)), is_odd = ct_mask(g & 1);
        uint64_t swap = negate & is_odd, other = f ^ ((f ^ g) & swap);
        g += ((f ^ negate) - negate) & is_odd;
        f = other;
        zeta = (zeta ^ (int64_t)swap) - 1;
        g = (uint64_t)((int64_t)g >> 1);
    }
    m->v = -((int64_t)(f + ((uint64_t)1 << 41) + ((uint64_t)1 << 20)) >> 42);
    m->u = -((int64_t)((f + ((uint64_t)1 << 20)) << 22) >> 43);
    m->r = -((int64_t)(g + ((uint64_t)1 << 41) + ((uint64_t)1 << 20)) >> 42);
    m->q = -((int64_t)((g + ((uint64_t)1 << 20)) << 22) >> 43);
    return zeta;
}

/* SPANS times as many, from the lowest 60 bits: entries of the matrix are at most 2^62, for
 * 2^62 / 2^(STEPS SPANS) = 4 counts as 1. Unsigned, as f and g wrap modulo 2^64. */
static inline int64_t batch(steps_matrix *m, int64_t zeta, uint64_t f, uint64_t g)
{
    steps_matrix all = {4, 0, 0, 4};
    for (int i = 0; i < SPANS; i++) {
        steps_matrix s, last = all;
        zeta = steps(&s, zeta, f, g);
        uint64_t next_f = (uint64_t)s.u * f + (uint64_t)s.v * g;
        uint64_t next_g = (uint64_t)s.q * f + (uint64_t)s.r * g;
        f = next_f >> STEPS;
        g = next_g >> STEPS;
        all.u = s.u * last.u + s.v * last.q;
        all.v = s.u * last.v + s.v * last.r;
        all.q = s.q * last.u + s.r * last.q;
        all.r = s.q * last.v + s.r * last.r;
    }
    *m = all;
    return zeta;
}

/* (a x + b y + c n) / 2^62, where that is a whole number */
static inline signed62 combined(int64_t a, const signed62 *x, int64_t b, const signed62 *y,
                                int64_t c, const signed62 *n)
{
    signed62 result;
    sdword sum = (sdword)a * x->limb[0] + (sdword)b * y->limb[0] + (sdword)c * n->limb[0];
    for (int i = 1; i < 5; i++) {
        sum >>= 62;
        sum += (sdword)a * x->limb[i] + (sdword)b * y->limb[i] + (sdword)c * n->limb[i];
        result.limb[i - 1] = (int64_t)((uint64_t)sum & MASK62);
    }
    result.limb[4] = (int64_t)(sum >> 62);
    return result;
}

/* The same modulo n: with the c that makes it whole, for d and e in (-2 n, n). First each
 * negative one of d, e counts as d + n, e + n, so that the result is in (-2 n, n) again. */
static inline signed62 combined_modulo(int64_t a, const signed62 *d, int64_t b,
                                       const signed62 *e, const signed62 *n,
                                       uint64_t one_over_n)
{
    int64_t c = (a & sign_mask(d)) + (b & sign_mask(e));
    uint64_t low = (uint64_t)a * (uint64_t)d->limb[0] + (uint64_t)b * (uint64_t)e->limb[0];
    c -= (int64_t)((one_over_n * low + (uint64_t)c) & MASK62);
    return combined(a, d, b, e, c, n);
}

/* Add n where the mask is set, and carry. */
static inline signed62 carried(signed62 a, const signed62 *n, int64_t mask)
{
    for (int i = 0; i < 5; i++)
        a.limb[i] += n->limb[i] & mask;
    for (int i = 0; i < 4; i++) {
        a.limb[i + 1] += a.limb[i] >> 62;
        a.limb[i] &= (int64_t)MASK62;
    }
    return a;
}

/* 1 / a for a plain a below the modulus and prime to it; 0 for 0 */
static inline num num_invert(num a, const modulus *modulo)
{
    const signed62 n = signed62_from(modulo->m);
    const uint64_t one_over_n = 0 - modulo->inverse;
    signed62 f = n, g = signed62_from(a), d = {{0}}, e = {{1}};
    int64_t zeta = -1;
    for (int i = 0; i < BATCHES; i++) {
        steps_matrix m;
        zeta = batch(&m, zeta, (uint64_t)f.limb[0] | (uint64_t)f.limb[1] << 62,
                     (uint64_t)g.limb[0] | (uint64_t)g.limb[1] << 62);
        signed62 next_d = combined_modulo(m.u, &d, m.v, &e, &n, one_over_n);
        e = combined_modulo(m.q, &d, m.r, &e, &n, one_over_n);
        d = next_d;
        signed62 next_f = combined(m.u, &f, m.v, &g, 0, &n);
        g = combined(m.q, &f, m.r, &g, 0, &n);
        f = next_f;
    }
    d = carried(d, &n, sign_mask(&d)); /* (-n, n) */
    int64_t negate = sign_mask(&f);
    for (int i = 0; i < 5; i++)
        d.limb[i] = (d.limb[i] ^ negate) - negate;
    d = carried(d, &n, 0);
    d = carried(d, &n, sign_mask(&d));
    const uint64_t l0 = (uint64_t)d.limb[0], l1 = (uint64_t)d.limb[1], l2 = (uint64_t)d.limb[2],
                   l3 = (uint64_t)d.limb[3], l4 = (uint64_t)d.limb[4];
    num r = {{l0 | l1 << 62, l1 >> 2 | l2 << 60, l2 >> 4 | l3 << 58, l3 >> 6 | l4 << 56}};
    return r;
}

#else

static inline num num_invert(num a, const modulus *modulo)
{
    return mont_leave(mont_invert(mont_enter(a, modulo), modulo), modulo);
}

#endif

#endif
