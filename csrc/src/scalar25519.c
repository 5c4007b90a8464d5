#include "scalar25519.h"

#include "mont.h"

/* The order of the base point. */
static const modulus L = {
    NUM(0x1000000000000000, 0x0000000000000000, 0x14def9dea2f79cd6, 0x5812631a5cf5d3ed),
    NUM(0x0fffffffffffffff, 0xfffffffffffffffe, 0xc6ef5bf4737dcf70, 0xd6ec31748d98951d),
    NUM(0x0399411b7c309a3d, 0xceec73d217f5be65, 0xd00e1ba768859347, 0xa40611e3449c0f01),
    UINT64_C(0xd2b51da312547e1b),
};

void scalar_order(int8_t digit[COMB_DIGITS])
{
    uint64_t w[4];
    num_store(w, L.m);
    comb_recode(digit, w);
}

uint64_t scalar_strict(int8_t digit[COMB_DIGITS], const uint8_t bytes[32])
{
    uint64_t w[4];
    num s = num_from_le(bytes);
    num_store(w, s);
    comb_recode(digit, w);
    return num_less(s, L.m);
}

void scalar_reduce(int8_t digit[COMB_DIGITS], const uint8_t bytes[64])
{
    uint64_t w[4];
    num high = mont_enter(num_from_le(bytes + 32), &L); /* what stands above 2^256 = R */
    num low = mont_leave(mont_enter(num_from_le(bytes), &L), &L);
    num_store(w, mod_add(high, low, &L));
    comb_recode(digit, w);
}
