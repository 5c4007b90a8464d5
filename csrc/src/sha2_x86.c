/* SHA-256 with the SHA extensions of x86-64.
 *
 * Constant time: one loop, over the number of blocks, which is public; inside it loads and
 * stores at fixed places and instructions whose time does not depend on data.
 */
#include "sha2_blocks.h"

#ifdef HWLOCK_X86_64

#include <immintrin.h>

#if defined(__GNUC__)
#define SHA_NI __attribute__((target("sha,ssse3,sse4.1")))
#else
#define SHA_NI
#endif

/* The state as the instructions want it: words a b e f and c d g h, the first one on top. */
typedef struct {
    __m128i abef, cdgh;
} turned;

static inline SHA_NI __m128i load(const void *p)
{
    return _mm_loadu_si128((const __m128i *)p);
}

/* Four rounds, with four words of the schedule; `round` points to their constants. */
static inline SHA_NI void rounds(turned *s, __m128i words, const uint64_t *round)
{
    __m128 low = _mm_castsi128_ps(load(round)), high = _mm_castsi128_ps(load(round + 2));
    __m128i constants = _mm_castps_si128(_mm_shuffle_ps(low, high, 0xdd)); /* upper halves */
    __m128i sum = _mm_add_epi32(words, constants);
    s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, sum);
    s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, _mm_shuffle_epi32(sum, 0x0e));
}

/* Words t to t + 3 of the schedule; w0 are t - 16 to t - 13, and so on to w3. */
static inline SHA_NI __m128i schedule(__m128i w0, __m128i w1, __m128i w2, __m128i w3)
{
    __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));
    return _mm_sha256msg2_epu32(sum, w3);
}

/* Sixteen words of the schedule */
typedef struct {
    __m128i w0, w1, w2, w3;
} schedule_words;

static inline SHA_NI schedule_words first_words(const uint8_t *data)
{
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    schedule_words w = {
        _mm_shuffle_epi8(load(data), big_endian),
        _mm_shuffle_epi8(load(data + 16), big_endian),
        _mm_shuffle_epi8(load(data + 32), big_endian),
        _mm_shuffle_epi8(load(data + 48), big_endian),
    };
    return w;
}

static inline SHA_NI void next_words(schedule_words *w)
{
    w->w0 = schedule(w->w0, w->w1, w->w2, w->w3);
    w->w1 = schedule(w->w1, w->w2, w->w3, w->w0);
    w->w2 = schedule(w->w2, w->w3, w->w0, w->w1);
    w->w3 = schedule(w->w3, w->w0, w->w1, w->w2);
}

static inline SHA_NI void sixteen_rounds(turned *s, const schedule_words *w,
                                         const uint64_t *round)
{
    rounds(s, w->w0, round);
    rounds(s, w->w1, round + 4);
    rounds(s, w->w2, round + 8);
    rounds(s, w->w3, round + 12);
}

static inline SHA_NI turned turn(const uint32_t state[8])
{
    __m128i badc = _mm_shuffle_epi32(load(state), 0xb1);
    __m128i efgh = _mm_shuffle_epi32(load(state + 4), 0x1b);
    turned s = {_mm_alignr_epi8(badc, efgh, 8), _mm_blend_epi16(efgh, badc, 0xf0)};
    return s;
}

static inline SHA_NI void turn_back(uint32_t state[8], turned s)
{
    __m128i feba = _mm_shuffle_epi32(s.abef, 0x1b), dchg = _mm_shuffle_epi32(s.cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

static inline SHA_NI void add_to(turned *s, const turned *before)
{
    s->abef = _mm_add_epi32(s->abef, before->abef);
    s->cdgh = _mm_add_epi32(s->cdgh, before->cdgh);
}

SHA_NI void sha256_blocks_sha_ni(uint32_t state[8], const uint8_t *data, size_t count)
{
    turned s = turn(state);
    for (; count > 0; count--, data += 64) {
        turned before = s;
        schedule_words w = first_words(data);
        for (int sixteen = 0; sixteen < 4; sixteen++) {
            if (sixteen > 0)
                next_words(&w);
            sixteen_rounds(&s, &w, SHA2_ROUND + 16 * sixteen);
        }
        add_to(&s, &before);
    }
    turn_back(state, s);
}

/* One message waits for each instruction's result; two fill the time with each other. */
SHA_NI void sha256_blocks_two_sha_ni(uint32_t *const state[2], const uint8_t *const data[2],
                                     size_t count)
{
    const uint8_t *data_a = data[0], *data_b = data[1];
    turned a = turn(state[0]), b = turn(state[1]);
    for (; count > 0; count--, data_a += 64, data_b += 64) {
        turned before_a = a, before_b = b;
        schedule_words v = first_words(data_a), w = first_words(data_b);
        for (int sixteen = 0; sixteen < 4; sixteen++) {
            if (sixteen > 0) {
                next_words(&v);
                next_words(&w);
            }
            sixteen_rounds(&a, &v, SHA2_ROUND + 16 * sixteen);
            sixteen_rounds(&b, &w, SHA2_ROUND + 16 * sixteen);
        }
        add_to(&a, &before_a);
        add_to(&b, &before_b);
    }
    turn_back(state[0], a);
    turn_back(state[1], b);
}

#else

typedef int hwlock_no_x86; /* ISO C wants a declaration */

#endif
