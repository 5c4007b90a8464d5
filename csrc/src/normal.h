/* Normalization form C (Unicode Standard Annex 15). */
#ifndef HWLOCK_NORMAL_H
#define HWLOCK_NORMAL_H

#include <stddef.h>
#include <stdint.h>

/* A text of characters below this one is always in the form. */
enum { NORMAL_FIRST = 0x300 };

/* 1 where the characters, at most TEXT_MAX_BYTES and together at most as long in UTF-8, are in
 * the form. */
int is_normal(const uint32_t *points, size_t count);

#endif
