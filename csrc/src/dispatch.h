/* The one place that knows processors: each function here calls the best code for this one.
 *
 * -DHWLOCK_FEATURES=0 forbids all extensions, for tests of the portable code; a bit of
 * dispatch.c allows one.
 */
#ifndef HWLOCK_DISPATCH_H
#define HWLOCK_DISPATCH_H

#include <stddef.h>
#include <stdint.h>

/* Name of the code that sha256_blocks calls: "portable", "sha-ni". */
const char *dispatch_sha256(void);

/* Compress `count` blocks of 64 bytes into the state. */
void sha256_blocks(uint32_t state[8], const uint8_t *data, size_t count);

#endif
