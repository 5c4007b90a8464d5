/* The acceptance rule of Ed25519, in the numbers of hwlock.h. All of it is computed before the
 * verdict is formed, so that a refusal takes as long as an acceptance. */
#include <string.h>

#include "dispatch.h"
#include "hwlock.h"
#include "prepared.h"
#include "scalar25519.h"

int hwlock_ed25519_load(hwlock_ed25519_loaded *loaded, const uint8_t key[32])
{
    loaded->valid = ed25519_load(loaded->comb, COMB_FEW_TEETH, key);
    memcpy(loaded->key, key, 32);
    return verdict(loaded->valid, HWLOCK_BAD_KEY);
}

int hwlock_ed25519_prepare(hwlock_ed25519_prepared *prepared, const uint8_t key[32])
{
    prepared->valid = ed25519_load(prepared->comb, COMB_TEETH, key);
    memcpy(prepared->key, key, 32);
    return verdict(prepared->valid, HWLOCK_BAD_KEY);
}

/* Up to COMBINE_MOST signatures on their way through the rule. */
typedef struct {
    int8_t k[COMBINE_MOST][COMB_DIGITS], S[COMBINE_MOST][COMB_DIGITS];
    uint8_t R[COMBINE_MOST][32];
    uint64_t small[COMBINE_MOST], good[COMBINE_MOST];
} course;

/* Rules 1 to 3 of `count` items */
static void enter(course *c, const uint8_t key[32], const hwlock_signed *items, int count)
{
    uint8_t digest[COMBINE_MOST][64];
    ed25519_challenges(digest, key, items, count);
    for (int i = 0; i < count; i++) {
        c->good[i] = scalar_strict(c->S[i], items[i].signature + 32);
        scalar_reduce(c->k[i], digest[i]);
    }
}

/* What rule 4 asks of [S]B - [k]A, of one item */
static void encode(course *c, const point *sum)
{
    points_encode(c->R, sum, 1);
    c->small[0] = point_is_small(sum);
}

/* Rule 4 */
static int leave(const course *c, int i, const uint8_t signature[64])
{
    uint64_t good = c->good[i] & (uint64_t)hwlock_equal(c->R[i], signature, 32);
    return verdict(good & (1 ^ c->small[i]), HWLOCK_BAD_SIGNATURE);
}

/* The rule, for all ways to hold a key. */
static int verify(comb25519 minus_A, uint64_t valid, const uint8_t key[32],
                  const uint8_t signature[64], const uint8_t *message, size_t message_bytes)
{
    course c;
    point sum;
    const hwlock_signed item = {signature, message, message_bytes, 0};
    enter(&c, key, &item, 1);
    c.good[0] &= valid;
    ed25519_combine(&sum, c.k[0], minus_A, c.S[0]);
    encode(&c, &sum);
    return leave(&c, 0, signature);
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
    course c;
    point sum;
    const hwlock_signed item = {signature, message, message_bytes, 0};
    enter(&c, key, &item, 1);
    uint64_t valid = ed25519_combine_unseen(&sum, c.k[0], key, c.S[0]);
    encode(&c, &sum);
    int bad = leave(&c, 0, signature);
    return verdict(valid, HWLOCK_BAD_KEY) | (bad & (int)ct_mask(valid));
}

/* They share an inversion, of numbers that are never 0: no item can spoil another. */
static void verify_some(const hwlock_ed25519_prepared *prepared, hwlock_signed *items, int count)
{
    course c;
    memset(&c, 0, sizeof c);
    enter(&c, prepared->key, items, count);
    for (int i = 0; i < count; i++)
        c.good[i] &= prepared->valid;
    ed25519_combine_many(c.R, c.small, c.k, prepared->comb, c.S, count);
    for (int i = 0; i < count; i++)
        items[i].outcome = leave(&c, i, items[i].signature);
}

void hwlock_ed25519_verify_many(const hwlock_ed25519_prepared *prepared, hwlock_signed *items,
                                size_t count)
{
    for (; count >= COMBINE_MOST; count -= COMBINE_MOST, items += COMBINE_MOST)
        verify_some(prepared, items, COMBINE_MOST);
    if (count > 0)
        verify_some(prepared, items, (int)count);
}

/* --- the bytes of a prepared key --- */

static const prepared_form FORM = {
    PREPARED_ED25519, 32, sizeof((hwlock_ed25519_prepared *)0)->comb / 8};

int hwlock_ed25519_prepared_write(uint8_t bytes[HWLOCK_ED25519_PREPARED_BYTES],
                                  const hwlock_ed25519_prepared *prepared)
{
    prepared_write(bytes, &FORM, prepared->key, &prepared->comb[0][0][0]);
    return verdict(prepared->valid, HWLOCK_BAD_KEY);
}

int hwlock_ed25519_prepared_read(hwlock_ed25519_prepared *prepared, const uint8_t *bytes,
                                 size_t size, const uint8_t key[32])
{
    memset(prepared, 0, sizeof *prepared);
    prepared->valid = prepared_read(&prepared->comb[0][0][0], &FORM, bytes, size, key);
    prepared->valid &= comb25519_begins_negated((const comb_tooth *)prepared->comb, key);
    memcpy(prepared->key, key, 32);
    return verdict(prepared->valid, HWLOCK_BAD_INPUT);
}
