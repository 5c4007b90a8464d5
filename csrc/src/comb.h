/* Scalars as 52 signed digits of 5 bits, for combs of Ed25519.
 *
 * A comb of t teeth for the point P, where t c = 52, holds i * 32^(c j) * P for every tooth j and
 * 1 <= i <= 16. A multiple of P then needs 5 (c - 1) doublings and 52 additions, and several
 * combs share the doublings:
 *     for column c - 1 .. 0: sum = 32 * sum; for tooth j: sum += digit[c j + column] * P
 */
#ifndef HWLOCK_COMB_H
#define HWLOCK_COMB_H

#include "word.h"

enum { COMB_TEETH = 13, COMB_FEW_TEETH = 4, COMB_ENTRIES = 16, COMB_DIGITS = 52 };

/* Digits in [-16, 15] of a little-endian number; digit 51 takes what is left, 0 to 2. */
static inline void comb_recode(int8_t digit[COMB_DIGITS], const uint64_t number[4])
{
    int carry = 0;
    for (int i = 0; i < COMB_DIGITS; i++) {
        int at = 5 * i / 64, shift = 5 * i % 64;
        uint64_t bits = number[at] >> shift;
        if (shift > 59 && at < 3)
            bits |= number[at + 1] << (64 - shift);
        int value = (int)(bits & 31) + carry;
        carry = (value + 16) >> 5;
        digit[i] = (int8_t)(value - 32 * carry);
    }
}

/* 1 when the digit is negative, else 0 */
static inline uint64_t comb_sign(int8_t digit)
{
    return (uint64_t)(uint8_t)digit >> 7;
}

#endif
