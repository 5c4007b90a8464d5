/* What the fuzz targets share. Each reads from exact copies on the heap, so that the address
 * sanitizer sees a byte too far; a truth that does not hold ends the program. */
#ifndef HWLOCK_FUZZ_H
#define HWLOCK_FUZZ_H

#include <stdlib.h>
#include <string.h>

#include "hwlock.h"

#define EXPECT(truth)                                                                          \
    do {                                                                                       \
        if (!(truth))                                                                          \
            abort();                                                                           \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline uint8_t *copy_of(const uint8_t *data, size_t size)
{
    uint8_t *copy = (uint8_t *)malloc(size + (size == 0));
    EXPECT(copy != NULL);
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

static inline int is_inside(hwlock_span span, const uint8_t *from, size_t bytes)
{
    return span.at >= from && span.bytes <= bytes && span.at <= from + bytes - span.bytes;
}

#endif
