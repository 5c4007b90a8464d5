/* SHA-512 of eight messages side by side, one in each lane of a register (AVX-512).
 *
 * What is hashed is what Ed25519 asks for: R, A and the message, as if they stood in one piece.
 * Lanes whose message has ended go on with their last block, and its result is dropped. Lengths
 * are public.
 */
#include <string.h>

#include "dispatch.h"
#include "sha2_blocks.h"

#ifdef HWLOCK_IFMA

#include "lanes_ifma.h"

enum { BLOCK = 128, HEAD = 64 };

/* R, A, message, one bit, zeros, and the number of bits in 16 bytes: how many blocks? */
static size_t blocks_of(size_t message_bytes)
{
    return (HEAD + message_bytes + 1 + 16 + BLOCK - 1) / BLOCK;
}

/* Block `number` of a text: in the message where it is whole there, else put together in `room`. */
static const uint8_t *block_of(uint8_t room[BLOCK], const uint8_t key[32],
                               const hwlock_signed *item, size_t number)
{
    const size_t bytes = item->message_bytes, at = BLOCK * number; /* of the text */
    const size_t from = number == 0 ? 0 : at - HEAD, start = number == 0 ? HEAD : 0;
    if (number > 0 && from + BLOCK <= bytes)
        return item->message + from;
    size_t most = BLOCK - start, left = from < bytes ? bytes - from : 0;
    size_t here = left < most ? left : most;
    memset(room, 0, BLOCK);
    if (number == 0) {
        memcpy(room, item->signature, 32);
        memcpy(room + 32, key, 32);
    }
    if (here > 0)
        memcpy(room + start, item->message + from, here);
    if (here < most && from <= bytes)
        room[start + here] = 0x80;
    if (number + 1 == blocks_of(bytes)) {
        room[BLOCK - 9] = (uint8_t)((uint64_t)bytes >> 61);
        store64_be(room + BLOCK - 8, (HEAD + (uint64_t)bytes) << 3);
    }
    return room;
}

/* sum0, sum1 and sigma0, sigma1 of FIPS 180-4 section 4.1.3. Compilers make one instruction of two
 * logical ones; MemorySanitizer does not know that instruction by its own name. */
#define SUM(x, a, b, c)                                                                       \
    _mm512_xor_si512(_mm512_xor_si512(_mm512_ror_epi64(x, a), _mm512_ror_epi64(x, b)),        \
                     _mm512_ror_epi64(x, c))
#define SIGMA(x, a, b, c)                                                                     \
    _mm512_xor_si512(_mm512_xor_si512(_mm512_ror_epi64(x, a), _mm512_ror_epi64(x, b)),        \
                     _mm512_srli_epi64(x, c))

/* x ? y : z, bit by bit */
IFMA_PART __m512i choose(__m512i x, __m512i y, __m512i z)
{
    return _mm512_xor_si512(z, _mm512_and_si512(x, _mm512_xor_si512(y, z)));
}

IFMA_PART __m512i majority(__m512i x, __m512i y, __m512i z)
{
    return _mm512_or_si512(_mm512_and_si512(x, y), _mm512_and_si512(z, _mm512_or_si512(x, y)));
}

/* The word of the message schedule that takes the place of w[t mod 16]. */
IFMA_PART __m512i schedule(const __m512i w[16], int t)
{
    __m512i a = w[(t + 1) & 15], b = w[(t + 14) & 15];
    __m512i sum = _mm512_add_epi64(w[t & 15], w[(t + 9) & 15]);
    return _mm512_add_epi64(sum, _mm512_add_epi64(SIGMA(a, 1, 8, 7), SIGMA(b, 19, 61, 6)));
}

/* Round i of eight; the variables a to h stand in s, turned by i places. */
IFMA_PART void round8(__m512i s[8], int i, __m512i constant_and_word)
{
    __m512i a = s[-i & 7], b = s[(1 - i) & 7], c = s[(2 - i) & 7];
    __m512i e = s[(4 - i) & 7], f = s[(5 - i) & 7], g = s[(6 - i) & 7];
    __m512i chosen = choose(e, f, g);
    __m512i t1 = _mm512_add_epi64(_mm512_add_epi64(s[(7 - i) & 7], constant_and_word),
                                  _mm512_add_epi64(SUM(e, 14, 18, 41), chosen));
    __m512i t2 = _mm512_add_epi64(SUM(a, 28, 34, 39), majority(a, b, c));
    s[(3 - i) & 7] = _mm512_add_epi64(s[(3 - i) & 7], t1);
    s[(7 - i) & 7] = _mm512_add_epi64(t1, t2);
}

/* Word i of the block of each lane */
IFMA_PART __m512i words_of(const uint8_t *const data[8], int i)
{
    uint64_t turned[8];
    for (int lane = 0; lane < 8; lane++)
        turned[lane] = load64_be(data[lane] + 8 * i);
    return load8(turned);
}

/* Compress a block of each lane into the state of those lanes that are still `active`. */
IFMA_PART void compress(__m512i state[8], const uint8_t *const data[8], __mmask8 active)
{
    __m512i w[16], s[8];
    for (int i = 0; i < 8; i++)
        s[i] = state[i];
    for (int t = 0; t < 80; t += 16)
#pragma GCC unroll 16 /* s and w stay in registers */
        for (int i = 0; i < 16; i++) {
            w[i] = t == 0 ? words_of(data, i) : schedule(w, i);
            round8(s, i & 7, _mm512_add_epi64(w[i], all8(SHA2_ROUND[t + i])));
        }
    for (int i = 0; i < 8; i++)
        state[i] = _mm512_mask_add_epi64(state[i], active, state[i], s[i]);
}

IFMA void sha512_challenges_eight(uint8_t digest[8][64], const uint8_t key[32],
                                  const hwlock_signed *items, int count)
{
    __m512i state[8];
    uint64_t words[8];
    size_t most = 0;
    for (int i = 0; i < 8; i++)
        state[i] = all8(SHA2_INITIAL[i]);
    for (int i = 0; i < count; i++)
        if (blocks_of(items[i].message_bytes) > most)
            most = blocks_of(items[i].message_bytes);
    for (size_t number = 0; number < most; number++) {
        uint8_t room[8][BLOCK];
        const uint8_t *data[8];
        unsigned active = 0;
        for (int lane = 0; lane < 8; lane++) {
            const hwlock_signed *item = &items[lane < count ? lane : 0];
            size_t blocks = blocks_of(item->message_bytes);
            active |= (unsigned)(number < blocks) << lane;
            data[lane] = block_of(room[lane], key, item, number < blocks ? number : blocks - 1);
        }
        compress(state, data, (__mmask8)active);
    }
    for (int i = 0; i < 8; i++) {
        _mm512_storeu_si512(words, state[i]);
        for (int lane = 0; lane < 8; lane++)
            store64_be(digest[lane] + 8 * i, words[lane]);
    }
}

#else

typedef int hwlock_no_lanes; /* ISO C wants a declaration */

#endif
