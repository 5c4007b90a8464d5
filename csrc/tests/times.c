/* What the core takes on each path of the dispatch, from C, and OpenSSL and libsodium where they are:
 * microseconds, the fastest of some rounds, in which all take turns.
 *
 *   make -C csrc/tests times
 *
 * With an argument, that many rounds, and one line a figure: operation, who, microseconds. The
 * signatures are those of other messages: to refuse takes as long as to accept.
 */
#define _POSIX_C_SOURCE 199309L

#include <stdlib.h>
#include <time.h>

#include "dispatch.h"
#include "hwlock.h"
#include "known.h"
#include "peers.h"

enum { ROUNDS = 60, RUNS = 5, MANY = 64, MESSAGE = 300, LONG = 1 << 17, PARTS = 8, PATHS = 3 };

static const struct {
    const char *name;
    unsigned allowed;
} paths[PATHS] = {{"portable", SHA_NI}, {"mulx-adx", SHA_NI | MULX_ADX}, {"all", ALL_FEATURES}};

static hwlock_ed25519_prepared ed;
static hwlock_p256_prepared p256;
static uint8_t ed_key[32], ed_sig[64], p256_key[64], p256_sig[64], message[MESSAGE], digest[64];
static hwlock_signed ed_items[MANY], p256_items[MANY];
static uint8_t parts[PARTS][LONG], p256_der[72];
static hwlock_hashed hashed[PARTS];
static size_t p256_der_bytes;
static void *openssl_ed_key, *openssl_p256_key;

static void ed_prepare(void)
{
    hwlock_ed25519_prepare(&ed, ed_key);
}

static void ed_prepared(void)
{
    hwlock_ed25519_verify_prepared(&ed, ed_sig, message, MESSAGE);
}

static void ed_many(void)
{
    hwlock_ed25519_verify_many(&ed, ed_items, MANY);
}

static void ed_unseen(void)
{
    hwlock_ed25519_verify(ed_key, ed_sig, message, MESSAGE);
}

static void p256_prepare(void)
{
    hwlock_p256_prepare(&p256, p256_key);
}

static void p256_prepared(void)
{
    hwlock_p256_verify_prepared(&p256, p256_sig, message, MESSAGE);
}

static void p256_many(void)
{
    hwlock_p256_verify_many(&p256, p256_items, MANY);
}

static void p256_unseen(void)
{
    hwlock_p256_verify(p256_key, p256_sig, message, MESSAGE);
}

static void sha512_message(void)
{
    hwlock_sha512(digest, message, MESSAGE);
}

static void sha256_message(void)
{
    hwlock_sha256(digest, message, MESSAGE);
}

static void sha256_long(void)
{
    hwlock_sha256(digest, parts[0], PARTS * LONG);
}

static void sha256_parts(void)
{
    hwlock_sha256_many(hashed, PARTS);
}

static void openssl_ed(void)
{
    openssl_verify(openssl_ed_key, NULL, ed_sig, 64, message, MESSAGE);
}

static void openssl_p(void)
{
    openssl_verify(openssl_p256_key, openssl.sha256_name(), p256_der, p256_der_bytes, message, MESSAGE);
}

static void openssl_sha256(void)
{
    openssl.sha256(message, MESSAGE, digest);
}

static void openssl_sha256_long(void)
{
    openssl.sha256(parts[0], PARTS * LONG, digest);
}

static void sodium_ed(void)
{
    sodium_verify(ed_sig, message, MESSAGE, ed_key);
}

static const char *const others[] = {"", "OpenSSL", "libsodium"};

static const struct {
    const char *name;
    void (*run)(void);
    int count, other; /* who, in `others` */
} operations[] = {
    {"Ed25519, prepare", ed_prepare, 1, 0},
    {"Ed25519, prepared", ed_prepared, 1, 0},
    {"Ed25519, many, each", ed_many, MANY, 0},
    {"Ed25519, key not seen", ed_unseen, 1, 0},
    {"Ed25519, key kept", openssl_ed, 1, 1},
    {"Ed25519, key not seen", sodium_ed, 1, 2},
    {"P-256, prepare", p256_prepare, 1, 0},
    {"P-256, prepared", p256_prepared, 1, 0},
    {"P-256, many, each", p256_many, MANY, 0},
    {"P-256, key not seen", p256_unseen, 1, 0},
    {"P-256, key kept", openssl_p, 1, 1},
    {"SHA-512, 300 bytes", sha512_message, 1, 0},
    {"SHA-256, 300 bytes", sha256_message, 1, 0},
    {"SHA-256, 300 bytes", openssl_sha256, 1, 1},
    {"SHA-256, 1 MiB", sha256_long, 1, 0},
    {"SHA-256, 1 MiB as 8", sha256_parts, 1, 0},
    {"SHA-256, 1 MiB", openssl_sha256_long, 1, 1},
};

enum { OPERATIONS = sizeof operations / sizeof operations[0] };

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e6 * (double)t.tv_sec + 1e-3 * (double)t.tv_nsec;
}

/* Of runs that take some hundred microseconds, after one that fills the caches */
static double time_of(int operation)
{
    operations[operation].run();
    double start = now_us();
    for (int i = 0; i < RUNS; i++)
        operations[operation].run();
    return (now_us() - start) / (RUNS * operations[operation].count);
}

static double best[OPERATIONS][PATHS];

/* Whether an operation can be timed on a path; other libraries choose for themselves. */
static int timed(int operation, int path, int found)
{
    int other = operations[operation].other;
    return other == 0 || (path == 0 && found >> (other - 1) & 1);
}

static void time_all(int rounds, int found)
{
    for (int round = 0; round < rounds; round++)
        for (int path = 0; path < PATHS; path++) {
            dispatch_allow(paths[path].allowed);
            for (int i = 0; i < OPERATIONS; i++) {
                if (!timed(i, path, found))
                    continue;
                double took = time_of(i);
                if (round == 0 || took < best[i][path])
                    best[i][path] = took;
            }
        }
}

static void make_inputs(int found)
{
    from_hex(ed_key, ED_KEY);
    from_hex(ed_sig, ED_SIGNATURE);
    from_hex(p256_key, P256_KEY);
    from_hex(p256_sig, P256_SIGNATURE);
    for (int i = 0; i < MANY; i++) {
        hwlock_signed ed_item = {ed_sig, message, MESSAGE, 0};
        hwlock_signed p256_item = {p256_sig, message, MESSAGE, 0};
        ed_items[i] = ed_item;
        p256_items[i] = p256_item;
    }
    for (int i = 0; i < PARTS; i++) {
        hashed[i].message = parts[i];
        hashed[i].message_bytes = LONG;
    }
    if (found & 1) {
        p256_der_bytes = der_of(p256_der, p256_sig);
        openssl_ed_key = openssl_ed25519(ed_key);
        openssl_p256_key = openssl_p256(p256_key);
    }
}

static void print_lines(int found)
{
    for (int i = 0; i < OPERATIONS; i++)
        for (int path = 0; path < PATHS; path++) {
            if (!timed(i, path, found))
                continue;
            dispatch_allow(paths[path].allowed);
            int other = operations[i].other;
            printf("%s\t%s\t%.4f\n", operations[i].name,
                   other ? others[other] : dispatch_curves(), best[i][path]);
        }
}

static void print_table(int found)
{
    printf("%-24s", "us");
    for (int path = 0; path < PATHS; path++) {
        dispatch_allow(paths[path].allowed);
        printf("%12s", dispatch_curves());
    }
    for (int i = 0; i < OPERATIONS; i++) {
        if (!timed(i, 0, found))
            continue;
        printf("\n%-24s", operations[i].name);
        for (int path = 0; path < PATHS && timed(i, path, found); path++)
            printf("%12.2f", best[i][path]);
        printf(" %s", others[operations[i].other]);
    }
    printf("\n");
}

int main(int argc, char **argv)
{
    int found = peers_open();
    make_inputs(found);
    time_all(argc > 1 ? atoi(argv[1]) : ROUNDS, found);
    if (argc > 1)
        print_lines(found);
    else
        print_table(found);
    return 0;
}
