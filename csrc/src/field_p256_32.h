/* Modulo p256 in eight full words of 32 bits, always in [0, p): mont.h, whose R is 2^256. Loads
 * and stores change between that and the 2^260 of field_p256.h. */
#ifndef HWLOCK_FIELD_P256_32_H
#define HWLOCK_FIELD_P256_32_H

typedef num fp;

static inline fp fp_add(fp a, fp b)
{
    return mod_add(a, b, &P256_FIELD);
}

static inline fp fp_sub(fp a, fp b)
{
    return mod_sub(a, b, &P256_FIELD);
}

static inline fp fp_times(fp a, int k)
{
    fp r = a;
    for (int i = 1; i < k; i++)
        r = fp_add(r, a);
    return r;
}

static inline fp fp_mul(fp a, fp b)
{
    return mont_mul(a, b, &P256_FIELD);
}

static inline fp fp_square(fp a)
{
    return fp_mul(a, a);
}

static inline fp fp_mul_sub(fp a, fp b, fp c, fp d)
{
    return fp_sub(fp_mul(a, b), fp_mul(c, d));
}

static inline fp fp_weak(fp a)
{
    return a;
}

static inline fp fp_load(const uint64_t w[4])
{
    static const num down = NUM(0x1000000000000000, 0, 0, 0); /* 2^256 / 2^4 */
    return fp_mul(num_load(w), down);
}

static inline void fp_store(uint64_t w[4], fp a)
{
    static const num up = NUM(0x0000000fffffffef, 0xffffffffffffffff, 0xfffffff000000000,
                              0x0000000000000010); /* 2^256 2^4 */
    num_store(w, fp_mul(a, up));
}

static inline fp fp_select(uint64_t mask, fp a, fp b)
{
    return num_select(mask, a, b);
}

#endif
