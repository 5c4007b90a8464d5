/* The compression of SHA-256, once for each kind of processor; dispatch.h chooses. */
#ifndef HWLOCK_SHA2_BLOCKS_H
#define HWLOCK_SHA2_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "hwlock.h"

#if defined(__x86_64__) || defined(_M_X64)
#define HWLOCK_X86_64
#endif

/* 64-bit ARM, where the compiler has its SHA-256 instructions for a single function, or for all. */
#if (defined(__aarch64__) && !defined(__AARCH64EB__) &&                                        \
     (defined(__ARM_FEATURE_SHA2) || !defined(__clang__) || __clang_major__ >= 16)) ||          \
    defined(_M_ARM64)
#define HWLOCK_ARM_SHA2
#endif

/* Fractions of the square roots of the first 8 primes: SHA-512 takes all 64 bits, SHA-256 the
 * upper 32. */
extern const uint64_t SHA2_INITIAL[8];

/* Fractions of the cube roots of the first 80 primes: SHA-512 takes all 64 bits, SHA-256 the
 * upper 32 of the first 64. */
extern const uint64_t SHA2_ROUND[80];

void sha256_blocks_portable(uint32_t state[8], const uint8_t *data, size_t count);

/* Needs SSSE3, SSE4.1 and the SHA extensions. */
void sha256_blocks_sha_ni(uint32_t state[8], const uint8_t *data, size_t count);

/* The same of two messages at once: `count` blocks of each. */
void sha256_blocks_two_sha_ni(uint32_t *const state[2], const uint8_t *const data[2],
                              size_t count);

/* Needs the SHA-256 instructions of ARMv8. */
void sha256_blocks_arm(uint32_t state[8], const uint8_t *data, size_t count);

/* Rule 3 of hwlock.h for 1 to 8 items: SHA-512 of R, the key and the message. Needs AVX-512 F. */
void sha512_challenges_eight(uint8_t digest[8][64], const uint8_t key[32],
                             const hwlock_signed *items, int count);

#endif
