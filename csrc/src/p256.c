/* ECDSA verification (FIPS 186-5 section 6.4.2) over P-256 with SHA-256. All of it is computed
 * before the verdict is formed. */
#include <string.h>

#include "dispatch.h"
#include "hwlock.h"
#include "invert.h"
#include "prepared.h"

static const modulus *const N = &P256_ORDER;

int hwlock_p256_load(hwlock_p256_loaded *loaded, const uint8_t key[64])
{
    p256_entry Q;
    uint64_t good = p256_decode(Q, key);
    p256_load_row(loaded->row, (const uint64_t(*)[4])Q);
    loaded->valid = good;
    return verdict(good, HWLOCK_BAD_KEY);
}

int hwlock_p256_prepare(hwlock_p256_prepared *prepared, const uint8_t key[64])
{
    p256_entry Q;
    uint64_t good = p256_decode(Q, key);
    p256_load_rows(prepared->rows, prepared->top, (const uint64_t(*)[4])Q);
    memcpy(prepared->key, key, 64);
    prepared->valid = good;
    return verdict(good, HWLOCK_BAD_KEY);
}

/* 1 when 0 < a < n, else 0 */
static uint64_t in_range(num a)
{
    return num_less(a, N->m) & (1 ^ num_is_zero(a));
}

/* Up to COMBINE_MOST signatures on their way through the rule. */
typedef struct {
    num r[COMBINE_MOST], s[COMBINE_MOST], e[COMBINE_MOST];
    num of_key[COMBINE_MOST], of_base[COMBINE_MOST];
    p256_ratio sum[COMBINE_MOST];
    uint64_t good[COMBINE_MOST];
} course;

/* An s out of range, which is refused, is replaced by 1: it has an inverse. */
static void enter(course *c, int i, uint64_t valid, const uint8_t signature[64],
                  const uint8_t digest[32])
{
    const num one = {{1}};
    num r = num_from_be(signature), s = num_from_be(signature + 32);
    uint64_t s_good = in_range(s);
    c->good[i] = valid & in_range(r) & s_good;
    c->r[i] = mod_once(r, 0, N); /* 2^256 < 2 n */
    c->s[i] = num_select(ct_mask(s_good), s, one);
    c->e[i] = mod_once(num_from_be(digest), 0, N);
}

/* e / s and r / s of all, with one inversion: 1 / (s0 .. sk) gives 1 / sk and 1 / (s0 .. sk-1). */
static void divide(course *c, int count)
{
    num product[COMBINE_MOST], s[COMBINE_MOST]; /* s0 .. sk, forms */
    for (int k = 0; k < count; k++) {
        s[k] = mont_enter(c->s[k], N);
        product[k] = k > 0 ? mont_mul(product[k - 1], s[k], N) : s[k];
    }
    num inverse = mont_enter(num_invert(mont_leave(product[count - 1], N), N), N);
    for (int k = count - 1; k >= 0; k--) {
        num own = k > 0 ? mont_mul(inverse, product[k - 1], N) : inverse;
        c->of_base[k] = mont_mul(c->e[k], own, N); /* plain */
        c->of_key[k] = mont_mul(c->r[k], own, N);
        inverse = mont_mul(inverse, s[k], N);
    }
}

static int leave(const course *c, int i)
{
    return verdict(c->good[i] & p256_has_x(&c->sum[i], c->r[i]), HWLOCK_BAD_SIGNATURE);
}

/* The rule, for all ways to hold a key. */
static int verify(p256_multiples key, uint64_t valid, const uint8_t signature[64],
                  const uint8_t digest[32])
{
    course c;
    enter(&c, 0, valid, signature, digest);
    divide(&c, 1);
    p256_sum(c.sum, key, c.of_key[0], c.of_base[0]);
    return leave(&c, 0);
}

int hwlock_p256_verify_digest_prepared(const hwlock_p256_prepared *prepared,
                                       const uint8_t signature[64], const uint8_t digest[32])
{
    p256_multiples key = {prepared->rows, &prepared->top};
    return verify(key, prepared->valid, signature, digest);
}

int hwlock_p256_verify_digest_loaded(const hwlock_p256_loaded *loaded,
                                     const uint8_t signature[64], const uint8_t digest[32])
{
    p256_multiples key = {&loaded->row, NULL};
    return verify(key, loaded->valid, signature, digest);
}

int hwlock_p256_verify_prepared(const hwlock_p256_prepared *prepared,
                                const uint8_t signature[64], const uint8_t *message,
                                size_t message_bytes)
{
    uint8_t digest[32];
    hwlock_sha256(digest, message, message_bytes);
    return hwlock_p256_verify_digest_prepared(prepared, signature, digest);
}

int hwlock_p256_verify_loaded(const hwlock_p256_loaded *loaded, const uint8_t signature[64],
                              const uint8_t *message, size_t message_bytes)
{
    uint8_t digest[32];
    hwlock_sha256(digest, message, message_bytes);
    return hwlock_p256_verify_digest_loaded(loaded, signature, digest);
}

int hwlock_p256_verify_digest(const uint8_t key[64], const uint8_t signature[64],
                              const uint8_t digest[32])
{
    hwlock_p256_loaded loaded;
    int bad_key = hwlock_p256_load(&loaded, key);
    int bad = hwlock_p256_verify_digest_loaded(&loaded, signature, digest);
    return bad_key | (bad & (int)ct_mask(loaded.valid));
}

int hwlock_p256_verify(const uint8_t key[64], const uint8_t signature[64],
                       const uint8_t *message, size_t message_bytes)
{
    uint8_t digest[32];
    hwlock_sha256(digest, message, message_bytes);
    return hwlock_p256_verify_digest(key, signature, digest);
}

/* They share an inversion, of numbers that are never 0: no item can spoil another. */
static void verify_some(const hwlock_p256_prepared *prepared, hwlock_signed *items, int count)
{
    const p256_multiples key = {prepared->rows, &prepared->top};
    course c;
    uint8_t digest[32];
    memset(&c, 0, sizeof c);
    for (int i = 0; i < count; i++) {
        hwlock_sha256(digest, items[i].message, items[i].message_bytes);
        enter(&c, i, prepared->valid, items[i].signature, digest);
    }
    divide(&c, count);
    p256_sum_many(c.sum, key, c.of_key, c.of_base, count);
    for (int i = 0; i < count; i++)
        items[i].outcome = leave(&c, i);
}

void hwlock_p256_verify_many(const hwlock_p256_prepared *prepared, hwlock_signed *items,
                             size_t count)
{
    for (; count >= COMBINE_MOST; count -= COMBINE_MOST, items += COMBINE_MOST)
        verify_some(prepared, items, COMBINE_MOST);
    if (count > 0)
        verify_some(prepared, items, (int)count);
}

/* --- the bytes of a prepared key --- */

enum { ROW_WORDS = sizeof((hwlock_p256_prepared *)0)->rows / 8, TABLE_WORDS = ROW_WORDS + 8 };

static const prepared_form FORM = {PREPARED_P256, 64, TABLE_WORDS};

int hwlock_p256_prepared_write(uint8_t bytes[HWLOCK_P256_PREPARED_BYTES],
                               const hwlock_p256_prepared *prepared)
{
    uint64_t table[TABLE_WORDS];
    memcpy(table, prepared->rows, sizeof prepared->rows);
    memcpy(table + ROW_WORDS, prepared->top, sizeof prepared->top);
    prepared_write(bytes, &FORM, prepared->key, table);
    return verdict(prepared->valid, HWLOCK_BAD_KEY);
}

int hwlock_p256_prepared_read(hwlock_p256_prepared *prepared, const uint8_t *bytes, size_t size,
                              const uint8_t key[64])
{
    uint64_t table[TABLE_WORDS] = {0};
    prepared->valid = prepared_read(table, &FORM, bytes, size, key);
    memcpy(prepared->rows, table, sizeof prepared->rows);
    memcpy(prepared->top, table + ROW_WORDS, sizeof prepared->top);
    memcpy(prepared->key, key, 64);
    prepared->valid &= p256_row_begins((const uint64_t(*)[P256_ENTRIES])prepared->rows[0], key);
    return verdict(prepared->valid, HWLOCK_BAD_INPUT);
}
