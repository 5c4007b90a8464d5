/* The fields of field25519_mulx.h and field_p256_mulx.h where every word of both operands is 0 or at
 * its maximum, and around multiples of p, against plain Montgomery arithmetic; and every entry of a
 * table. Returns 0 when all
 * hold, and where the processor cannot run it, which it says.
 */
#include <stdio.h>
#include <string.h>

#define HWLOCK_FIELD_MULX
#include "dispatch.h"

#ifdef HWLOCK_MULX

#include "table.h"

static int failures;

static void expect(fe a, num b, const char *what)
{
    uint64_t w[4];
    fe_store(w, a);
    if (!num_equal(num_load(w), b)) {
        printf("not so: %s\n", what);
        failures++;
    }
}

static num reduced(num a)
{
    return mont_leave(mont_enter(a, &P25519), &P25519);
}

static fe fe_of(num a)
{
    fe r = {{a.w[0], a.w[1], a.w[2], a.w[3]}};
    return r;
}

static num num_of(fe a)
{
    num r = {{a.limb[0], a.limb[1], a.limb[2], a.limb[3]}};
    return r;
}

/* Below 2^255 + 2^11 (field25519.h) */
static int is_tight(num a)
{
    const num bound = NUM(0x8000000000000000, 0, 0, 0x800);
    return (int)num_less(a, bound);
}

static void pair(num a, num b)
{
    const num zero = NUM(0, 0, 0, 0);
    const modulus *p = &P25519;
    num product = mont_leave(mont_mul(mont_enter(a, p), mont_enter(b, p), p), p);
    expect(fe_mul(fe_of(a), fe_of(b)), product, "a b");
    if (is_tight(a) && is_tight(b))
        expect(fe_add(fe_of(a), fe_of(b)), mod_add(reduced(a), reduced(b), p), "a + b");
    if (is_tight(b)) {
        expect(fe_add_loose(fe_of(a), fe_of(b)), mod_add(reduced(a), reduced(b), p), "a + b, loose");
        expect(fe_sub(fe_of(a), fe_of(b)), mod_sub(reduced(a), reduced(b), p), "a - b");
        expect(fe_negate_if(UINT64_MAX, fe_of(b)), mod_sub(zero, reduced(b), p), "-b");
        expect(fe_negate_if(0, fe_of(b)), reduced(b), "b");
    }
    if (!is_tight(num_of(fe_mul(fe_of(a), fe_of(b)))) || !is_tight(num_of(fe_square(fe_of(a))))) {
        printf("a product is not tight\n");
        failures++;
    }
    expect(fe_square(fe_of(a)), mont_leave(mont_mul(mont_enter(a, p), mont_enter(a, p), p), p),
           "a a");
}

enum { PATTERNS = 16, NEAR = 5, ALL = PATTERNS + 3 * NEAR };

/* Words of 0 and the maximum; p - 2 .. p + 2; 2^256 - 41 .. 2^256 - 37, around 2 p; the
 * five below 2^255 + 2^11 */
static num operand(int i)
{
    num r;
    for (int j = 0; j < NUM_WORDS; j++)
        r.w[j] = i >= PATTERNS || i >> j & 1 ? UINT64_MAX : 0;
    if (i >= PATTERNS && i < PATTERNS + NEAR) {
        r.w[3] >>= 1;
        r.w[0] -= (word)(18 - 2 + PATTERNS + NEAR - i);
    } else if (i >= PATTERNS + 2 * NEAR) {
        const num bound = NUM(0x8000000000000000, 0, 0, 0x800);
        r = bound;
        r.w[0] -= (word)(ALL - i);
    } else if (i >= PATTERNS + NEAR)
        r.w[0] -= (word)(35 + PATTERNS + 2 * NEAR - i);
    return r;
}

static void expect_p256(fp a, num b, const char *what)
{
    num found = {{a.limb[0], a.limb[1], a.limb[2], a.limb[3]}};
    if (!num_equal(found, b)) {
        printf("not so, modulo the p of P-256: %s\n", what);
        failures++;
    }
}

/* Both are below p, as everything in that field, and so is what comes out. */
static void pair_p256(num a, num b)
{
    const modulus *p = &P256_FIELD;
    const fp x = {{a.w[0], a.w[1], a.w[2], a.w[3]}}, y = {{b.w[0], b.w[1], b.w[2], b.w[3]}};
    expect_p256(fp_mul(x, y), mont_mul(a, b, p), "a b");
    expect_p256(fp_square(x), mont_mul(a, a, p), "a a");
    expect_p256(fp_add(x, y), mod_add(a, b, p), "a + b");
    expect_p256(fp_sub(x, y), mod_sub(a, b, p), "a - b");
}

/* Words of 0 and the maximum, p taken away where they are not below it; then 0 to 4 and p - 5 to
 * p - 1 */
static num operand_p256(int i)
{
    const num zero = NUM(0, 0, 0, 0), one = NUM(0, 0, 0, 1);
    if (i < PATTERNS)
        return mod_once(operand(i), 0, &P256_FIELD);
    num r = zero;
    for (int j = PATTERNS; j < i && j < PATTERNS + NEAR; j++)
        r = mod_add(r, one, &P256_FIELD);
    for (int j = PATTERNS + NEAR; j <= i; j++)
        r = mod_sub(j == PATTERNS + NEAR ? zero : r, one, &P256_FIELD);
    return r;
}

/* Word j of entry i is 100 j + i + 1. */
static void rows(size_t entries, size_t words)
{
    uint64_t row[P256_ENTRIES * COMB_WORDS], entry[COMB_WORDS];
    for (size_t k = 0; k < entries * words; k++)
        row[k] = 100 * (k / entries) + k % entries + 1;
    for (size_t i = 0; i <= entries; i++) {
        uint64_t wrong = 0;
        table_read(entry, row, entries, words, i < entries ? i : UINT64_MAX);
        for (size_t j = 0; j < words; j++)
            wrong |= entry[j] ^ (i < entries ? 100 * j + i + 1 : 0);
        if (wrong) {
            printf("not so: entry %zu of %zu\n", i, entries);
            failures++;
        }
    }
}

int main(void)
{
    dispatch_allow(MULX_ADX);
    if (strcmp(dispatch_curves(), "mulx-adx") != 0) {
        printf("not run: this processor has no BMI2, ADX and AVX2\n");
        return 0;
    }
    for (int i = 0; i < ALL * ALL; i++)
        pair(operand(i / ALL), operand(i % ALL));
    const int all = PATTERNS + 2 * NEAR;
    for (int i = 0; i < all * all; i++)
        pair_p256(operand_p256(i / all), operand_p256(i % all));
    rows(COMB_ENTRIES, COMB_WORDS);
    rows(P256_ENTRIES, P256_WORDS);
    return failures != 0;
}

#else

int main(void)
{
    printf("not run: not built for MULX and ADX\n");
    return 0;
}

#endif
