#include "dispatch.h"

#include "scalar25519.h"
#include "sha2.h"
#include "sha2_blocks.h"

#ifndef HWLOCK_FEATURES
#define HWLOCK_FEATURES (~0u)
#endif
#ifndef HWLOCK_ASSUMED
#define HWLOCK_ASSUMED 0u
#endif

#ifdef HWLOCK_X86_64

#if defined(_MSC_VER)
#include <intrin.h>
#else
#include <cpuid.h>
#endif

/* Registers eax to edx of a CPUID leaf, subleaf 0; zeros where the processor has no such leaf. */
static void cpuid(unsigned leaf, unsigned r[4])
{
    r[0] = r[1] = r[2] = r[3] = 0;
#if defined(_MSC_VER)
    int signed_r[4];
    __cpuid(signed_r, 0);
    if ((unsigned)signed_r[0] < leaf)
        return;
    __cpuidex(signed_r, (int)leaf, 0);
    for (int i = 0; i < 4; i++)
        r[i] = (unsigned)signed_r[i];
#else
    __get_cpuid_count(leaf, 0, &r[0], &r[1], &r[2], &r[3]);
#endif
}

/* The registers that the system saves (XCR0); 0 where it has not been told to use xgetbv. */
static unsigned saved_registers(unsigned leaf1_ecx)
{
    if (!(leaf1_ecx >> 27 & 1))
        return 0;
#if defined(_MSC_VER)
    return (unsigned)_xgetbv(0);
#else
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
#endif
}

/* The SHA instructions work on xmm registers, which every 64-bit system saves. For AVX2 the system
 * must save xmm and ymm registers, bits 1 and 2; for AVX-512 mask and zmm registers too, bits 5, 6
 * and 7. */
static unsigned probe(void)
{
    unsigned basic[4], extended[4];
    cpuid(1, basic);
    cpuid(7, extended);
    unsigned ssse3 = basic[2] >> 9 & 1, sse41 = basic[2] >> 19 & 1, sha = extended[1] >> 29 & 1;
    unsigned f = extended[1] >> 16 & 1, dq = extended[1] >> 17 & 1;
    unsigned ifma = extended[1] >> 21 & 1, vl = extended[1] >> 31 & 1;
    unsigned saved = saved_registers(basic[2]);
    unsigned ymm = (saved & 6) == 6, zmm = (saved & 0xe6) == 0xe6;
    unsigned avx2 = extended[1] >> 5 & 1, bmi2 = extended[1] >> 8 & 1, adx = extended[1] >> 19 & 1;
    return PROBED | (ssse3 & sse41 & sha) * SHA_NI | (f & dq & ifma & vl & zmm) * AVX512_IFMA |
           (bmi2 & adx & avx2 & ymm) * MULX_ADX;
}

#elif defined(HWLOCK_ARM_SHA2)

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#elif defined(__linux__)
#include <sys/auxv.h>
#endif

/* Every Mac with an ARM processor has the instructions. Other systems: portable code. */
static unsigned probe(void)
{
#if defined(__APPLE__)
    return PROBED | SHA_NI;
#elif defined(_WIN32)
    int found = IsProcessorFeaturePresent(PF_ARM_V8_CRYPTO_INSTRUCTIONS_AVAILABLE);
    return PROBED | (found ? SHA_NI : 0);
#elif defined(__linux__)
    const unsigned long sha2 = 1ul << 6; /* HWCAP_SHA2 of <asm/hwcap.h> */
    return PROBED | (getauxval(AT_HWCAP) & sha2 ? SHA_NI : 0);
#else
    return PROBED;
#endif
}

#else

static unsigned probe(void)
{
    return PROBED;
}

#endif

static unsigned known;

static void remember(unsigned seen)
{
#if defined(__GNUC__)
    __atomic_store_n(&known, seen, __ATOMIC_RELAXED);
#else
    *(volatile unsigned *)&known = seen;
#endif
}

/* Threads that come first at the same time all probe, and write the same. */
static unsigned features(void)
{
#if defined(__GNUC__)
    unsigned seen = __atomic_load_n(&known, __ATOMIC_RELAXED);
#else
    unsigned seen = *(volatile unsigned *)&known;
#endif
    if (seen == 0) {
        seen = PROBED | ((probe() | HWLOCK_ASSUMED) & HWLOCK_FEATURES);
        remember(seen);
    }
    return seen;
}

#ifdef HWLOCK_TESTS
void dispatch_allow(unsigned mask)
{
    remember(PROBED | (probe() & HWLOCK_FEATURES & mask));
}
#endif

/* --- SHA-256 --- */

const char *dispatch_sha256(void)
{
#if defined(HWLOCK_ARM_SHA2)
    const char *const instructions = "armv8-sha2";
#else
    const char *const instructions = "sha-ni";
#endif
    return features() & SHA_NI ? instructions : "portable";
}

void sha256_blocks(uint32_t state[8], const uint8_t *data, size_t count)
{
#ifdef HWLOCK_X86_64
    if (features() & SHA_NI) {
        sha256_blocks_sha_ni(state, data, count);
        return;
    }
#elif defined(HWLOCK_ARM_SHA2)
    if (features() & SHA_NI) {
        sha256_blocks_arm(state, data, count);
        return;
    }
#endif
    sha256_blocks_portable(state, data, count);
}

void sha256_blocks_two(uint32_t *const state[2], const uint8_t *const data[2], size_t count)
{
#ifdef HWLOCK_X86_64
    if (features() & SHA_NI) {
        sha256_blocks_two_sha_ni(state, data, count);
        return;
    }
#endif
    for (int i = 0; i < 2; i++)
        sha256_blocks(state[i], data[i], count);
}

/* --- SHA-512 --- */

/* Eight at once take less time than two one by one: 1.5 us for 364 bytes, where one takes 0.9 us. */
enum { EIGHT_HASHES_PAY = 2 };

void ed25519_challenges(uint8_t digest[COMBINE_MOST][64], const uint8_t key[32],
                        const hwlock_signed *items, int count)
{
#ifdef HWLOCK_IFMA
    if (count >= EIGHT_HASHES_PAY && features() & AVX512_IFMA) {
        sha512_challenges_eight(digest, key, items, count);
        return;
    }
#endif
    for (int i = 0; i < count; i++) {
        sha512 h;
        sha512_init(&h);
        sha512_update(&h, items[i].signature, 32);
        sha512_update(&h, key, 32);
        sha512_update(&h, items[i].message, items[i].message_bytes);
        sha512_final(&h, digest[i]);
    }
}

/* --- curves --- */

const char *dispatch_curves(void)
{
#ifdef HWLOCK_IFMA
    if (features() & AVX512_IFMA)
        return "avx512-ifma";
#endif
#ifdef HWLOCK_MULX
    if (features() & MULX_ADX)
        return "mulx-adx";
#endif
    return "portable";
}

uint64_t ed25519_load(comb_tooth *comb, int teeth, const uint8_t encoded[32])
{
#ifdef HWLOCK_MULX
    if (features() & MULX_ADX)
        return comb25519_load_mulx(comb, teeth, encoded);
#endif
    return comb25519_load(comb, teeth, encoded);
}

void ed25519_combine(point *sum, const int8_t a[COMB_DIGITS], comb25519 A,
                     const int8_t b[COMB_DIGITS])
{
#ifdef HWLOCK_IFMA
    if (A.teeth == COMB_TEETH && features() & AVX512_IFMA) {
        point_combine_ifma(sum, a, A.tooth, b);
        return;
    }
#endif
#ifdef HWLOCK_MULX
    if (features() & MULX_ADX) {
        uint64_t w[4][4];
        point_combine_words_mulx(w, a, A, b);
        point from_words = {fe_load(w[0]), fe_load(w[1]), fe_load(w[2]), fe_load(w[3])};
        *sum = from_words;
        return;
    }
#endif
    point_combine(sum, a, A, b);
}

uint64_t ed25519_combine_unseen(point *sum, const int8_t a[COMB_DIGITS],
                                const uint8_t encoded[32], const int8_t b[COMB_DIGITS])
{
#ifdef HWLOCK_IFMA
    if (features() & AVX512_IFMA) {
        point minus_A, product;
        int8_t order[COMB_DIGITS];
        uint64_t good = point_decode_negated(&minus_A, encoded);
        scalar_order(order);
        point_combine_unseen_ifma(sum, &product, a, &minus_A, order, b);
        return good & point_is_identity(&product) & (1 ^ point_is_small(&minus_A));
    }
#endif
    comb_tooth few[COMB_FEW_TEETH];
    const comb25519 comb = {(const comb_tooth *)few, COMB_FEW_TEETH};
    uint64_t good = ed25519_load(few, COMB_FEW_TEETH, encoded);
    ed25519_combine(sum, a, comb, b);
    return good;
}

/* Eight at once take less time than this many one by one, with AVX-512. */
enum { EIGHT_PAYS = 4 };

void ed25519_combine_many(uint8_t bytes[COMBINE_MOST][32], uint64_t small[COMBINE_MOST],
                          int8_t a[COMBINE_MOST][COMB_DIGITS], const comb_tooth *A,
                          int8_t b[COMBINE_MOST][COMB_DIGITS], int count)
{
#ifdef HWLOCK_IFMA
    if (count >= EIGHT_PAYS && features() & AVX512_IFMA) {
        point_combine_eight_ifma(bytes, small, a, A, b);
        return;
    }
#endif
    const comb25519 comb = {A, COMB_TEETH};
    point sum[COMBINE_MOST];
    for (int i = 0; i < count; i++) {
        ed25519_combine(&sum[i], a[i], comb, b[i]);
        small[i] = point_is_small(&sum[i]);
    }
    points_encode(bytes, sum, count);
}

void p256_load_row(p256_row row, const p256_entry p)
{
#ifdef HWLOCK_MULX
    if (features() & MULX_ADX) {
        p256_row_build_mulx(row, p);
        return;
    }
#endif
    p256_row_build(row, p);
}

void p256_load_rows(p256_row rows[P256_DIGITS], p256_entry top, const p256_entry p)
{
#ifdef HWLOCK_IFMA
    if (features() & AVX512_IFMA) {
        p256_rows_build_ifma(rows, top, p);
        return;
    }
#endif
#ifdef HWLOCK_MULX
    if (features() & MULX_ADX) {
        p256_rows_build_mulx(rows, top, p);
        return;
    }
#endif
    p256_rows_build(rows, top, p);
}

void p256_sum(p256_ratio *sum, p256_multiples A, num a, num b)
{
#ifdef HWLOCK_IFMA
    if (A.top != NULL && features() & AVX512_IFMA) {
        p256_combine_ifma(sum, A, a, b);
        return;
    }
#endif
#ifdef HWLOCK_MULX
    if (features() & MULX_ADX) {
        uint64_t X[4], Z[4];
        p256_combine_words_mulx(X, Z, A, a, b);
        p256_ratio from_words = {fp_load(X), fp_load(Z)};
        *sum = from_words;
        return;
    }
#endif
    p256_combine(sum, A, a, b);
}

void p256_sum_many(p256_ratio sum[COMBINE_MOST], p256_multiples A, const num a[COMBINE_MOST],
                   const num b[COMBINE_MOST], int count)
{
#ifdef HWLOCK_IFMA
    if (count >= EIGHT_PAYS && features() & AVX512_IFMA) {
        p256_combine_eight_ifma(sum, A, a, b);
        return;
    }
#endif
    for (int i = 0; i < count; i++)
        p256_sum(&sum[i], A, a[i], b[i]);
}
