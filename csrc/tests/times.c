/* What the core takes on each path of the dispatch, from C: microseconds, the fastest of ROUNDS
 * rounds, in which all paths take turns.
 *
 *   make -C csrc/tests times
 */
#define _POSIX_C_SOURCE 199309L

#include <time.h>

#include "dispatch.h"
#include "hwlock.h"
#include "known.h"

enum { ROUNDS = 60, RUNS = 5, MANY = 64, MESSAGE = 300, PATHS = 3 };

static const struct {
    const char *name;
    unsigned allowed;
} paths[PATHS] = {{"portable", SHA_NI}, {"mulx-adx", SHA_NI | MULX_ADX}, {"all", ALL_FEATURES}};

static hwlock_ed25519_prepared ed;
static hwlock_p256_prepared p256;
static uint8_t ed_key[32], ed_sig[64], p256_key[64], p256_sig[64], message[MESSAGE], digest[64];
static hwlock_signed ed_items[MANY], p256_items[MANY];

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

static const struct {
    const char *name;
    void (*run)(void);
    int count;
} operations[] = {
    {"Ed25519, prepare", ed_prepare, 1},       {"Ed25519, prepared", ed_prepared, 1},
    {"Ed25519, many, each", ed_many, MANY},    {"Ed25519, key not seen", ed_unseen, 1},
    {"P-256, prepare", p256_prepare, 1},       {"P-256, prepared", p256_prepared, 1},
    {"P-256, many, each", p256_many, MANY},    {"P-256, key not seen", p256_unseen, 1},
    {"SHA-512, 300 bytes", sha512_message, 1},
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

int main(void)
{
    double best[OPERATIONS][PATHS];
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
    for (int round = 0; round < ROUNDS; round++)
        for (int path = 0; path < PATHS; path++) {
            dispatch_allow(paths[path].allowed);
            for (int i = 0; i < OPERATIONS; i++) {
                double took = time_of(i);
                if (round == 0 || took < best[i][path])
                    best[i][path] = took;
            }
        }
    printf("%-24s", "us");
    for (int path = 0; path < PATHS; path++) {
        dispatch_allow(paths[path].allowed);
        printf("%12s", dispatch_curves());
    }
    for (int i = 0; i < OPERATIONS; i++) {
        printf("\n%-24s", operations[i].name);
        for (int path = 0; path < PATHS; path++)
            printf("%12.2f", best[i][path]);
    }
    printf("\n");
    return 0;
}
