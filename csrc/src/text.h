/* Text: UTF-8, and what a member of a file may hold (docs/spec/encoding.md section 1.3). */
#ifndef HWLOCK_TEXT_H
#define HWLOCK_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* The longest text of a file. */
enum { TEXT_MAX_BYTES = 255 };

/* Read one character (RFC 3629): its length, or 0 where `left` bytes do not begin with one. */
size_t utf8_next(const uint8_t *at, size_t left, uint32_t *point);

/* How many bytes there are before the first sequence that is malformed; `bytes` if none is. */
size_t utf8_valid(const uint8_t *at, size_t bytes);

#endif
