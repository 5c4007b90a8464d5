/* Constant time, as a property of this binary.
 *
 * Every input is marked undefined; memcheck then reports each branch and each address that
 * depends on it. Verdicts are public, so they are marked defined before they are looked at.
 * With the argument "leak", a comparison that stops early runs too, and must be reported.
 * With HWLOCK_MSAN, clang's MemorySanitizer is asked instead of memcheck.
 */
#include <stdlib.h>

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

static int sum; /* of verdicts, so that no call is dropped */

static void publish(int value)
{
    MARK_DEFINED(&value, sizeof value);
    sum += value;
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
    publish(hwlock_ed25519_verify(key, sig, message, bytes));
    publish(hwlock_ed25519_load(&loaded, key));
    publish(hwlock_ed25519_verify_loaded(&loaded, sig, message, bytes));
    publish(hwlock_ed25519_prepare(&prepared, key));
    publish(hwlock_ed25519_verify_prepared(&prepared, sig, message, bytes));
    hwlock_ed25519_verify_many(&prepared, &item, 1);
    publish(item.outcome);
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
    hwlock_sha256(digest, message, bytes);
    publish(hwlock_p256_verify(key, sig, message, bytes));
    publish(hwlock_p256_verify_digest(key, sig, digest));
    publish(hwlock_p256_load(&loaded, key));
    publish(hwlock_p256_verify_loaded(&loaded, sig, message, bytes));
    publish(hwlock_p256_prepare(&prepared, key));
    publish(hwlock_p256_verify_prepared(&prepared, sig, message, bytes));
    publish(hwlock_p256_verify_digest_prepared(&prepared, sig, digest));
    hwlock_p256_verify_many(&prepared, &item, 1);
    publish(item.outcome);
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
    publish(hwlock_fingerprint_digest(out, key, (const uint8_t *)"disk", 4, message, 20));
    publish(hwlock_equal(message, message + 32, 32));
    publish(hwlock_equal(message, out, 32));
    hwlock_wipe(message, sizeof message);
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

int main(int argc, char **argv)
{
    for (int good = 0; good < 2; good++) {
        ed25519(good);
        p256(good);
    }
    hashes();
    if (argc > 1 && strcmp(argv[1], "leak") == 0)
        leak();
    return sum < 0;
}
