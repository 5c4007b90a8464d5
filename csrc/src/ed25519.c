/* The acceptance rule of Ed25519, in the numbers of hwlock.h. All of it is computed before the
 * verdict is formed, so that a refusal takes as long as an acceptance. */
#include <string.h>

#include "group25519.h"
#include "hwlock.h"
#include "scalar25519.h"
#include "sha2.h"

/* Rule 2: build the comb and check the key. The comb is of -A, which has the order of A. */
static uint64_t load(comb_tooth *comb, int teeth, const uint8_t key[32])
{
    const comb25519 built = {(const comb_tooth *)comb, teeth};
    point minus_A, product;
    int8_t order[COMB_DIGITS];
    uint64_t good = point_decode_negated(&minus_A, key);
    comb25519_build(comb, teeth, &minus_A);
    scalar_order(order);
    point_multiply_vartime(&product, order, built);
    return good & point_is_identity(&product) & (1 ^ point_is_small(&minus_A));
}

int hwlock_ed25519_load(hwlock_ed25519_loaded *loaded, const uint8_t key[32])
{
    loaded->valid = load(loaded->comb, COMB_FEW_TEETH, key);
    memcpy(loaded->key, key, 32);
    return verdict(loaded->valid, HWLOCK_BAD_KEY);
}

int hwlock_ed25519_prepare(hwlock_ed25519_prepared *prepared, const uint8_t key[32])
{
    prepared->valid = load(prepared->comb, COMB_TEETH, key);
    memcpy(prepared->key, key, 32);
    return verdict(prepared->valid, HWLOCK_BAD_KEY);
}

/* Rule 3 */
static void challenge(int8_t k[COMB_DIGITS], const uint8_t R[32], const uint8_t A[32],
                      const uint8_t *message, size_t message_bytes)
{
    sha512 h;
    uint8_t digest[64];
    sha512_init(&h);
    sha512_update(&h, R, 32);
    sha512_update(&h, A, 32);
    sha512_update(&h, message, message_bytes);
    sha512_final(&h, digest);
    scalar_reduce(k, digest);
}

/* The rule, for all ways to hold a key. */
static int verify(comb25519 minus_A, uint64_t valid, const uint8_t key[32],
                  const uint8_t signature[64], const uint8_t *message, size_t message_bytes)
{
    int8_t S[COMB_DIGITS], k[COMB_DIGITS];
    uint8_t encoded[32];
    point R;
    uint64_t good = valid & scalar_strict(S, signature + 32); /* 1 and 2 */
    challenge(k, signature, key, message, message_bytes);     /* 3 */
    point_combine(&R, k, minus_A, S);                         /* 4 */
    point_encode(encoded, &R);
    good &= (uint64_t)hwlock_equal(encoded, signature, 32);
    good &= 1 ^ point_is_small(&R);
    return verdict(good, HWLOCK_BAD_SIGNATURE);
}

int hwlock_ed25519_verify_loaded(const hwlock_ed25519_loaded *loaded,
                                 const uint8_t signature[64], const uint8_t *message,
                                 size_t message_bytes)
{
    comb25519 comb = {loaded->comb, COMB_FEW_TEETH};
    return verify(comb, loaded->valid, loaded->key, signature, message, message_bytes);
}

int hwlock_ed25519_verify_prepared(const hwlock_ed25519_prepared *prepared,
                                   const uint8_t signature[64], const uint8_t *message,
                                   size_t message_bytes)
{
    comb25519 comb = {prepared->comb, COMB_TEETH};
    return verify(comb, prepared->valid, prepared->key, signature, message, message_bytes);
}

int hwlock_ed25519_verify(const uint8_t key[32], const uint8_t signature[64],
                          const uint8_t *message, size_t message_bytes)
{
    hwlock_ed25519_loaded loaded;
    int bad_key = hwlock_ed25519_load(&loaded, key);
    int bad = hwlock_ed25519_verify_loaded(&loaded, signature, message, message_bytes);
    return bad_key | (bad & (int)ct_mask(loaded.valid));
}

void hwlock_ed25519_verify_many(const hwlock_ed25519_prepared *prepared, hwlock_signed *items,
                                size_t count)
{
    for (size_t i = 0; i < count; i++)
        items[i].outcome = hwlock_ed25519_verify_prepared(
            prepared, items[i].signature, items[i].message, items[i].message_bytes);
}
