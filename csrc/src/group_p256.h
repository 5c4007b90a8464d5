/* The group of P-256: y^2 = x^3 - 3x + b modulo p (FIPS 186-5, SP 800-186 section 3.2.1.3).
 *
 * Homogeneous coordinates x = X / Z, y = Y / Z in Montgomery form; Z = 0 is infinity. The
 * formulas are complete: they hold for all pairs of points, infinity included.
 */
#ifndef HWLOCK_GROUP_P256_H
#define HWLOCK_GROUP_P256_H

#include "comb.h"
#include "mont.h"

typedef struct {
    num X, Y, Z;
} p256_point;

/* One tooth of a comb; an entry is x, y in Montgomery form. */
typedef uint64_t p256_tooth[COMB_ENTRIES][2][4];

/* 1 and the point, when x, y < p and it is on the curve; else 0 and the base point. */
uint64_t p256_decode(p256_point *p, const uint8_t bytes[64]);

void p256_comb_build(p256_tooth comb[COMB_TEETH], const p256_point *p);

/* [a]A + [b]B with the comb of A and the base point B, for plain a, b below the order. */
void p256_combine(p256_point *sum, num a, const p256_tooth A[COMB_TEETH], num b);

/* 1 when p is not infinity and its x, an integer in [0, p), is r modulo the order. r is below
 * the order. */
uint64_t p256_has_x(const p256_point *p, num r);

#endif
