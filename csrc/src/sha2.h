/* SHA-256 and SHA-512 in pieces (FIPS 180-4): init, any number of updates, final. */
#ifndef HWLOCK_SHA2_H
#define HWLOCK_SHA2_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t state[8];
    uint64_t total; /* bytes so far */
    uint8_t block[64];
} sha256;

typedef struct {
    uint64_t state[8];
    uint64_t total; /* bytes so far: 2^64 of the standard's 2^125 */
    uint8_t block[128];
} sha512;

void sha256_init(sha256 *h);
void sha256_update(sha256 *h, const uint8_t *data, size_t bytes);
void sha256_final(sha256 *h, uint8_t digest[32]);

void sha512_init(sha512 *h);
void sha512_update(sha512 *h, const uint8_t *data, size_t bytes);
void sha512_final(sha512 *h, uint8_t digest[64]);

#endif
