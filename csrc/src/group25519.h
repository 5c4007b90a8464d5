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

/* One tooth of a comb (comb.h), as table.h wants a row: an entry is y + x, y - x, 2dxy, each four
 * words and in [0, p). */
enum { COMB_WORDS = 12 };
typedef uint64_t comb_tooth[COMB_WORDS][COMB_ENTRIES];

/* 1 and the point's negative, when `bytes` is canonical and on the curve; else 0 and the
 * identity. */
uint64_t point_decode_negated(point *p, const uint8_t bytes[32]);

/* 1 to ENCODE_MOST points */
enum { ENCODE_MOST = 8 };
void points_encode(uint8_t bytes[][32], const point *p, int count);

uint64_t point_is_identity(const point *p);

/* 1 when [8]p is the identity. */
uint64_t point_is_small(const point *p);

/* The comb of the base point, with all teeth */
extern const comb_tooth BASE25519[COMB_TEETH];

/* 2d, of the equation of the curve */
extern const fe POINT_2D;

/* A comb of `teeth` teeth, COMB_FEW_TEETH or COMB_TEETH. */
typedef struct {
    const comb_tooth *tooth;
    int teeth;
} comb25519;

/* 1 when the first entry of a comb is the negative of the encoded point. */
uint64_t comb25519_begins_negated(const comb_tooth *comb, const uint8_t encoded[32]);

void comb25519_build(comb_tooth *comb, int teeth, const point *p);

/* [a]A + [b]B with the comb of A and the base point B, of digits by comb_recode. */
void point_combine(point *sum, const int8_t a[COMB_DIGITS], comb25519 A,
                   const int8_t b[COMB_DIGITS]);

/* Rule 2 of hwlock.h: fill the comb of -A, and say 1 when A, the encoded point, is good. */
uint64_t comb25519_load(comb_tooth *comb, int teeth, const uint8_t encoded[32]);

#ifdef HWLOCK_MULX
/* The same two by group25519_mulx.c. They need BMI2, ADX and AVX2. */
uint64_t comb25519_load_mulx(comb_tooth *comb, int teeth, const uint8_t encoded[32]);

/* X, Y, Z, T, four words each */
void point_combine_words_mulx(uint64_t words[4][4], const int8_t a[COMB_DIGITS], comb25519 A,
                              const int8_t b[COMB_DIGITS]);
#endif

#if defined(HWLOCK_IFMA) && !defined(HWLOCK_FIELD_MULX)
/* Eight points in memory, limb by limb: Y + X, Y - X, Z, T, each limb < 2^52. */
typedef struct {
    uint64_t plus[FE_LIMBS][8], minus[FE_LIMBS][8], Z[FE_LIMBS][8], T[FE_LIMBS][8];
} point_lanes;

/* One of them. Not in the file of the vector code, so that its compiler cannot mix the two. */
void point_from_lane(point *p, const point_lanes *lanes, int lane);

/* 1 / a for a in [0, p), as words */
void words25519_invert(uint64_t a[4]);

/* The same for an A with all teeth, of one pair of scalars, or of eight side by side: then as
 * points_encode and point_is_small say it. They need AVX-512 F, DQ, VL and IFMA. */
void point_combine_ifma(point *sum, const int8_t a[COMB_DIGITS], const comb_tooth *A,
                        const int8_t b[COMB_DIGITS]);

void point_combine_eight_ifma(uint8_t bytes[8][32], uint64_t small[8],
                              int8_t a[8][COMB_DIGITS], const comb_tooth *A,
                              int8_t b[8][COMB_DIGITS]);

/* [a]A + [b]B, and [order]A, for an A of which nothing is known but that it is on the curve. */
void point_combine_unseen_ifma(point *sum, point *order_A, const int8_t a[COMB_DIGITS],
                               const point *A, const int8_t order[COMB_DIGITS],
                               const int8_t b[COMB_DIGITS]);
#endif

/* The same of the first term alone. The digits are public. */
void point_multiply_vartime(point *product, const int8_t a[COMB_DIGITS], comb25519 A);

#endif
