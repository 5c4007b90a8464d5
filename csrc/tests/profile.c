/* Instructions of one operation, counted by callgrind and summed by source file:
 *
 *   make -C csrc/tests profile
 *
 * argv[1] is the operation. The signatures are those of other messages: to refuse takes as long as
 * to accept.
 */
#include <string.h>

#include "hwlock.h"
#include "known.h"

enum { MESSAGE = 300 };

static hwlock_ed25519_prepared ed;
static hwlock_p256_prepared p256;
static uint8_t ed_key[32], ed_sig[64], p256_key[64], p256_sig[64], message[MESSAGE];

/* The name by which callgrind knows what to count. */
__attribute__((noinline)) int measured(const char *what);

int measured(const char *what)
{
    if (strcmp(what, "ed25519-prepared") == 0)
        return hwlock_ed25519_verify_prepared(&ed, ed_sig, message, MESSAGE);
    if (strcmp(what, "ed25519-unseen") == 0)
        return hwlock_ed25519_verify(ed_key, ed_sig, message, MESSAGE);
    if (strcmp(what, "ed25519-prepare") == 0)
        return hwlock_ed25519_prepare(&ed, ed_key);
    if (strcmp(what, "p256-prepared") == 0)
        return hwlock_p256_verify_prepared(&p256, p256_sig, message, MESSAGE);
    if (strcmp(what, "p256-unseen") == 0)
        return hwlock_p256_verify(p256_key, p256_sig, message, MESSAGE);
    return hwlock_p256_prepare(&p256, p256_key);
}

int main(int argc, char **argv)
{
    from_hex(ed_key, ED_KEY);
    from_hex(ed_sig, ED_SIGNATURE);
    from_hex(p256_key, P256_KEY);
    from_hex(p256_sig, P256_SIGNATURE);
    hwlock_ed25519_prepare(&ed, ed_key);
    hwlock_p256_prepare(&p256, p256_key);
    measured(argv[argc - 1]);
    return 0;
}
