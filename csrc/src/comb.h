/* Scalars as 64 signed digits of 4 bits, for combs of Ed25519.
 *
 * A comb of t teeth for the point P, where t c = 64, holds i * 16^(c j) * P for every tooth j and
 * 1 <= i <= 8. A multiple of P then needs 4 (c - 1) doublings and 64 additions:
 *     for column c - 1 .. 0: sum = 16 * sum; for tooth j: sum += digit[c j + column] * P
 * With 64 teeth there is nothing to double.
 */
#ifndef HWLOCK_COMB_H
#define HWLOCK_COMB_H

#include "word.h"

enum { COMB_TEETH = 64, COMB_FEW_TEETH = 4, COMB_ENTRIES = 8, COMB_DIGITS = 64 };

/* Digits in [-8, 7] of a little-endian number; digit 63 takes what is left, 0 to 16. */
static inline void comb_recode(int8_t digit[COMB_DIGITS], const uint64_t number[4])
{
    int carry = 0;
    for (int i = 0; i < COMB_DIGITS; i++) {
        int value = (int)(number[i / 16] >> 4 * (i % 16) & 15) + carry;
        carry = i < COMB_DIGITS - 1 ? (value + 8) >> 4 : 0;
        digit[i] = (int8_t)(value - 16 * carry);
    }
}

/* 1 when the digit is negative, else 0 */
static inline uint64_t comb_sign(int8_t digit)
{
    return (uint64_t)(uint8_t)digit >> 7;
}

#endif
