/* The fields of the vector code at the limits of their limbs: every limb of both operands 0 or at
 * its maximum, each pair in a lane, against the portable fields. Returns 0 when all hold, and
 * where the processor cannot run it, which it says.
 */
#include <stdio.h>
#include <string.h>

#include "dispatch.h"

#ifdef HWLOCK_IFMA

#include "field25519_ifma.h"
#include "field_p256_ifma.h"

static int failures;

static void expect(int truth, const char *what, int i)
{
    if (!truth) {
        printf("not so: %s, %d\n", what, i);
        failures++;
    }
}

/* Lanes in memory */
typedef struct {
    uint64_t limb[FE_LIMBS][8];
} fe8_memory;

IFMA_PART fe8_memory fe8_memory_of(fe8 a)
{
    fe8_memory r;
    for (int i = 0; i < FE_LIMBS; i++)
        _mm512_storeu_si512(r.limb[i], a.limb[i]);
    return r;
}

static fe fe8_lane(const fe8_memory *a, int lane)
{
    fe r;
    for (int i = 0; i < FE_LIMBS; i++)
        r.limb[i] = a->limb[i][lane];
    return r;
}

#define LIMB_MAX (((uint64_t)1 << 52) - 1)

/* What is stored of each lane is the one representative. */
IFMA_PART void expect_stored(const __m512i w[4], int lane, const uint64_t expected[4],
                             const char *what)
{
    for (int i = 0; i < 4; i++) {
        uint64_t lanes[8];
        _mm512_storeu_si512(lanes, w[i]);
        expect(lanes[lane] == expected[i], what, lane);
    }
}

/* Bit i of the pattern: is limb i at its maximum? */
static uint64_t limb_of(int pattern, int i)
{
    return pattern >> i & 1 ? LIMB_MAX : 0;
}

IFMA_PART __m512i limbs_of(const int pattern[8], int i)
{
    uint64_t limb[8];
    for (int lane = 0; lane < 8; lane++)
        limb[lane] = limb_of(pattern[lane], i);
    return load8(limb);
}

static fe fe_of(int pattern)
{
    fe r;
    for (int i = 0; i < FE_LIMBS; i++)
        r.limb[i] = limb_of(pattern, i);
    return r;
}

static fp fp_of(int pattern)
{
    fp r;
    for (int i = 0; i < FP_LIMBS; i++)
        r.limb[i] = (int64_t)limb_of(pattern, i);
    return r;
}

static IFMA void fe8_pairs(const int a[8], const int b[8])
{
    fe8 x, y;
    for (int i = 0; i < FE_LIMBS; i++) {
        x.limb[i] = limbs_of(a, i);
        y.limb[i] = limbs_of(b, i);
    }
    wide8 xy = fe8_mul_wide(x, y), yy = fe8_mul_wide(y, y);
    const fe8_memory product = fe8_memory_of(fe8_carry(xy)), sum = fe8_memory_of(fe8_carry(wide8_add(xy, yy))),
                     difference = fe8_memory_of(fe8_carry(wide8_sub(xy, yy))),
                     twice = fe8_memory_of(fe8_carry(wide8_sub(fe8_twice(x), yy)));
    const fe8_memory square = fe8_memory_of(fe8_carry(fe8_square_wide(x)));
    __m512i stored[4], carried[4];
    fe8_store(stored, fe8_carry(xy));
    fe8_store(carried, fe8_carry(fe8_twice(x)));
    for (int lane = 0; lane < 8; lane++) {
        uint64_t words[4];
        fe_store(words, fe_mul(fe_of(a[lane]), fe_of(b[lane])));
        expect_stored(stored, lane, words, "a b, stored");
        fe_store(words, fe_mul(fe_add(fe_of(a[lane]), fe_of(a[lane])), FE_ONE));
        expect_stored(carried, lane, words, "2 a, stored");
        fe p = fe_of(a[lane]), q = fe_of(b[lane]), pq = fe_mul(p, q), qq = fe_mul(q, q);
        fe p1 = fe_mul(p, FE_ONE);
        expect(fe_equal(fe8_lane(&product, lane), pq) == 1, "a b", a[lane]);
        expect(fe_equal(fe8_lane(&square, lane), fe_square(p)) == 1, "a a", a[lane]);
        expect(fe_equal(fe8_lane(&sum, lane), fe_add(pq, qq)) == 1, "a b + b b", a[lane]);
        expect(fe_equal(fe8_lane(&difference, lane), fe_sub(pq, qq)) == 1, "a b - b b", a[lane]);
        expect(fe_equal(fe8_lane(&twice, lane), fe_sub(fe_add(p1, p1), qq)) == 1, "2 a - b b",
               a[lane]);
        for (int i = 0; i < FE_LIMBS; i++)
            expect(product.limb[i][lane] <= ((uint64_t)1 << 51) + ((uint64_t)1 << 17) &&
                       difference.limb[i][lane] <= LIMB_MAX,
                   "limbs of 2^255 - 19 stay in their bounds", i);
    }
}

typedef struct {
    int64_t limb[FP_LIMBS][8];
} fp8_memory;

IFMA_PART fp8_memory fp8_memory_of(fp8 a)
{
    fp8_memory r;
    for (int i = 0; i < FP_LIMBS; i++)
        _mm512_storeu_si512(r.limb[i], a.limb[i]);
    return r;
}

/* A lane is what the portable number is; its limbs are in their bounds, and the value below that
 * many times 2^256. */
static void expect_fp(const fp8_memory *a, int lane, fp b, int64_t below, const char *what)
{
    fp r;
    for (int i = 0; i < FP_LIMBS; i++) {
        r.limb[i] = a->limb[i][lane];
        expect(r.limb[i] >= 0 && r.limb[i] <= (int64_t)LIMB_MAX, what, i);
    }
    expect(r.limb[FP_LIMBS - 1] < below << 48, what, 100);
    expect(fp_is_zero(fp_sub(r, b)) == 1, what, 200 + lane);
}

static IFMA void fp8_pairs(const int a[8], const int b[8])
{
    fp8 x, y;
    for (int i = 0; i < FP_LIMBS; i++) {
        x.limb[i] = limbs_of(a, i);
        y.limb[i] = limbs_of(b, i);
    }
    /* 16 U times 16 U comes to 17 U, which an fp8 does not hold: it is made weak */
    const fp8_memory product = fp8_memory_of(fp8_weak(fp8_product(x, y)));
    const fp8_memory square = fp8_memory_of(fp8_weak(fp8_product_square(x)));
    const fp8_memory difference = fp8_memory_of(fp8_weak(fp8_mul_sub(x, y, y, y)));
    const fp8_memory weak = fp8_memory_of(fp8_weak(minus(minus(fp8_sum_of(x), y), y)));
    __m512i stored[4];
    fp8_store(stored, fp8_mul(fp8_weak(fp8_sum_of(x)), fp8_weak(fp8_sum_of(y))));
    for (int lane = 0; lane < 8; lane++) {
        uint64_t words[4];
        fp_store(words, fp_mul(fp_weak(fp_of(a[lane])), fp_weak(fp_of(b[lane]))));
        expect_stored(stored, lane, words, "a b of p256, stored");
        fp p = fp_weak(fp_of(a[lane])), q = fp_weak(fp_of(b[lane]));
        expect_fp(&product, lane, fp_mul(p, q), 3, "a b");
        expect_fp(&square, lane, fp_square(p), 3, "a a");
        expect_fp(&difference, lane, fp_mul_sub(p, q, q, q), 3, "a b - b b");
        expect_fp(&weak, lane, fp_sub(fp_sub(p, q), q), 3, "a - 2 b");
    }
}

int main(void)
{
    if (strcmp(dispatch_curves(), "avx512-ifma") != 0) {
        printf("not run: this processor has no AVX-512 IFMA\n");
        return 0;
    }
    for (int pair = 0; pair < 32 * 32; pair += 8) {
        int a[8], b[8];
        for (int lane = 0; lane < 8; lane++) {
            a[lane] = (pair + lane) / 32;
            b[lane] = (pair + lane) % 32;
        }
        fe8_pairs(a, b);
        fp8_pairs(a, b);
    }
    return failures != 0;
}

#else

int main(void)
{
    printf("not run: not built for AVX-512 IFMA\n");
    return 0;
}

#endif
