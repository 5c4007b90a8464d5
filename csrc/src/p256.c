/* ECDSA verification (FIPS 186-5 section 6.4.2) over P-256 with SHA-256. All of it is computed
 * before the verdict is formed. */
#include "group_p256.h"
#include "hwlock.h"
#include "invert.h"
#include "scalar_p256.h"

static const modulus *const N = &P256_ORDER;

int hwlock_p256_load(hwlock_p256_loaded *loaded, const uint8_t key[64])
{
    p256_entry Q;
    uint64_t good = p256_decode(Q, key);
    p256_row_build(loaded->row, (const uint64_t(*)[4])Q);
    loaded->valid = good;
    return verdict(good, HWLOCK_BAD_KEY);
}

int hwlock_p256_prepare(hwlock_p256_prepared *prepared, const uint8_t key[64])
{
    p256_entry Q;
    uint64_t good = p256_decode(Q, key);
    p256_rows_build(prepared->rows, prepared->top, (const uint64_t(*)[4])Q);
    prepared->valid = good;
    return verdict(good, HWLOCK_BAD_KEY);
}

/* 1 when 0 < a < n, else 0 */
static uint64_t in_range(num a)
{
    return num_less(a, N->m) & (1 ^ num_is_zero(a));
}

/* The rule, for all ways to hold a key. */
static int verify(p256_multiples key, uint64_t valid, const uint8_t signature[64],
                  const uint8_t digest[32])
{
    num r = num_from_be(signature), s = num_from_be(signature + 32);
    uint64_t good = valid & in_range(r) & in_range(s);
    num e = mod_once(num_from_be(digest), 0, N); /* 2^256 < 2 n */
    num inverse = mont_enter(num_invert(mod_once(s, 0, N), N), N);
    num u = mont_mul(e, inverse, N); /* plain */
    r = mod_once(r, 0, N);
    good &= p256_sum_has_x(key, mont_mul(r, inverse, N), u, r);
    return verdict(good, HWLOCK_BAD_SIGNATURE);
}

int hwlock_p256_verify_digest_prepared(const hwlock_p256_prepared *prepared,
                                       const uint8_t signature[64], const uint8_t digest[32])
{
    p256_multiples key = {prepared->rows, &prepared->top};
    return verify(key, prepared->valid, signature, digest);
}

int hwlock_p256_verify_digest_loaded(const hwlock_p256_loaded *loaded,
                                     const uint8_t signature[64], const uint8_t digest[32])
{
    p256_multiples key = {&loaded->row, NULL};
    return verify(key, loaded->valid, signature, digest);
}

int hwlock_p256_verify_prepared(const hwlock_p256_prepared *prepared,
                                const uint8_t signature[64], const uint8_t *message,
                                size_t message_bytes)
{
    uint8_t digest[32];
    hwlock_sha256(digest, message, message_bytes);
    return hwlock_p256_verify_digest_prepared(prepared, signature, digest);
}

int hwlock_p256_verify_loaded(const hwlock_p256_loaded *loaded, const uint8_t signature[64],
                              const uint8_t *message, size_t message_bytes)
{
    uint8_t digest[32];
    hwlock_sha256(digest, message, message_bytes);
    return hwlock_p256_verify_digest_loaded(loaded, signature, digest);
}

int hwlock_p256_verify_digest(const uint8_t key[64], const uint8_t signature[64],
                              const uint8_t digest[32])
{
    hwlock_p256_loaded loaded;
    int bad_key = hwlock_p256_load(&loaded, key);
    int bad = hwlock_p256_verify_digest_loaded(&loaded, signature, digest);
    return bad_key | (bad & (int)ct_mask(loaded.valid));
}

int hwlock_p256_verify(const uint8_t key[64], const uint8_t signature[64],
                       const uint8_t *message, size_t message_bytes)
{
    uint8_t digest[32];
    hwlock_sha256(digest, message, message_bytes);
    return hwlock_p256_verify_digest(key, signature, digest);
}

void hwlock_p256_verify_many(const hwlock_p256_prepared *prepared, hwlock_signed *items,
                             size_t count)
{
    for (size_t i = 0; i < count; i++)
        items[i].outcome = hwlock_p256_verify_prepared(
            prepared, items[i].signature, items[i].message, items[i].message_bytes);
}
