/* Numbers modulo L = 2^252 + 27742317777372353535851937790883648493, the order of the base. */
#ifndef HWLOCK_SCALAR25519_H
#define HWLOCK_SCALAR25519_H

#include "comb.h"

/* Digits of L itself. */
void scalar_order(int8_t digit[COMB_DIGITS]);

/* Digits of a little-endian number; 1 when it is below L, else 0. */
uint64_t scalar_strict(int8_t digit[COMB_DIGITS], const uint8_t bytes[32]);

/* Digits of a little-endian number of 64 bytes modulo L. */
void scalar_reduce(int8_t digit[COMB_DIGITS], const uint8_t bytes[64]);

#endif
