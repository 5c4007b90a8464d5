/* The group of P-256: y^2 = x^3 - 3x + b modulo p (FIPS 186-5, SP 800-186 section 3.2.1.3).
 *
 * Multiples are sums of odd digits: an odd a below 2^256 is 2^255 + the sum of d[i] 32^i for
 * i = 0 .. 50, every d[i] odd in [-31, 31]. There is no digit 0, and adding from the highest
 * digit down never meets a case that the short formulas cannot do (group_p256.c).
 */
#ifndef HWLOCK_GROUP_P256_H
#define HWLOCK_GROUP_P256_H

#include "field_p256.h"
#include "scalar_p256.h"

enum { P256_DIGITS = 51, P256_ENTRIES = 16 };

/* An affine point: x and y as field_p256.h has them in tables. */
typedef uint64_t p256_entry[2][4];

/* P, 3 P, 5 P .. 31 P, as table.h wants a row */
enum { P256_WORDS = 8 };
typedef uint64_t p256_row[P256_WORDS][P256_ENTRIES];

/* 1 and the point, when x, y < p and it is on the curve; else 0 and the base point. */
uint64_t p256_decode(p256_entry p, const uint8_t bytes[64]);

/* The odd multiples of p. */
void p256_row_build(p256_row row, const p256_entry p);

/* Row i holds the odd multiples of 32^i p; top is 2^255 p. */
void p256_rows_build(p256_row rows[P256_DIGITS], p256_entry top, const p256_entry p);

/* The rows and the top of the base point */
extern const p256_row BASE_P256[P256_DIGITS];
extern const p256_entry BASE_P256_TOP;

/* 1 when the first entry of a row is the point of these bytes. */
uint64_t p256_row_begins(const p256_row row, const uint8_t bytes[64]);

/* What a key is multiplied by: all rows, or one row and then no top. */
typedef struct {
    const p256_row *rows;
    const p256_entry *top; /* NULL: there is one row */
} p256_multiples;

/* The x of a point as X / Z; Z = 0 is infinity. As limbs, below 2.01 U (field_p256.h). */
typedef struct {
    fp X, Z;
} p256_ratio;

/* The form of the b of the curve */
extern const uint64_t P256_B[4];

/* [a]A + [b]B for A of these multiples, the base point B, and plain a, b below the order. */
void p256_combine(p256_ratio *sum, p256_multiples A, num a, num b);

#ifdef HWLOCK_MULX
/* The same by group_p256_mulx.c, X and Z as tables have them. They need BMI2, ADX and AVX2. */
void p256_combine_words_mulx(uint64_t X[4], uint64_t Z[4], p256_multiples A, num a, num b);

void p256_row_build_mulx(p256_row row, const p256_entry p);

void p256_rows_build_mulx(p256_row rows[P256_DIGITS], p256_entry top, const p256_entry p);
#endif

#if defined(HWLOCK_IFMA) && !defined(HWLOCK_FIELD_MULX)
/* Eight ratios in memory, limb by limb. */
typedef struct {
    int64_t X[FP_LIMBS][8], Z[FP_LIMBS][8];
} p256_lanes;

/* One of them. Not in the file of the vector code, so that its compiler cannot mix the two. */
void p256_from_lane(p256_ratio *sum, const p256_lanes *lanes, int lane);

/* The same for an A with all rows, of one pair of scalars, or of eight side by side. They need
 * AVX-512 F, DQ, VL and IFMA. */
void p256_combine_ifma(p256_ratio *sum, p256_multiples A, num a, num b);

void p256_combine_eight_ifma(p256_ratio sum[8], p256_multiples A, const num a[8],
                             const num b[8]);

/* Eight points x = X / Z^2, y = Y / Z^3 in memory, limb by limb: each coordinate in [0, p). */
typedef struct {
    uint64_t X[FP_LIMBS][8], Y[FP_LIMBS][8], Z[FP_LIMBS][8];
} p256_points;

/* p, 32 p, 1024 p and on, as many as there are rows, and 2^255 p; then p again. */
enum { P256_BASES = 7 };
void p256_bases(p256_points bases[P256_BASES], const p256_entry p);

/* An entry of up to eight rows from `first`, word by word; of the row after the last one it is the
 * top, if the entry is 0. */
void p256_entries_from_lanes(p256_row *rows, p256_entry top, uint64_t words[P256_WORDS][8],
                             int first, int entry);

/* The form of a number -> the form of its inverse */
void p256_invert(uint64_t form[4]);

/* p256_rows_build by eight rows side by side */
void p256_rows_build_ifma(p256_row rows[P256_DIGITS], p256_entry top, const p256_entry p);
#endif

/* 1 when the point is not infinity and its x, an integer in [0, p), is r modulo the order; for a
 * plain r below the order. */
uint64_t p256_has_x(const p256_ratio *point, num r);

#endif
