/* HMAC-SHA-256 in pieces (RFC 2104, FIPS 198-1). */
#ifndef HWLOCK_HMAC_H
#define HWLOCK_HMAC_H

#include "sha2.h"

typedef struct {
    sha256 inner;
    uint8_t outer_pad[64];
} hmac;

void hmac_init(hmac *h, const uint8_t *key, size_t key_bytes);
void hmac_update(hmac *h, const uint8_t *data, size_t bytes);

/* Write the tag and wipe what came from the key. */
void hmac_final(hmac *h, uint8_t tag[32]);

#endif
