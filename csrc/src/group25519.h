/* The group of Ed25519: -x^2 + y^2 = 1 + d x^2 y^2 modulo p (RFC 8032 section 5.1).
 *
 * Every addition formula here is complete: it holds for all points of the curve, those of
 * small order included.
 */
#ifndef HWLOCK_GROUP25519_H
#define HWLOCK_GROUP25519_H

#include "comb.h"
#include "field25519.h"

/* x = X / Z, y = Y / Z, T = XY / Z. Coordinates are tight. */
typedef struct {
    fe X, Y, Z, T;
} point;

/* One tooth of a comb (comb.h); an entry is y + x, y - x, 2dxy, each in [0, p). */
typedef uint64_t comb_tooth[COMB_ENTRIES][3][4];

/* 1 and the point's negative, when `bytes` is canonical and on the curve; else 0 and the
 * identity. */
uint64_t point_decode_negated(point *p, const uint8_t bytes[32]);

void point_encode(uint8_t bytes[32], const point *p);

uint64_t point_is_identity(const point *p);

/* 1 when [8]p is the identity. */
uint64_t point_is_small(const point *p);

/* A comb of `teeth` teeth, COMB_FEW_TEETH or COMB_TEETH. */
typedef struct {
    const comb_tooth *tooth;
    int teeth;
} comb25519;

void comb25519_build(comb_tooth *comb, int teeth, const point *p);

/* [a]A + [b]B with the comb of A and the base point B, of digits by comb_recode. */
void point_combine(point *sum, const int8_t a[COMB_DIGITS], comb25519 A,
                   const int8_t b[COMB_DIGITS]);

/* The same of the first term alone. The digits are public. */
void point_multiply_vartime(point *product, const int8_t a[COMB_DIGITS], comb25519 A);

#endif
