#include "keys.h"

#include <string.h>

#include "cose.h"

enum { KTY = 1, CRV = -1, X = -2, Y = -3 };
enum { OKP = 1, EC2 = 2, CRV_P256 = 1, CRV_ED25519 = 6 };
enum { CNF = 8, COSE_KEY = 1 };
enum { ED25519_BYTES = 32, P256_BYTES = 64 };
enum { RSA = 3, N = -1, E = -2, RSA_E = 65537, MIN_RSA_BYTES = 256, MAX_RSA_BYTES = 512 };

/* The first bytes of the COSE Key Thumbprint (RFC 9679): the digest of its required members. */
static void name(hwlock_key *key)
{
    static const uint8_t okp[8] = {0xa3, 1, OKP, 0x20, CRV_ED25519, 0x21, 0x58, 32};
    static const uint8_t ec2[8] = {0xa4, 1, EC2, 0x20, CRV_P256, 0x21, 0x58, 32};
    static const uint8_t y[3] = {0x22, 0x58, 32};
    uint8_t members[8 + 32 + 3 + 32], digest[32];
    size_t bytes = 40;
    memcpy(members, key->raw_bytes == P256_BYTES ? ec2 : okp, 8);
    memcpy(members + 8, key->raw, 32);
    if (key->raw_bytes == P256_BYTES) {
        memcpy(members + 40, y, 3);
        memcpy(members + 43, key->raw + 32, 32);
        bytes = 75;
    }
    hwlock_sha256(digest, members, bytes);
    memcpy(key->kid, digest, sizeof key->kid);
}

static int is_valid(const hwlock_key *key)
{
    if (key->raw_bytes == P256_BYTES) {
        hwlock_p256_loaded loaded;
        return hwlock_p256_load(&loaded, key->raw) == HWLOCK_OK;
    }
    hwlock_ed25519_loaded loaded;
    return hwlock_ed25519_load(&loaded, key->raw) == HWLOCK_OK;
}

void key_read(hwlock_key *key, fields f)
{
    uint32_t kty = fields_uint(&f, KTY, UINT32_MAX), crv = fields_uint(&f, CRV, UINT32_MAX);
    hwlock_span x = {NULL, 0}, y = {NULL, 0};
    int is_okp = kty == OKP && crv == CRV_ED25519, is_ec2 = kty == EC2 && crv == CRV_P256;
    if (is_okp || is_ec2)
        x = fields_bytes(&f, X, 32);
    else
        fault_at(f.code, HWLOCK_KEY_CURVE);
    if (is_ec2)
        y = fields_bytes(&f, Y, 32);
    fields_done(&f);
    if (*f.code != HWLOCK_OK)
        return;
    key->raw_bytes = is_ec2 ? P256_BYTES : ED25519_BYTES;
    memcpy(key->raw, x.at, 32);
    if (is_ec2)
        memcpy(key->raw + 32, y.at, 32);
    name(key);
    if (!is_valid(key))
        *f.code = HWLOCK_KEY_BAD;
}

/* 1 where the modulus has the fingerprint of ROCA (CVE-2017-15361): modulo each of these primes
 * it is a power of 65537. */
static int is_roca(hwlock_span modulus)
{
    static const uint8_t primes[] = {11, 13, 17, 19, 37,  53,  61,  71, 73,
                                     79, 97, 103, 107, 109, 127, 151, 157};
    for (size_t i = 0; i < sizeof primes; i++) {
        uint32_t rest = 0, power = 1;
        for (size_t j = 0; j < modulus.bytes; j++)
            rest = (rest << 8 | modulus.at[j]) % primes[i];
        do
            power = power * RSA_E % primes[i];
        while (power != 1 && power != rest);
        if (power != rest)
            return 0;
    }
    return 1;
}

static void rsa_read(hwlock_span *rsa, fields *f)
{
    static const uint8_t e[3] = {1, 0, 1};
    fields_uint(f, KTY, UINT32_MAX);
    hwlock_span exponent = fields_bytes_within(f, E, 0, 8);
    if (*f->code == HWLOCK_OK && (exponent.bytes != 3 || memcmp(exponent.at, e, 3) != 0))
        *f->code = HWLOCK_KEY_CURVE;
    hwlock_span n = fields_bytes_within(f, N, 1, MAX_RSA_BYTES);
    if (*f->code != HWLOCK_OK)
        return;
    if (n.bytes < MIN_RSA_BYTES || (n.bytes == MIN_RSA_BYTES && n.at[0] < 0x80) ||
        n.at[0] == 0 || n.at[n.bytes - 1] % 2 == 0)
        *f->code = HWLOCK_KEY_RSA;
    else if (is_roca(n))
        *f->code = HWLOCK_KEY_ROCA;
    *rsa = n;
    fields_done(f);
}

void key_read_anchor(hwlock_key *key, hwlock_span *rsa, fields f)
{
    int ignored = HWLOCK_OK;
    fields peek = f;
    peek.code = &ignored;
    if (*f.code == HWLOCK_OK && fields_uint(&peek, KTY, UINT32_MAX) == RSA)
        rsa_read(rsa, &f);
    else
        key_read(key, f);
}

void key_confirmed(hwlock_key *key, fields *claims)
{
    fields method = fields_map(claims, CNF);
    key_read(key, fields_map(&method, COSE_KEY));
    fields_done(&method);
}

int key_verify(const hwlock_key *key, const uint8_t signature[64], const uint8_t *message,
               size_t message_bytes)
{
    int verdict = key->raw_bytes == P256_BYTES
                      ? hwlock_p256_verify(key->raw, signature, message, message_bytes)
                      : hwlock_ed25519_verify(key->raw, signature, message, message_bytes);
    return verdict == HWLOCK_OK ? HWLOCK_OK : HWLOCK_SIGNATURE_BAD;
}

int key_open(const hwlock_key *key, const hwlock_envelope *envelope, int delegated,
             uint8_t *work)
{
    if (memcmp(envelope->kid.at, key->kid, sizeof key->kid) != 0) /* 1 */
        return HWLOCK_KEY_OTHER;
    if (envelope->alg != (key->raw_bytes == P256_BYTES ? COSE_ES256 : COSE_EDDSA)) /* 2 */
        return HWLOCK_KEY_ALGORITHM;
    size_t bytes = cose_to_be_signed(work, envelope);
    if (key_verify(key, envelope->signature.at, work, bytes) != HWLOCK_OK) /* 3 */
        return HWLOCK_SIGNATURE_BAD;
    return (envelope->delegation.at != NULL) == delegated ? HWLOCK_OK
                                                          : HWLOCK_KEY_DELEGATION; /* 4 */
}
