#include "dispatch.h"

#include "sha2_blocks.h"

#ifndef HWLOCK_FEATURES
#define HWLOCK_FEATURES (~0u)
#endif

/* PROBED is always set, so that 0 means "not yet known". */
enum { PROBED = 1, SHA_NI = 2 };

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

/* The SHA instructions work on xmm registers, which every 64-bit system saves: there is no
 * question to ask of the system, as there would be for ymm and zmm. */
static unsigned probe(void)
{
    unsigned basic[4], extended[4];
    cpuid(1, basic);
    cpuid(7, extended);
    unsigned ssse3 = basic[2] >> 9 & 1, sse41 = basic[2] >> 19 & 1, sha = extended[1] >> 29 & 1;
    return PROBED | (ssse3 & sse41 & sha) * SHA_NI;
}

#else

static unsigned probe(void)
{
    return PROBED;
}

#endif

/* Threads that come first at the same time all probe, and write the same. */
static unsigned features(void)
{
    static unsigned known;
#if defined(__GNUC__)
    unsigned seen = __atomic_load_n(&known, __ATOMIC_RELAXED);
#else
    unsigned seen = *(volatile unsigned *)&known;
#endif
    if (seen == 0) {
        seen = PROBED | (probe() & HWLOCK_FEATURES);
#if defined(__GNUC__)
        __atomic_store_n(&known, seen, __ATOMIC_RELAXED);
#else
        *(volatile unsigned *)&known = seen;
#endif
    }
    return seen;
}

const char *dispatch_sha256(void)
{
    return features() & SHA_NI ? "sha-ni" : "portable";
}

void sha256_blocks(uint32_t state[8], const uint8_t *data, size_t count)
{
#ifdef HWLOCK_X86_64
    if (features() & SHA_NI) {
        sha256_blocks_sha_ni(state, data, count);
        return;
    }
#endif
    sha256_blocks_portable(state, data, count);
}
