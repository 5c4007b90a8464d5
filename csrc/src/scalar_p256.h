/* Numbers modulo the order of P-256's base point. */
#ifndef HWLOCK_SCALAR_P256_H
#define HWLOCK_SCALAR_P256_H

#include "mont.h"

/* n = 2^256 - 2^224 + 2^192 - 0x4319055258e8617b0c46353d039cdaaf */
static const modulus P256_ORDER = {
    NUM(0xffffffff00000000, 0xffffffffffffffff, 0xbce6faada7179e84, 0xf3b9cac2fc632551),
    NUM(0x00000000ffffffff, 0x0000000000000000, 0x4319055258e8617b, 0x0c46353d039cdaaf),
    NUM(0x66e12d94f3d95620, 0x2845b2392b6bec59, 0x4699799c49bd6fa6, 0x83244c95be79eea2),
    UINT64_C(0xccd1c8aaee00bc4f),
};

#endif
