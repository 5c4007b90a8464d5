/* Eight points of P-256 side by side, one in each lane, with AVX-512 IFMA. */
#ifndef HWLOCK_POINT_P256_IFMA_H
#define HWLOCK_POINT_P256_IFMA_H

#include "field_p256_ifma.h"

/* x = X / Z^2, y = Y / Z^3. X < 2.01 U, Y < 3.4 U, Z < 2 U. */
typedef struct {
    fp8 X, Y, Z;
} jacobian8;

/* Both < 2.01 U */
typedef struct {
    fp8 x, y;
} affine8;

/* p + q, where p is neither infinity nor q nor -q. Bounds in U stand beside. */
IFMA_PART jacobian8 added(const jacobian8 *p, const affine8 *q)
{
    fp8 zz = fp8_square(p->Z), zzz = fp8_mul(p->Z, zz);                   /* 1.3, 1.2 */
    fp8 h = fp8_carry(plus_p(minus(fp8_product(q->x, zz), p->X), 3));     /* 1.2 + 3 */
    fp8 r = fp8_carry(plus_p(minus(fp8_product(q->y, zzz), p->Y), 4));    /* 1.2 + 4 */
    fp8 hh = fp8_square(h), hhh = fp8_mul(h, hh), v = fp8_mul(p->X, hh);  /* 2.1, 1.6, 1.3 */
    fp8_sum X = minus(minus(minus(fp8_product_square(r), hhh), v), v);    /* > -4.2, < 2.7 */
    jacobian8 sum;
    sum.X = fp8_weak(X);
    fp8 rest = fp8_carry(plus_p(minus(fp8_sum_of(v), sum.X), 3)); /* 4.3 */
    sum.Y = fp8_carry(plus_p(fp8_mul_sub(r, rest, p->Y, hhh), 1)); /* > -0.4 + 1, < 2.4 + 1 */
    sum.Z = fp8_mul(p->Z, h);                                      /* 1.6 */
    return sum;
}

/* 2 p for any p, as in group_p256.c; Y < 2.01 U */
IFMA_PART jacobian8 doubled(const jacobian8 *p)
{
    fp8 zz = fp8_square(p->Z), yy = fp8_square(p->Y), xyy = fp8_mul(p->X, yy); /* 1.3, 1.8, 1.3 */
    fp8 less = fp8_carry(plus_p(minus(fp8_sum_of(p->X), zz), 2));              /* 2.1 + 2 */
    fp8 more = fp8_carry(plus(fp8_sum_of(p->X), zz));                          /* 3.4 */
    fp8 slope = fp8_carry(thrice(fp8_product(less, more)));                    /* 3 * 1.9 */
    fp8_sum four = twice(twice(fp8_sum_of(xyy)));                              /* 5.2 */
    jacobian8 r;
    r.X = fp8_weak(sum_minus(fp8_product_square(slope), twice(four))); /* > -10.4, < 3.1 */
    fp8 rest = fp8_carry(plus_p(minus(four, r.X), 3));                 /* 8.2 */
    fp8 eight_yy = fp8_carry(twice(twice(twice(fp8_sum_of(yy)))));     /* 14.4 */
    r.Y = fp8_weak(fp8_mul_sub(slope, rest, eight_yy, yy));
    r.Z = fp8_mul(fp8_carry(twice(fp8_sum_of(p->Y))), p->Z); /* 6.8 * 2 / 16 + 1 = 1.9 */
    return r;
}

IFMA_PART fp8 fp8_swapped(fp8 a, int distance)
{
    for (int i = 0; i < FP_LIMBS; i++)
        a.limb[i] = swap8(a.limb[i], distance);
    return a;
}

#endif
