/* Known answers, limits and refusals. Prints nothing and returns 0 when all hold. */
#include "dispatch.h"
#include "field25519.h"
#include "group25519.h"
#include "group_p256.h"
#include "hwlock.h"
#include "invert.h"
#include "known.h"
#include "mont.h"
#include "scalar25519.h"
#include "scalar_p256.h"
#include "sha2.h"
#include "sha2_blocks.h"

static int failures;

#define EXPECT(truth)                                                                          \
    do {                                                                                       \
        if (!(truth)) {                                                                        \
            printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #truth);                         \
            failures++;                                                                        \
        }                                                                                      \
    } while (0)

static const uint8_t ABC[3] = {'a', 'b', 'c'};

static void sha2_known_answers(void)
{
    uint8_t d[64];
    hwlock_sha256(d, ABC, 3);
    EXPECT(is_hex(d, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    hwlock_sha256(d, NULL, 0);
    EXPECT(is_hex(d, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    hwlock_sha512(d, ABC, 3);
    EXPECT(is_hex(d, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"));
    hwlock_sha512(d, NULL, 0);
    EXPECT(is_hex(d, "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
                     "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"));
}

/* Two pieces, split anywhere, hash like one. */
static void sha2_pieces(void)
{
    uint8_t data[300], whole[64], pieces[64];
    sha256 h256;
    sha512 h512;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(7 * i);
    for (size_t split = 0; split <= sizeof data; split++) {
        hwlock_sha256(whole, data, sizeof data);
        sha256_init(&h256);
        sha256_update(&h256, data, split);
        sha256_update(&h256, data + split, sizeof data - split);
        sha256_final(&h256, pieces);
        EXPECT(memcmp(whole, pieces, 32) == 0);
        hwlock_sha512(whole, data, sizeof data);
        sha512_init(&h512);
        sha512_update(&h512, data, split);
        sha512_update(&h512, data + split, sizeof data - split);
        sha512_final(&h512, pieces);
        EXPECT(memcmp(whole, pieces, 64) == 0);
    }
}

/* Whatever code this processor is given, it compresses like the portable code. */
static void sha256_paths(unsigned allowed)
{
    uint8_t data[8 * 64 + 1];
    uint32_t portable[8], given[8];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * i + 3 * i);
    for (size_t count = 0; count <= 8; count++) {
        for (int i = 0; i < 8; i++)
            portable[i] = given[i] = UINT32_MAX - (uint32_t)(count << i);
        sha256_blocks_portable(portable, data + 1, count);
        sha256_blocks(given, data + 1, count);
        EXPECT(memcmp(portable, given, sizeof given) == 0);
    }
    EXPECT(allowed & SHA_NI || strcmp(dispatch_sha256(), "portable") == 0);
#ifdef EXPECTED_SHA256 /* what the emulated processor must be given */
    EXPECT(!(allowed & SHA_NI) || strcmp(dispatch_sha256(), EXPECTED_SHA256) == 0);
#endif
    EXPECT(allowed & (AVX512_IFMA | MULX_ADX) || strcmp(dispatch_curves(), "portable") == 0);
}

/* Many messages hash like each alone, whatever their lengths and number. */
static void sha256_many(void)
{
    static const size_t lengths[] = {0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 300, 1000};
    const size_t known = sizeof lengths / sizeof lengths[0];
    uint8_t data[1000], alone[32];
    hwlock_hashed items[9];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * i + 5 * i);
    for (size_t round = 0; round < 10 * known; round++) {
        size_t count = round % 10;
        for (size_t i = 0; i < count; i++) {
            items[i].message_bytes = lengths[(round + i * (1 + round / known)) % known];
            items[i].message = data + (sizeof data - items[i].message_bytes);
        }
        hwlock_sha256_many(items, count);
        for (size_t i = 0; i < count; i++) {
            hwlock_sha256(alone, items[i].message, items[i].message_bytes);
            EXPECT(memcmp(alone, items[i].digest, 32) == 0);
        }
    }
}

/* The hash of R, the key and a message, of several items in a call, is that of one piece: all
 * lengths around three ends of a block, and items of different lengths side by side. */
static void challenges(void)
{
    enum { MOST = 400 };
    static uint8_t text[64 + MOST];
    uint8_t sig[64], key[32], digest[COMBINE_MOST][64], expected[64];
    for (int i = 0; i < 64 + MOST; i++)
        text[i] = (uint8_t)(7 * i + i / 256);
    memcpy(sig, text, 32);
    memcpy(key, text + 32, 32);
    for (int count = 1; count <= COMBINE_MOST; count++)
        for (int first = 0; first < MOST; first += count == COMBINE_MOST ? 1 : 37) {
            hwlock_signed items[COMBINE_MOST];
            for (int i = 0; i < count; i++) {
                hwlock_signed item = {sig, text + 64, (size_t)(first + 57 * i) % MOST, 0};
                items[i] = item;
            }
            ed25519_challenges(digest, key, items, count);
            for (int i = 0; i < count; i++) {
                hwlock_sha512(expected, text, 64 + items[i].message_bytes);
                EXPECT(memcmp(digest[i], expected, 64) == 0);
            }
        }
}

/* RFC 4231 tests 1 and 6; the label and separators of a fingerprint. */
static void hmac_and_fingerprint(void)
{
    uint8_t key[131], tag[32], again[32], salt[16] = {1, 2, 3};
    const char *input = "hwlock component v1\0disk\0serial";
    memset(key, 0x0b, 20);
    hwlock_hmac_sha256(tag, key, 20, (const uint8_t *)"Hi There", 8);
    EXPECT(is_hex(tag, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"));
    memset(key, 0xaa, 131);
    hwlock_hmac_sha256(tag, key, 131,
                       (const uint8_t *)"Test Using Larger Than Block-Size Key - Hash Key First",
                       54);
    EXPECT(is_hex(tag, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
    hwlock_hmac_sha256(tag, salt, 16, (const uint8_t *)input, 31);
    EXPECT(hwlock_fingerprint_digest(again, salt, ABC, 0, ABC, 3) == HWLOCK_BAD_INPUT);
    EXPECT(hwlock_fingerprint_digest(again, salt, ABC, 3, ABC, 0) == HWLOCK_BAD_INPUT);
    EXPECT(hwlock_fingerprint_digest(again, salt, ABC, 3, key, 257) == HWLOCK_BAD_INPUT);
    EXPECT(hwlock_fingerprint_digest(again, salt, key, 65, ABC, 3) == HWLOCK_BAD_INPUT);
    EXPECT(hwlock_fingerprint_digest(again, salt, (const uint8_t *)"a\0b", 3, ABC, 3) ==
           HWLOCK_BAD_INPUT);
    EXPECT(hwlock_fingerprint_digest(again, salt, (const uint8_t *)"disk", 4,
                                     (const uint8_t *)"serial", 6) == HWLOCK_OK);
    EXPECT(memcmp(tag, again, 32) == 0);
}

static void compare_and_wipe(void)
{
    uint8_t a[33] = {0}, b[33] = {0};
    EXPECT(hwlock_equal(a, b, 33) == 1);
    EXPECT(hwlock_equal(a, b, 0) == 1);
    for (int bit = 0; bit < 8 * 33; bit++) {
        b[bit / 8] = (uint8_t)(1 << bit % 8);
        EXPECT(hwlock_equal(a, b, 33) == 0);
        b[bit / 8] = 0;
    }
    memset(a, 0xff, 33);
    hwlock_wipe(a, 32);
    EXPECT(hwlock_equal(a, b, 32) == 1 && a[32] == 0xff);
}

/* Every way of writing the same number has one representative, and inverses are inverses. */
static void field_limits(void)
{
    const uint64_t F = UINT64_MAX, top = F >> 1;
    const uint64_t edge[][4] = {{0}, {1}, {F - 18, F, F, top}, {F - 19, F, F, top}, {F, F, F, top}};
    const uint64_t reduced[][4] = {{0}, {1}, {0}, {F - 19, F, F, top}, {18}};
    uint64_t w[4];
    for (int i = 0; i < 5; i++) {
        fe a = fe_load(edge[i]);
        fe_store(w, a);
        EXPECT(memcmp(w, reduced[i], 32) == 0);
        fe_store(w, fe_sub(fe_add(a, a), a));
        EXPECT(memcmp(w, reduced[i], 32) == 0);
        fe_store(w, fe_negate(fe_mul(fe_negate(a), FE_ONE)));
        EXPECT(memcmp(w, reduced[i], 32) == 0);
        for (int j = 0; j < 5; j++) {
            fe b = fe_load(edge[j]);
            EXPECT(fe_equal(fe_mul(fe_sub(a, b), fe_add(a, b)),
                            fe_sub(fe_square(a), fe_square(b))));
        }
        uint64_t zero = fe_equal(a, FE_ZERO);
        EXPECT(fe_equal(fe_mul(a, fe_invert(a)), zero ? FE_ZERO : FE_ONE));
    }
}

static void montgomery_limits(void)
{
    const modulus *n = &P256_ORDER;
    const num one = {{1}}, zero = {{0}};
    num last, max;
    num_sub(&last, n->m, one);
    num_sub(&max, zero, one);
    num m1 = mont_enter(last, n);
    EXPECT(num_equal(mont_mul(m1, m1, n), n->one));
    EXPECT(num_equal(mont_leave(m1, n), last));
    EXPECT(num_equal(mont_leave(mont_enter(max, n), n), mod_once(max, 0, n)));
    EXPECT(num_equal(mont_mul(mont_invert(m1, n), m1, n), n->one));
    EXPECT(num_is_zero(mont_invert(zero, n)));
    EXPECT(num_is_zero(mod_add(last, one, n)));
    EXPECT(num_equal(mod_sub(zero, one, n), last));
}

/* 1 / a from division steps is a^(n - 2): ends, powers of two, and a walk of squares. */
static void order_inverses(void)
{
    const modulus *n = &P256_ORDER;
    const num zero = {{0}};
    num a = {{3}}, b;
    EXPECT(num_is_zero(num_invert(zero, n)));
    for (int i = 0; i < 600; i++) {
        b = a;
        if (i < 512) {
            b = zero;
            b.w[i % 256 / HWLOCK_WORD_BITS] = (word)1 << i % HWLOCK_WORD_BITS;
            b = i < 256 ? mod_once(b, 0, n) : mod_sub(zero, mod_once(b, 0, n), n);
        }
        EXPECT(num_equal(num_invert(b, n), mont_leave(mont_invert(mont_enter(b, n), n), n)));
        a = mont_mul(a, mont_enter(a, n), n);
    }
}

static uint64_t sum_has_x(p256_multiples A, num a, num b, num r)
{
    p256_ratio sum;
    p256_sum(&sum, A, a, b);
    return p256_has_x(&sum, r);
}

/* The multiples of points at the limits of their digits: [a]G + [1 - a]G is G, [a]G + [2 - a]G
 * is not, and [a]G - [a]G is infinity, which has no x. */
static void p256_scalars(void)
{
    static const char *const scalars[] = {
        "0000000000000000000000000000000000000000000000000000000000000001",
        "0000000000000000000000000000000000000000000000000000000000000002",
        "000000000000000000000000000000000000000000000000000000000000001f",
        "0000000000000000000000000000000000000000000000000000000000000020",
        "00000000ffffffff00000000000000004319055258e8617b0c46353d039cdaaf",
        "00000000ffffffff00000000000000004319055258e8617b0c46353d039cdaae",
        "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "8000000000000000000000000000000000000000000000000000000000000000",
        "8000000000000000000000000000000000000000000000000000000000000001",
        "7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8",
        "7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a9",
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550",
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254f",
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632533",
        "0000000000000000000000000000000000000000000000000000000000000000",
    };
    static const char base[] = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                               "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
    static p256_row rows[P256_DIGITS], row;
    uint8_t bytes[64];
    p256_entry G, top;
    const num one = {{1}};
    from_hex(bytes, base);
    EXPECT(p256_decode(G, bytes) == 1);
    num x = num_from_be(bytes), rest, rest_plus;
    p256_rows_build(rows, top, (const uint64_t(*)[4])G);
    p256_row_build(row, (const uint64_t(*)[4])G);
    const p256_multiples ways[2] = {{(const p256_row *)rows, (const p256_entry *)&top},
                                    {(const p256_row *)&row, NULL}};
    for (size_t i = 0; i < sizeof scalars / sizeof scalars[0]; i++) {
        from_hex(bytes, scalars[i]);
        num a = num_from_be(bytes);
        rest = mod_sub(one, a, &P256_ORDER); /* a + rest = 1 */
        rest_plus = mod_add(rest, one, &P256_ORDER);
        for (int j = 0; j < 2; j++) {
            EXPECT(sum_has_x(ways[j], a, rest, mod_once(x, 0, &P256_ORDER)) == 1);
            EXPECT(sum_has_x(ways[j], rest, a, mod_once(x, 0, &P256_ORDER)) == 1);
            EXPECT(sum_has_x(ways[j], a, rest_plus, mod_once(x, 0, &P256_ORDER)) == 0);
            EXPECT(sum_has_x(ways[j], a, mod_sub(rest, one, &P256_ORDER), one) == 0);
        }
    }
}

/* [a]B - [a]B is the identity, [a]B - [a + 1]B is not, for scalars at the limits of their digits. */
static void ed25519_scalars(void)
{
    static const char *const scalars[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0800000000000000000000000000000000000000000000000000000000000000",
        "8888888888888888888888888888888888888888888888888888888888888808",
        "7777777777777777777777777777777777777777777777777777777777777707",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff0f",
        "0000000000000000000000000000000000000000000000000000000000000010",
        "ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
    };
    uint8_t encoded[32] = {0x58};
    comb_tooth comb[COMB_TEETH], few[COMB_FEW_TEETH];
    int8_t a[COMB_DIGITS], b[COMB_DIGITS];
    point minus_B, sum;
    memset(encoded + 1, 0x66, 31);
    EXPECT(point_decode_negated(&minus_B, encoded) == 1);
    comb25519_build(comb, COMB_TEETH, &minus_B);
    comb25519_build(few, COMB_FEW_TEETH, &minus_B);
    const comb25519 combs[2] = {{(const comb_tooth *)comb, COMB_TEETH},
                                {(const comb_tooth *)few, COMB_FEW_TEETH}};
    for (size_t i = 0; i < sizeof scalars / sizeof scalars[0]; i++) {
        from_hex(encoded, scalars[i]);
        EXPECT(scalar_strict(a, encoded) == 1);
        encoded[0] ^= 1;
        scalar_strict(b, encoded);
        for (int j = 0; j < 2; j++) {
            ed25519_combine(&sum, a, combs[j], a);
            EXPECT(point_is_identity(&sum) && point_is_small(&sum));
            ed25519_combine(&sum, b, combs[j], a);
            EXPECT(!point_is_identity(&sum) && !point_is_small(&sum));
        }
    }
}

/* The known signature is accepted by all functions, and with any bit changed by none. */
static void ed25519_bits(void)
{
    uint8_t key[32], sig[64], message[2];
    hwlock_ed25519_prepared prepared;
    from_hex(key, ED_KEY);
    from_hex(sig, ED_SIGNATURE);
    from_hex(message, ED_MESSAGE);
    EXPECT(hwlock_ed25519_prepare(&prepared, key) == HWLOCK_OK);
    EXPECT(hwlock_ed25519_verify(key, sig, message, 2) == HWLOCK_OK);
    EXPECT(hwlock_ed25519_verify(key, sig, message, 1) == HWLOCK_BAD_SIGNATURE);
    for (int bit = 0; bit < 8 * 64; bit++) {
        sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
        hwlock_signed items[2] = {{sig, message, 2, -1}, {sig, message, 0, -1}};
        hwlock_ed25519_verify_many(&prepared, items, 2);
        EXPECT(items[0].outcome == HWLOCK_BAD_SIGNATURE);
        EXPECT(items[1].outcome == HWLOCK_BAD_SIGNATURE);
        sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    EXPECT(hwlock_ed25519_verify_prepared(&prepared, sig, message, 2) == HWLOCK_OK);
    for (int bit = 0; bit < 8 * 32; bit++) {
        key[bit / 8] ^= (uint8_t)(1 << bit % 8);
        EXPECT(hwlock_ed25519_verify(key, sig, message, 2) != HWLOCK_OK);
        key[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

/* Points of small order and their other encodings are no keys, whatever is signed; neither is a
 * refused key good for anything afterwards. */
static void ed25519_small_keys(void)
{
    static const char *const small[] = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    };
    uint8_t key[32], sig[64] = {1};
    hwlock_ed25519_prepared prepared;
    for (size_t i = 0; i < sizeof small / sizeof small[0]; i++) {
        from_hex(key, small[i]);
        memcpy(sig, key, 32);
        EXPECT(hwlock_ed25519_prepare(&prepared, key) == HWLOCK_BAD_KEY);
        EXPECT(hwlock_ed25519_verify(key, sig, NULL, 0) == HWLOCK_BAD_KEY);
        EXPECT(hwlock_ed25519_verify_prepared(&prepared, sig, NULL, 0) == HWLOCK_BAD_SIGNATURE);
    }
}

static void p256_bits(void)
{
    uint8_t key[64], sig[64], message[6], digest[32];
    hwlock_p256_prepared prepared;
    from_hex(key, P256_KEY);
    from_hex(sig, P256_SIGNATURE);
    from_hex(message, P256_MESSAGE);
    hwlock_sha256(digest, message, 6);
    EXPECT(hwlock_p256_prepare(&prepared, key) == HWLOCK_OK);
    EXPECT(hwlock_p256_verify(key, sig, message, 6) == HWLOCK_OK);
    EXPECT(hwlock_p256_verify_digest(key, sig, digest) == HWLOCK_OK);
    EXPECT(hwlock_p256_verify(key, sig, message, 5) == HWLOCK_BAD_SIGNATURE);
    for (int bit = 0; bit < 8 * 64; bit++) {
        sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
        hwlock_signed item = {sig, message, 6, -1};
        hwlock_p256_verify_many(&prepared, &item, 1);
        EXPECT(item.outcome == HWLOCK_BAD_SIGNATURE);
        sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (int bit = 0; bit < 8 * 64; bit++) {
        key[bit / 8] ^= (uint8_t)(1 << bit % 8);
        EXPECT(hwlock_p256_prepare(&prepared, key) == HWLOCK_BAD_KEY);
        EXPECT(hwlock_p256_verify_digest_prepared(&prepared, sig, digest) ==
               HWLOCK_BAD_SIGNATURE);
        key[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    memset(sig, 0, 32);
    EXPECT(hwlock_p256_verify(key, sig, message, 6) == HWLOCK_BAD_SIGNATURE);
    memset(sig, 0, 64);
    EXPECT(hwlock_p256_verify(key, sig, message, 6) == HWLOCK_BAD_SIGNATURE);
    memset(sig, 0xff, 64);
    EXPECT(hwlock_p256_verify(key, sig, message, 6) == HWLOCK_BAD_SIGNATURE);
    memset(key, 0, 64);
    EXPECT(hwlock_p256_verify(key, sig, message, 6) == HWLOCK_BAD_KEY);
}

/* Which of the items of a call are spoiled: none, all, each alone, and some mixed. */
static int spoiled(int pattern, int i)
{
    return pattern == 0 ? 0 : pattern == 1 ? 1 : pattern < 20 ? i == pattern - 2 : i * pattern % 3;
}

enum { MOST_ITEMS = 17, PATTERNS = 22 };

/* Loaded, prepared, read from bytes, and many in a call: all say the same of each item. */
static void ed25519_ways(void)
{
    static hwlock_ed25519_prepared prepared, again;
    static uint8_t bytes[HWLOCK_ED25519_PREPARED_BYTES];
    hwlock_ed25519_loaded loaded;
    hwlock_signed items[MOST_ITEMS];
    uint8_t key[32], sig[64], bad[64], message[2];
    from_hex(key, ED_KEY);
    from_hex(sig, ED_SIGNATURE);
    from_hex(message, ED_MESSAGE);
    memcpy(bad, sig, 64);
    bad[40] ^= 1;
    EXPECT(hwlock_ed25519_load(&loaded, key) == HWLOCK_OK);
    EXPECT(hwlock_ed25519_prepare(&prepared, key) == HWLOCK_OK);
    EXPECT(hwlock_ed25519_prepared_write(bytes, &prepared) == HWLOCK_OK);
    EXPECT(hwlock_ed25519_prepared_read(&again, bytes, sizeof bytes, key) == HWLOCK_OK);
    EXPECT(memcmp(&again, &prepared, sizeof again) == 0);
    for (int count = 0; count <= MOST_ITEMS; count++)
        for (int pattern = 0; pattern < PATTERNS; pattern++) {
            for (int i = 0; i < count; i++) {
                hwlock_signed item = {spoiled(pattern, i) ? bad : sig, message, 2, -1};
                items[i] = item;
            }
            hwlock_ed25519_verify_many(count & 1 ? &again : &prepared, items, (size_t)count);
            for (int i = 0; i < count; i++)
                EXPECT(items[i].outcome == (spoiled(pattern, i) ? HWLOCK_BAD_SIGNATURE : HWLOCK_OK));
        }
    EXPECT(hwlock_ed25519_verify_loaded(&loaded, sig, message, 2) == HWLOCK_OK);
    EXPECT(hwlock_ed25519_verify_loaded(&loaded, bad, message, 2) == HWLOCK_BAD_SIGNATURE);
    EXPECT(hwlock_ed25519_verify_prepared(&again, sig, message, 2) == HWLOCK_OK);
    EXPECT(hwlock_ed25519_verify_prepared(&again, bad, message, 2) == HWLOCK_BAD_SIGNATURE);
}

static void p256_ways(void)
{
    static hwlock_p256_prepared prepared, again;
    static uint8_t bytes[HWLOCK_P256_PREPARED_BYTES];
    hwlock_p256_loaded loaded;
    hwlock_signed items[MOST_ITEMS];
    uint8_t key[64], sig[64], bad[3][64], message[6];
    from_hex(key, P256_KEY);
    from_hex(sig, P256_SIGNATURE);
    from_hex(message, P256_MESSAGE);
    for (int i = 0; i < 3; i++)
        memcpy(bad[i], sig, 64);
    bad[0][40] ^= 1;
    memset(bad[1] + 32, 0, 32);    /* s = 0 has no inverse */
    memset(bad[2] + 32, 0xff, 32); /* s > n */
    EXPECT(hwlock_p256_load(&loaded, key) == HWLOCK_OK);
    EXPECT(hwlock_p256_prepare(&prepared, key) == HWLOCK_OK);
    EXPECT(hwlock_p256_prepared_write(bytes, &prepared) == HWLOCK_OK);
    EXPECT(hwlock_p256_prepared_read(&again, bytes, sizeof bytes, key) == HWLOCK_OK);
    EXPECT(memcmp(&again, &prepared, sizeof again) == 0);
    for (int count = 0; count <= MOST_ITEMS; count++)
        for (int pattern = 0; pattern < PATTERNS; pattern++) {
            for (int i = 0; i < count; i++) {
                hwlock_signed item = {spoiled(pattern, i) ? bad[(i + pattern) % 3] : sig, message,
                                      6, -1};
                items[i] = item;
            }
            hwlock_p256_verify_many(count & 1 ? &again : &prepared, items, (size_t)count);
            for (int i = 0; i < count; i++)
                EXPECT(items[i].outcome == (spoiled(pattern, i) ? HWLOCK_BAD_SIGNATURE : HWLOCK_OK));
        }
    EXPECT(hwlock_p256_verify_loaded(&loaded, sig, message, 6) == HWLOCK_OK);
    EXPECT(hwlock_p256_verify_prepared(&again, sig, message, 6) == HWLOCK_OK);
    for (int i = 0; i < 3; i++) {
        EXPECT(hwlock_p256_verify_loaded(&loaded, bad[i], message, 6) == HWLOCK_BAD_SIGNATURE);
        EXPECT(hwlock_p256_verify_prepared(&again, bad[i], message, 6) == HWLOCK_BAD_SIGNATURE);
    }
}

/* Every byte of a prepared key counts: with one changed, with another size or key, it is refused
 * and accepts nothing. */
static void prepared_damage(void)
{
    static hwlock_ed25519_prepared ed;
    static hwlock_p256_prepared p256;
    static uint8_t ed_bytes[HWLOCK_ED25519_PREPARED_BYTES + 1];
    static uint8_t p256_bytes[HWLOCK_P256_PREPARED_BYTES + 1];
    const size_t ed_size = sizeof ed_bytes - 1, p256_size = sizeof p256_bytes - 1;
    uint8_t ed_key[32], p256_key[64], sig[64], message[2];
    from_hex(ed_key, ED_KEY);
    from_hex(p256_key, P256_KEY);
    from_hex(sig, ED_SIGNATURE);
    from_hex(message, ED_MESSAGE);
    hwlock_ed25519_prepare(&ed, ed_key);
    hwlock_ed25519_prepared_write(ed_bytes, &ed);
    hwlock_p256_prepare(&p256, p256_key);
    hwlock_p256_prepared_write(p256_bytes, &p256);
    for (size_t i = 0; i < ed_size; i += i < 100 ? 1 : 997) {
        ed_bytes[i] ^= 0x10;
        EXPECT(hwlock_ed25519_prepared_read(&ed, ed_bytes, ed_size, ed_key) == HWLOCK_BAD_INPUT);
        EXPECT(hwlock_ed25519_verify_prepared(&ed, sig, message, 2) == HWLOCK_BAD_SIGNATURE);
        ed_bytes[i] ^= 0x10;
        p256_bytes[i] ^= 0x10;
        EXPECT(hwlock_p256_prepared_read(&p256, p256_bytes, p256_size, p256_key) ==
               HWLOCK_BAD_INPUT);
        p256_bytes[i] ^= 0x10;
    }
    const size_t sizes[] = {0, 16, ed_size - 1, ed_size + 1, p256_size - 1, p256_size + 1};
    for (int i = 0; i < 6; i++) {
        if (sizes[i] <= ed_size + 1)
            EXPECT(hwlock_ed25519_prepared_read(&ed, ed_bytes, sizes[i], ed_key) ==
                   HWLOCK_BAD_INPUT);
        EXPECT(hwlock_p256_prepared_read(&p256, p256_bytes, sizes[i], p256_key) ==
               HWLOCK_BAD_INPUT);
    }
    ed_key[1] ^= 1;
    p256_key[1] ^= 1;
    EXPECT(hwlock_ed25519_prepared_read(&ed, ed_bytes, ed_size, ed_key) == HWLOCK_BAD_INPUT);
    EXPECT(hwlock_p256_prepared_read(&p256, p256_bytes, p256_size, p256_key) == HWLOCK_BAD_INPUT);
    EXPECT(hwlock_p256_prepare(&p256, p256_key) == HWLOCK_BAD_KEY);
    EXPECT(hwlock_p256_prepared_write(p256_bytes, &p256) == HWLOCK_BAD_KEY);
}

/* A key is prepared to the same bytes on every path. */
static void prepared_alike(unsigned allowed)
{
    static hwlock_ed25519_prepared ed[2];
    static hwlock_p256_prepared p256[2];
    uint8_t ed_key[32], p256_key[64];
    from_hex(ed_key, ED_KEY);
    from_hex(p256_key, P256_KEY);
    for (int bad = 0; bad < 2; bad++) {
        ed_key[0] ^= (uint8_t)bad;
        p256_key[0] ^= (uint8_t)bad;
        for (int path = 0; path < 2; path++) {
            dispatch_allow(path == 0 ? 0 : allowed);
            hwlock_ed25519_prepare(&ed[path], ed_key);
            hwlock_p256_prepare(&p256[path], p256_key);
        }
        EXPECT(memcmp(&ed[0], &ed[1], sizeof ed[0]) == 0);
        EXPECT(memcmp(&p256[0], &p256[1], sizeof p256[0]) == 0);
    }
}

static void hashes(unsigned allowed)
{
    sha2_known_answers();
    sha2_pieces();
    sha256_paths(allowed);
    sha256_many();
    hmac_and_fingerprint();
    prepared_damage();
}

static void curves(void)
{
    p256_scalars();
    challenges();
    ed25519_scalars();
    ed25519_bits();
    ed25519_small_keys();
    ed25519_ways();
    p256_bits();
    p256_ways();
}

int main(void)
{
    compare_and_wipe();
    field_limits();
    montgomery_limits();
    order_inverses();
    for (unsigned allowed = 0; allowed <= ALL_FEATURES; allowed += SHA_NI) {
        dispatch_allow(allowed);
        hashes(allowed);
        prepared_alike(allowed);
        if (!(allowed & SHA_NI) || allowed + 1 == ALL_FEATURES)
            curves(); /* which SHA_NI does not change */
    }
    return failures != 0;
}
