/* SHA-256 with the SHA-256 instructions of ARMv8.
 *
 * Constant time: one loop, over the number of blocks, which is public; inside it loads and
 * stores at fixed places and instructions whose time does not depend on data.
 */
#include "sha2_blocks.h"

#ifdef HWLOCK_ARM_SHA2

#include <arm_neon.h>

#if defined(__ARM_FEATURE_SHA2) || defined(_MSC_VER)
#define SHA2
#else
#define SHA2 __attribute__((target("+crypto"))) /* with "+sha2" alone, gcc 12 refuses */
#endif

typedef struct {
    uint32x4_t abcd, efgh;
} halves;

/* Four rounds, with four words of the schedule; `round` points to their constants. */
static inline SHA2 void rounds(halves *s, uint32x4_t words, const uint64_t *round)
{
    uint32x4_t low = vreinterpretq_u32_u64(vld1q_u64(round));
    uint32x4_t high = vreinterpretq_u32_u64(vld1q_u64(round + 2));
    uint32x4_t sum = vaddq_u32(words, vuzp2q_u32(low, high)); /* upper halves */
    uint32x4_t abcd = s->abcd;
    s->abcd = vsha256hq_u32(abcd, s->efgh, sum);
    s->efgh = vsha256h2q_u32(s->efgh, abcd, sum);
}

static inline SHA2 uint32x4_t first_words(const uint8_t *data)
{
    return vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(data)));
}

/* Words t to t + 3 of the schedule; w0 are t - 16 to t - 13, and so on to w3. */
static inline SHA2 uint32x4_t schedule(uint32x4_t w0, uint32x4_t w1, uint32x4_t w2,
                                       uint32x4_t w3)
{
    return vsha256su1q_u32(vsha256su0q_u32(w0, w1), w2, w3);
}

SHA2 void sha256_blocks_arm(uint32_t state[8], const uint8_t *data, size_t count)
{
    halves s = {vld1q_u32(state), vld1q_u32(state + 4)};
    for (; count > 0; count--, data += 64) {
        halves before = s;
        uint32x4_t w0 = first_words(data), w1 = first_words(data + 16);
        uint32x4_t w2 = first_words(data + 32), w3 = first_words(data + 48);
        for (int t = 0; t < 64; t += 16) {
            if (t > 0) {
                w0 = schedule(w0, w1, w2, w3);
                w1 = schedule(w1, w2, w3, w0);
                w2 = schedule(w2, w3, w0, w1);
                w3 = schedule(w3, w0, w1, w2);
            }
            rounds(&s, w0, SHA2_ROUND + t);
            rounds(&s, w1, SHA2_ROUND + t + 4);
            rounds(&s, w2, SHA2_ROUND + t + 8);
            rounds(&s, w3, SHA2_ROUND + t + 12);
        }
        s.abcd = vaddq_u32(s.abcd, before.abcd);
        s.efgh = vaddq_u32(s.efgh, before.efgh);
    }
    vst1q_u32(state, s.abcd);
    vst1q_u32(state + 4, s.efgh);
}

#else

typedef int hwlock_no_arm_sha2; /* ISO C wants a declaration */

#endif
