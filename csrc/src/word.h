/* Machine words, byte order and masks.
 *
 * With a 128-bit product the word is 64 bits, else 32; -DHWLOCK_FORCE_32 picks 32 for tests.
 * A mask is a word of all zeros or all ones; a bit is 0 or 1.
 */
#ifndef HWLOCK_WORD_H
#define HWLOCK_WORD_H

#include <stdint.h>

#if defined(__SIZEOF_INT128__) && !defined(HWLOCK_FORCE_32)
#define HWLOCK_WORD_BITS 64
typedef uint64_t word;
__extension__ typedef unsigned __int128 dword;
__extension__ typedef __int128 sdword;
#else
#define HWLOCK_WORD_BITS 32
typedef uint32_t word;
typedef uint64_t dword;
#endif

/* The compiler can make code for AVX-512 IFMA. */
#if defined(__x86_64__) && HWLOCK_WORD_BITS == 64 && (defined(__clang__) || __GNUC__ >= 8)
#define HWLOCK_IFMA
#define IFMA __attribute__((target("avx512f,avx512dq,avx512vl,avx512ifma")))
/* Always inlined: MemorySanitizer loses track of arguments of more than 800 bytes. */
#define IFMA_PART static inline __attribute__((always_inline)) IFMA
#endif

/* The compiler takes assembly of MULX, ADCX and ADOX; MemorySanitizer does not follow it. */
#if defined(__x86_64__) && HWLOCK_WORD_BITS == 64 && defined(__GNUC__) && !defined(HWLOCK_MSAN)
#define HWLOCK_MULX
#define AVX2 __attribute__((target("avx2")))
#endif

/* Hide from the optimizer that `x` is a bit or a mask, or it may turn the use into a branch:
 * clang 14 at -O2 did that to 19 * bit. */
static inline uint64_t ct_hide(uint64_t x)
{
#if defined(HWLOCK_MSAN)
    return x;
#elif defined(__GNUC__)
    __asm__("" : "+r"(x));
    return x;
#else
    volatile uint64_t hidden = x;
    return hidden;
#endif
}

/* bit -> mask */
static inline uint64_t ct_mask(uint64_t bit)
{
    return (uint64_t)0 - ct_hide(bit);
}

/* bit -> HWLOCK_OK, or the refusal where it is 0 */
static inline int verdict(uint64_t good, int refusal)
{
    return refusal & (int)ct_mask(1 ^ good);
}

/* 1 when x = 0, else 0 */
static inline uint64_t ct_is_zero(uint64_t x)
{
    return 1 ^ ((x | ((uint64_t)0 - x)) >> 63);
}

static inline uint32_t load32_be(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t load64_be(const uint8_t *p)
{
    return (uint64_t)load32_be(p) << 32 | load32_be(p + 4);
}

static inline uint64_t load64_le(const uint8_t *p)
{
    uint64_t x = 0;
    for (int i = 7; i >= 0; i--)
        x = x << 8 | p[i];
    return x;
}

static inline void store32_be(uint8_t *p, uint32_t x)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(x >> (24 - 8 * i));
}

static inline void store64_be(uint8_t *p, uint64_t x)
{
    for (int i = 0; i < 8; i++)
        p[i] = (uint8_t)(x >> (56 - 8 * i));
}

static inline void store64_le(uint8_t *p, uint64_t x)
{
    for (int i = 0; i < 8; i++)
        p[i] = (uint8_t)(x >> (8 * i));
}

#endif
