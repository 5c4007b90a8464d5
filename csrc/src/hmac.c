#include "hmac.h"

#include <string.h>

#include "hwlock.h"

void hmac_init(hmac *h, const uint8_t *key, size_t key_bytes)
{
    uint8_t pad[64] = {0};
    if (key_bytes > sizeof pad)
        hwlock_sha256(pad, key, key_bytes);
    else if (key_bytes > 0)
        memcpy(pad, key, key_bytes);
    for (int i = 0; i < 64; i++) {
        h->outer_pad[i] = pad[i] ^ 0x5c;
        pad[i] ^= 0x36;
    }
    sha256_init(&h->inner);
    sha256_update(&h->inner, pad, sizeof pad);
    hwlock_wipe(pad, sizeof pad);
}

void hmac_update(hmac *h, const uint8_t *data, size_t bytes)
{
    sha256_update(&h->inner, data, bytes);
}

void hmac_final(hmac *h, uint8_t tag[32])
{
    uint8_t digest[32];
    sha256_final(&h->inner, digest);
    sha256_init(&h->inner);
    sha256_update(&h->inner, h->outer_pad, sizeof h->outer_pad);
    sha256_update(&h->inner, digest, sizeof digest);
    sha256_final(&h->inner, tag);
    hwlock_wipe(digest, sizeof digest);
    hwlock_wipe((uint8_t *)h, sizeof *h);
}

void hwlock_hmac_sha256(uint8_t tag[32], const uint8_t *key, size_t key_bytes,
                        const uint8_t *message, size_t message_bytes)
{
    hmac h;
    hmac_init(&h, key, key_bytes);
    hmac_update(&h, message, message_bytes);
    hmac_final(&h, tag);
}
