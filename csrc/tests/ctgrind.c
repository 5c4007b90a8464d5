/* Constant time, as a property of this binary.
 *
 * Every input is marked undefined; memcheck then reports each branch and each address that
 * depends on it. Verdicts are public, so they are marked defined before they are looked at.
 * With an argument, a leak of that name runs, and must be reported.
 * With HWLOCK_MSAN, clang's MemorySanitizer is asked instead of memcheck.
 */
#include <stdlib.h>

#include "dispatch.h"
#include "hwlock.h"
#include "known.h"

#ifdef HWLOCK_MSAN
#include <sanitizer/msan_interface.h>
#define MARK_DEFINED __msan_unpoison
#define MARK_UNDEFINED __msan_poison
#else
#include <valgrind/memcheck.h>
#define MARK_DEFINED VALGRIND_MAKE_MEM_DEFINED
#define MARK_UNDEFINED VALGRIND_MAKE_MEM_UNDEFINED
#endif

static int verdicts; /* their sum, so that no call is dropped */

static void publish(int value)
{
    MARK_DEFINED(&value, sizeof value);
    verdicts += value;
}

static void secret(void *memory, size_t bytes)
{
    MARK_UNDEFINED(memory, bytes);
}

/* MemorySanitizer passes what it does not know as defined: what came of a secret must not be. */
static void still_secret(const void *memory, size_t bytes)
{
#ifdef HWLOCK_MSAN
    if (__msan_test_shadow(memory, bytes) < 0)
        abort();
#else
    (void)memory, (void)bytes;
#endif
}

/* More than are verified one by one */
enum { MANY = 5 };

/* The same of every word */
static void still_secret_words(const void *memory, size_t bytes)
{
    for (size_t i = 0; i + sizeof(word) <= bytes; i += sizeof(word))
        still_secret((const uint8_t *)memory + i, sizeof(word));
}

/* The lowest bit of a word of a number */
static int bit_of(const void *number)
{
    word w;
    memcpy(&w, number, sizeof w);
    return (int)(w & 1);
}

static void ed25519(int good)
{
    uint8_t key[32], sig[64], message[200] = {0};
    hwlock_ed25519_loaded loaded;
    hwlock_ed25519_prepared prepared;
    from_hex(key, ED_KEY);
    from_hex(sig, ED_SIGNATURE);
    size_t bytes = from_hex(message, ED_MESSAGE);
    sig[63] |= good ? 0 : 0xf0; /* S >= L */
    key[0] ^= good ? 0 : 1;
    secret(key, sizeof key);
    secret(sig, sizeof sig);
    secret(message, sizeof message);
    hwlock_signed item = {sig, message, good ? bytes : sizeof message, 0};
    hwlock_signed items[MANY] = {item, item, item, item, item};
    static uint8_t embedded[HWLOCK_ED25519_PREPARED_BYTES];
    publish(hwlock_ed25519_verify(key, sig, message, bytes));
    publish(hwlock_ed25519_load(&loaded, key));
    publish(hwlock_ed25519_verify_loaded(&loaded, sig, message, bytes));
    publish(hwlock_ed25519_prepare(&prepared, key));
    publish(hwlock_ed25519_verify_prepared(&prepared, sig, message, bytes));
    hwlock_ed25519_verify_many(&prepared, items, MANY);
    for (int i = 0; i < MANY; i++)
        publish(items[i].outcome);
    publish(hwlock_ed25519_prepared_write(embedded, &prepared));
    publish(hwlock_ed25519_prepared_read(&prepared, embedded, sizeof embedded, key));
}

static void p256(int good)
{
    uint8_t key[64], sig[64], message[200] = {0}, digest[32];
    hwlock_p256_loaded loaded;
    hwlock_p256_prepared prepared;
    from_hex(key, P256_KEY);
    from_hex(sig, P256_SIGNATURE);
    size_t bytes = from_hex(message, P256_MESSAGE);
    memset(sig, 0xff, good ? 0 : 32); /* r >= n */
    key[0] ^= good ? 0 : 1;
    secret(key, sizeof key);
    secret(sig, sizeof sig);
    secret(message, sizeof message);
    hwlock_signed item = {sig, message, good ? bytes : sizeof message, 0};
    hwlock_signed items[MANY] = {item, item, item, item, item};
    static uint8_t embedded[HWLOCK_P256_PREPARED_BYTES];
    hwlock_sha256(digest, message, bytes);
    publish(hwlock_p256_verify(key, sig, message, bytes));
    publish(hwlock_p256_verify_digest(key, sig, digest));
    publish(hwlock_p256_load(&loaded, key));
    publish(hwlock_p256_verify_loaded(&loaded, sig, message, bytes));
    publish(hwlock_p256_prepare(&prepared, key));
    publish(hwlock_p256_verify_prepared(&prepared, sig, message, bytes));
    publish(hwlock_p256_verify_digest_prepared(&prepared, sig, digest));
    hwlock_p256_verify_many(&prepared, items, MANY);
    for (int i = 0; i < MANY; i++)
        publish(items[i].outcome);
    publish(hwlock_p256_prepared_write(embedded, &prepared));
    publish(hwlock_p256_prepared_read(&prepared, embedded, sizeof embedded, key));
}

static void hashes(void)
{
    uint8_t key[100] = {0}, message[300] = {0}, out[64];
    secret(key, sizeof key);
    secret(message, sizeof message);
    hwlock_sha256(out, message, sizeof message);
    still_secret(out, 32);
    hwlock_sha512(out, message, sizeof message);
    hwlock_hmac_sha256(out, key, 16, message, sizeof message);
    hwlock_hmac_sha256(out, key, sizeof key, message, sizeof message);
    hwlock_hashed items[3] = {{message, 300, {0}}, {message, 200, {0}}, {message, 1, {0}}};
    hwlock_sha256_many(items, 3);
    still_secret(items[0].digest, 32);
    still_secret(items[1].digest, 32);
    publish(hwlock_fingerprint_digest(out, key, (const uint8_t *)"disk", 4, message, 20));
    publish(hwlock_equal(message, message + 32, 32));
    publish(hwlock_equal(message, out, 32));
    hwlock_wipe(message, sizeof message);
}

/* What the ways to sum make of secrets */
typedef struct {
    point one, unseen;
    p256_ratio p256;
    uint8_t many[COMBINE_MOST][32];
    uint64_t small[COMBINE_MOST], valid;
} sums;

/* Sums of multiples by secret scalars, of both curves, and of a secret key; they must count as
 * secret in all their limbs, through every instruction on the way. */
static void multiples(sums *sum)
{
    static hwlock_ed25519_prepared ed;
    static hwlock_p256_prepared p256;
    uint8_t ed_key[32], p256_key[64];
    int8_t k[COMB_DIGITS] = {1, -8, 7}, S[COMB_DIGITS] = {2, 3};
    num a = {{5}}, b = {{7}};
    from_hex(ed_key, ED_KEY);
    from_hex(p256_key, P256_KEY);
    hwlock_ed25519_prepare(&ed, ed_key);
    hwlock_p256_prepare(&p256, p256_key);
    const comb25519 comb = {(const comb_tooth *)ed.comb, COMB_TEETH};
    const p256_multiples rows = {(const p256_row *)p256.rows, (const p256_entry *)&p256.top};
    secret(k, sizeof k);
    secret(S, sizeof S);
    secret(&a, sizeof a);
    secret(&b, sizeof b);
    int8_t ks[COMBINE_MOST][COMB_DIGITS], Ss[COMBINE_MOST][COMB_DIGITS];
    for (int i = 0; i < COMBINE_MOST; i++) {
        memcpy(ks[i], k, sizeof k);
        memcpy(Ss[i], S, sizeof S);
    }
    ed25519_combine(&sum->one, k, comb, S);
    ed25519_combine_many(sum->many, sum->small, ks, comb.tooth, Ss, COMBINE_MOST);
    p256_sum(&sum->p256, rows, a, b);
    secret(ed_key, sizeof ed_key);
    sum->valid = ed25519_combine_unseen(&sum->unseen, k, ed_key, S);
    still_secret_words(&sum->one.X, sizeof sum->one.X);
    still_secret_words(&sum->one.Z, sizeof sum->one.Z);
    still_secret_words(&sum->unseen.X, sizeof sum->unseen.X);
    still_secret_words(&sum->unseen.Z, sizeof sum->unseen.Z);
    still_secret_words(&sum->p256.X, sizeof sum->p256.X);
    still_secret_words(&sum->p256.Z, sizeof sum->p256.Z);
    still_secret_words(sum->many, sizeof sum->many);
    still_secret_words(sum->small, sizeof sum->small);
    still_secret_words(&sum->valid, sizeof sum->valid);
}

static void leak(void)
{
    uint8_t a[32] = {0}, b[32] = {0};
    volatile int same = 0;
    secret(a, sizeof a);
    while (same < 32 && a[same] == b[same])
        same = same + 1;
    publish(same);
}

/* The leaks of a careless programmer: a loop that ends early, and a question about a sum. */
static void leak_of(const char *what)
{
    sums sum;
    if (strcmp(what, "compare") == 0) {
        leak();
        return;
    }
    multiples(&sum);
    if (strcmp(what, "ed25519") == 0 && bit_of(&sum.one.X))
        publish(1);
    if (strcmp(what, "unseen") == 0 && bit_of(&sum.unseen.X))
        publish(1);
    if (strcmp(what, "many") == 0 && bit_of(sum.many[COMBINE_MOST - 1]))
        publish(1);
    if (strcmp(what, "p256") == 0 && bit_of(&sum.p256.X))
        publish(1);
}

int main(int argc, char **argv)
{
    sums sum;
#ifdef HWLOCK_ASSUMED
    if (strcmp(dispatch_curves(), "mulx-adx") != 0)
        return 1; /* a proof of other code than was meant */
#endif
    if (argc > 1) {
        leak_of(argv[1]);
        return 0;
    }
    for (int good = 0; good < 2; good++) {
        ed25519(good);
        p256(good);
    }
    hashes();
    multiples(&sum);
    return verdicts < 0;
}
