/* Scalars as 64 signed digits of 4 bits, and tables read without telling where.
 *
 * A comb for the point P holds i * 16^(16 t) * P for 4 teeth t and 1 <= i <= 8, so that
 * s * P needs 60 doublings and 64 additions, and several combs share the doublings:
 *     for column 15 .. 0: sum = 16 * sum; for tooth 0 .. 3: sum += digit[16 tooth + column] * P
 */
#ifndef HWLOCK_COMB_H
#define HWLOCK_COMB_H

#include <stddef.h>

#include "word.h"

enum { COMB_TEETH = 4, COMB_COLUMNS = 16, COMB_ENTRIES = 8, COMB_DIGITS = 64 };

/* Digits in [-8, 7] of a little-endian number; digit 63 takes what is left: 0 to 8 for numbers
 * below 2^255, up to 16 (which no table holds) above. */
static inline void comb_recode(int8_t digit[COMB_DIGITS], const uint64_t number[4])
{
    int carry = 0;
    for (int i = 0; i < COMB_DIGITS; i++) {
        int nibble = (int)(number[i / 16] >> 4 * (i % 16) & 15) + carry;
        carry = i < COMB_DIGITS - 1 ? (nibble + 8) >> 4 : 0;
        digit[i] = (int8_t)(nibble - 16 * carry);
    }
}

/* 1 when the digit is negative, else 0 */
static inline uint64_t comb_sign(int8_t digit)
{
    return (uint64_t)(uint8_t)digit >> 7;
}

/* XOR entry |digit| of the table, 1 to 8, into `entry`. 1; or 0 where there is no such entry,
 * and then nothing changes. */
static inline uint64_t comb_read(uint64_t *entry, const uint64_t *table, size_t words,
                                 int8_t digit)
{
    uint64_t sign = ct_mask(comb_sign(digit)), found = 0;
    uint64_t index = ((uint64_t)(int64_t)digit ^ sign) - sign;
    for (uint64_t i = 1; i <= COMB_ENTRIES; i++, table += words) {
        uint64_t mask = ct_mask(ct_is_zero(index ^ i));
        found |= mask;
        for (size_t j = 0; j < words; j++)
            entry[j] ^= mask & table[j];
    }
    return found & 1;
}

#endif
