/* The one place that knows processors: each function here calls the best code for this one.
 *
 * -DHWLOCK_FEATURES=0 forbids all extensions, for tests of the portable code; a bit of
 * dispatch_feature allows one. -DHWLOCK_ASSUMED=8 does not ask for MULX_ADX: valgrind runs these
 * instructions, but says that it has them not. Tests built with -DHWLOCK_TESTS forbid some while they
 * run.
 */
#ifndef HWLOCK_DISPATCH_H
#define HWLOCK_DISPATCH_H

#include <stddef.h>
#include <stdint.h>

#include "group25519.h"
#include "group_p256.h"
#include "hwlock.h"

/* PROBED is always set, so that 0 means "not yet known". SHA_NI are the SHA instructions of x86-64;
 * on ARM, those of ARMv8 for SHA-256. MULX_ADX is AVX2 too. */
enum dispatch_feature { PROBED = 1, SHA_NI = 2, AVX512_IFMA = 4, MULX_ADX = 8, ALL_FEATURES = 15 };

#ifdef HWLOCK_TESTS
/* Probe again, and from now on use only these features. */
void dispatch_allow(unsigned mask);
#endif

/* Name of the code that sha256_blocks calls: "portable", "sha-ni", "armv8-sha2". */
const char *dispatch_sha256(void);

/* Name of the code that ed25519_combine calls: "portable", "mulx-adx", "avx512-ifma". */
const char *dispatch_curves(void);

/* Compress `count` blocks of 64 bytes into the state. */
void sha256_blocks(uint32_t state[8], const uint8_t *data, size_t count);

/* The same of two messages, `count` blocks of each. */
void sha256_blocks_two(uint32_t *const state[2], const uint8_t *const data[2], size_t count);

/* Rule 3 of hwlock.h for `count` items, 1 to COMBINE_MOST: SHA-512 of R, the key and the message */
enum { COMBINE_MOST = 8 };
void ed25519_challenges(uint8_t digest[COMBINE_MOST][64], const uint8_t key[32],
                        const hwlock_signed *items, int count);

/* comb25519_load of group25519.h */
uint64_t ed25519_load(comb_tooth *comb, int teeth, const uint8_t encoded[32]);

/* point_combine of group25519.h */
void ed25519_combine(point *sum, const int8_t a[COMB_DIGITS], comb25519 A,
                     const int8_t b[COMB_DIGITS]);

/* Rule 2 of hwlock.h, 1 when A, the encoded point, is good; and in the same course [a](-A) + [b]B.
 */
uint64_t ed25519_combine_unseen(point *sum, const int8_t a[COMB_DIGITS],
                                const uint8_t encoded[32], const int8_t b[COMB_DIGITS]);

/* The bytes of [a]A + [b]B for `count` pairs of scalars, 1 to COMBINE_MOST, and an A with all teeth;
 * and 1 for a sum of small order. */
void ed25519_combine_many(uint8_t bytes[COMBINE_MOST][32], uint64_t small[COMBINE_MOST],
                          int8_t a[COMBINE_MOST][COMB_DIGITS], const comb_tooth *A,
                          int8_t b[COMBINE_MOST][COMB_DIGITS], int count);

/* p256_row_build and p256_rows_build of group_p256.h */
void p256_load_row(p256_row row, const p256_entry p);

void p256_load_rows(p256_row rows[P256_DIGITS], p256_entry top, const p256_entry p);

/* p256_combine of group_p256.h, and of `count` pairs of scalars, for an A with all rows. */
void p256_sum(p256_ratio *sum, p256_multiples A, num a, num b);

void p256_sum_many(p256_ratio sum[COMBINE_MOST], p256_multiples A, const num a[COMBINE_MOST],
                   const num b[COMBINE_MOST], int count);

#endif
