#include "hwlock.h"
#include "word.h"

int hwlock_equal(const uint8_t *a, const uint8_t *b, size_t bytes)
{
    uint64_t different = 0;
    for (size_t i = 0; i < bytes; i++)
        different |= (uint64_t)(a[i] ^ b[i]);
    return (int)ct_is_zero(ct_hide(different));
}

void hwlock_wipe(uint8_t *memory, size_t bytes)
{
    volatile uint8_t *p = memory;
    for (size_t i = 0; i < bytes; i++)
        p[i] = 0;
}
