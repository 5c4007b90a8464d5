#include "sha2.h"

#include <string.h>

#include "dispatch.h"
#include "hwlock.h"
#include "sha2_blocks.h"
#include "word.h"

const uint64_t SHA2_INITIAL[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

const uint64_t SHA2_ROUND[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

/* --- SHA-256 --- */

static inline uint32_t ror32(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

/* The word of the message schedule that takes the place of w[t mod 16]. */
static inline uint32_t schedule256(const uint32_t w[16], int t)
{
    uint32_t a = w[(t + 1) & 15], b = w[(t + 14) & 15];
    uint32_t s0 = ror32(a, 7) ^ ror32(a, 18) ^ a >> 3;
    uint32_t s1 = ror32(b, 17) ^ ror32(b, 19) ^ b >> 10;
    return w[t & 15] + s0 + s1 + w[(t + 9) & 15];
}

/* Round i of eight; the variables a to h stand in s, turned by i places. */
static inline void round256(uint32_t s[8], int i, uint32_t constant_and_word)
{
    uint32_t a = s[-i & 7], b = s[(1 - i) & 7], c = s[(2 - i) & 7];
    uint32_t e = s[(4 - i) & 7], f = s[(5 - i) & 7], g = s[(6 - i) & 7];
    uint32_t sum1 = ror32(e, 6) ^ ror32(e, 11) ^ ror32(e, 25);
    uint32_t sum0 = ror32(a, 2) ^ ror32(a, 13) ^ ror32(a, 22);
    uint32_t t1 = s[(7 - i) & 7] + sum1 + (g ^ (e & (f ^ g))) + constant_and_word;
    s[(3 - i) & 7] += t1;
    s[(7 - i) & 7] = t1 + sum0 + ((a & b) | (c & (a | b)));
}

/* Rounds t to t + 7, written out so that s stays in registers. */
static inline void eight256(uint32_t s[8], const uint32_t w[8], int t)
{
    round256(s, 0, w[0] + (uint32_t)(SHA2_ROUND[t + 0] >> 32));
    round256(s, 1, w[1] + (uint32_t)(SHA2_ROUND[t + 1] >> 32));
    round256(s, 2, w[2] + (uint32_t)(SHA2_ROUND[t + 2] >> 32));
    round256(s, 3, w[3] + (uint32_t)(SHA2_ROUND[t + 3] >> 32));
    round256(s, 4, w[4] + (uint32_t)(SHA2_ROUND[t + 4] >> 32));
    round256(s, 5, w[5] + (uint32_t)(SHA2_ROUND[t + 5] >> 32));
    round256(s, 6, w[6] + (uint32_t)(SHA2_ROUND[t + 6] >> 32));
    round256(s, 7, w[7] + (uint32_t)(SHA2_ROUND[t + 7] >> 32));
}

void sha256_blocks_portable(uint32_t state[8], const uint8_t *data, size_t count)
{
    for (; count > 0; count--, data += 64) {
        uint32_t w[16], s[8];
        memcpy(s, state, sizeof s);
        for (int t = 0; t < 64; t += 16) {
            for (int i = 0; i < 16; i++)
                w[i] = t == 0 ? load32_be(data + 4 * i) : schedule256(w, i);
            eight256(s, w, t);
            eight256(s, w + 8, t + 8);
        }
        for (int i = 0; i < 8; i++)
            state[i] += s[i];
    }
}

void sha256_init(sha256 *h)
{
    for (int i = 0; i < 8; i++)
        h->state[i] = (uint32_t)(SHA2_INITIAL[i] >> 32);
    h->total = 0;
}

void sha256_update(sha256 *h, const uint8_t *data, size_t bytes)
{
    size_t held = (size_t)(h->total & 63), room = 64 - held;
    h->total += bytes;
    if (bytes < room) {
        if (bytes > 0)
            memcpy(h->block + held, data, bytes);
        return;
    }
    if (held > 0) {
        memcpy(h->block + held, data, room);
        sha256_blocks(h->state, h->block, 1);
        data += room;
        bytes -= room;
    }
    sha256_blocks(h->state, data, bytes / 64);
    memcpy(h->block, data + (bytes & ~(size_t)63), bytes & 63);
}

void sha256_final(sha256 *h, uint8_t digest[32])
{
    static const uint8_t padding[64] = {0x80};
    uint8_t length[8];
    store64_be(length, h->total << 3);
    sha256_update(h, padding, 1 + (size_t)((55 - h->total) & 63));
    sha256_update(h, length, 8);
    for (int i = 0; i < 8; i++)
        store32_be(digest + 4 * i, h->state[i]);
}

void hwlock_sha256(uint8_t digest[32], const uint8_t *message, size_t message_bytes)
{
    sha256 h;
    sha256_init(&h);
    sha256_update(&h, message, message_bytes);
    sha256_final(&h, digest);
}

/* --- SHA-512 --- */

static inline uint64_t ror64(uint64_t x, int n)
{
    return x >> n | x << (64 - n);
}

/* The word of the message schedule that takes the place of w[t mod 16]. */
static inline uint64_t schedule512(const uint64_t w[16], int t)
{
    uint64_t a = w[(t + 1) & 15], b = w[(t + 14) & 15];
    uint64_t s0 = ror64(a, 1) ^ ror64(a, 8) ^ a >> 7;
    uint64_t s1 = ror64(b, 19) ^ ror64(b, 61) ^ b >> 6;
    return w[t & 15] + s0 + s1 + w[(t + 9) & 15];
}

/* Round i of eight; the variables a to h stand in s, turned by i places. */
static inline void round512(uint64_t s[8], int i, uint64_t constant_and_word)
{
    uint64_t a = s[-i & 7], b = s[(1 - i) & 7], c = s[(2 - i) & 7];
    uint64_t e = s[(4 - i) & 7], f = s[(5 - i) & 7], g = s[(6 - i) & 7];
    uint64_t sum1 = ror64(e, 14) ^ ror64(e, 18) ^ ror64(e, 41);
    uint64_t sum0 = ror64(a, 28) ^ ror64(a, 34) ^ ror64(a, 39);
    uint64_t t1 = s[(7 - i) & 7] + sum1 + (g ^ (e & (f ^ g))) + constant_and_word;
    s[(3 - i) & 7] += t1;
    s[(7 - i) & 7] = t1 + sum0 + ((a & b) | (c & (a | b)));
}

/* Rounds t to t + 7, written out so that s stays in registers. */
static inline void eight512(uint64_t s[8], const uint64_t w[8], int t)
{
    round512(s, 0, w[0] + SHA2_ROUND[t + 0]);
    round512(s, 1, w[1] + SHA2_ROUND[t + 1]);
    round512(s, 2, w[2] + SHA2_ROUND[t + 2]);
    round512(s, 3, w[3] + SHA2_ROUND[t + 3]);
    round512(s, 4, w[4] + SHA2_ROUND[t + 4]);
    round512(s, 5, w[5] + SHA2_ROUND[t + 5]);
    round512(s, 6, w[6] + SHA2_ROUND[t + 6]);
    round512(s, 7, w[7] + SHA2_ROUND[t + 7]);
}

static void blocks512(uint64_t state[8], const uint8_t *data, size_t count)
{
    for (; count > 0; count--, data += 128) {
        uint64_t w[16], s[8];
        memcpy(s, state, sizeof s);
        for (int t = 0; t < 80; t += 16) {
            for (int i = 0; i < 16; i++)
                w[i] = t == 0 ? load64_be(data + 8 * i) : schedule512(w, i);
            eight512(s, w, t);
            eight512(s, w + 8, t + 8);
        }
        for (int i = 0; i < 8; i++)
            state[i] += s[i];
    }
}

void sha512_init(sha512 *h)
{
    memcpy(h->state, SHA2_INITIAL, sizeof h->state);
    h->total = 0;
}

void sha512_update(sha512 *h, const uint8_t *data, size_t bytes)
{
    size_t held = (size_t)(h->total & 127), room = 128 - held;
    h->total += bytes;
    if (bytes < room) {
        if (bytes > 0)
            memcpy(h->block + held, data, bytes);
        return;
    }
    if (held > 0) {
        memcpy(h->block + held, data, room);
        blocks512(h->state, h->block, 1);
        data += room;
        bytes -= room;
    }
    blocks512(h->state, data, bytes / 128);
    memcpy(h->block, data + (bytes & ~(size_t)127), bytes & 127);
}

void sha512_final(sha512 *h, uint8_t digest[64])
{
    static const uint8_t padding[128] = {0x80};
    uint8_t length[16] = {0};
    length[7] = (uint8_t)(h->total >> 61);
    store64_be(length + 8, h->total << 3);
    sha512_update(h, padding, 1 + (size_t)((111 - h->total) & 127));
    sha512_update(h, length, 16);
    for (int i = 0; i < 8; i++)
        store64_be(digest + 8 * i, h->state[i]);
}

void hwlock_sha512(uint8_t digest[64], const uint8_t *message, size_t message_bytes)
{
    sha512 h;
    sha512_init(&h);
    sha512_update(&h, message, message_bytes);
    sha512_final(&h, digest);
}
