#include <string.h>

#include "hmac.h"
#include "hwlock.h"

/* The zero that ends the string is part of the label. */
static const uint8_t LABEL[] = "hwlock component v1";

enum { MAX_KIND_BYTES = 64, MAX_VALUE_BYTES = 256 };

int hwlock_fingerprint_digest(uint8_t digest[32], const uint8_t salt[16], const uint8_t *kind,
                              size_t kind_bytes, const uint8_t *value, size_t value_bytes)
{
    static const uint8_t zero[1] = {0};
    memset(digest, 0, 32);
    if (kind_bytes < 1 || kind_bytes > MAX_KIND_BYTES || memchr(kind, 0, kind_bytes) != NULL)
        return HWLOCK_BAD_INPUT;
    if (value_bytes < 1 || value_bytes > MAX_VALUE_BYTES)
        return HWLOCK_BAD_INPUT;
    hmac h;
    hmac_init(&h, salt, 16);
    hmac_update(&h, LABEL, sizeof LABEL);
    hmac_update(&h, kind, kind_bytes);
    hmac_update(&h, zero, sizeof zero);
    hmac_update(&h, value, value_bytes);
    hmac_final(&h, digest);
    return HWLOCK_OK;
}
