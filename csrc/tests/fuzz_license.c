/* A product and a license, 2 bytes before them say where the first ends. Every key is one and
 * every signature verifies here, so that what stands behind a signature is reached too: this
 * target is linked without the arithmetic. */
#include "fuzz.h"

int hwlock_ed25519_load(hwlock_ed25519_loaded *loaded, const uint8_t key[32])
{
    memcpy(loaded->key, key, 32);
    return key[0] == 0xff ? HWLOCK_BAD_KEY : HWLOCK_OK;
}

int hwlock_p256_load(hwlock_p256_loaded *loaded, const uint8_t key[64])
{
    loaded->valid = key[63];
    return key[0] == 0xff ? HWLOCK_BAD_KEY : HWLOCK_OK;
}

static int verify(const uint8_t *key, size_t key_bytes, const uint8_t *signature,
                  const uint8_t *message, size_t message_bytes)
{
    unsigned sum = 0; /* read all that the real one would read */
    for (size_t i = 0; i < key_bytes; i++)
        sum += key[i];
    for (size_t i = 0; i < 64; i++)
        sum += signature[i];
    for (size_t i = 0; i < message_bytes; i++)
        sum += message[i];
    return sum == 1 ? HWLOCK_BAD_SIGNATURE : HWLOCK_OK;
}

int hwlock_ed25519_verify(const uint8_t key[32], const uint8_t signature[64],
                          const uint8_t *message, size_t message_bytes)
{
    return verify(key, 32, signature, message, message_bytes);
}

int hwlock_p256_verify(const uint8_t key[64], const uint8_t signature[64],
                       const uint8_t *message, size_t message_bytes)
{
    return verify(key, 64, signature, message, message_bytes);
}

static void use(const hwlock_license *license)
{
    static const uint8_t value[3] = {'a', 'b', 'c'}, sixty_four[64] = {0};
    hwlock_component part = {"disk", value, sizeof value};
    hwlock_match match;
    EXPECT(license->anchor_count >= 1 && license->anchor_count <= 16);
    for (size_t i = 0; i <= license->anchor_count; i++) {
        if (hwlock_license_match(license, i, &part, 1, &match) == HWLOCK_OK) {
            EXPECT(match.score <= match.total && match.needed <= match.total);
            EXPECT(match.needed >= 1);
        }
        hwlock_license_prove(license, i, sixty_four, sixty_four);
    }
    uint32_t all = ((uint32_t)1 << license->anchor_count) - 1;
    EXPECT((hwlock_license_check(license, all, -1, license->issued_at) & HWLOCK_NOT_HERE) == 0);
    EXPECT(hwlock_license_check(license, 0, -1, license->issued_at) & HWLOCK_NOT_HERE);
    hwlock_license_has(license, "cad");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static hwlock_product product;
    static hwlock_license license;
    if (size < 2)
        return 0;
    size_t first = (size_t)data[0] << 8 | data[1], rest = size - 2;
    first = first < rest ? first : rest;
    rest -= first;
    uint8_t *shipped = copy_of(data + 2, first), *file = copy_of(data + 2 + first, rest);
    size_t first_work = HWLOCK_WORK_BYTES(first), work_bytes = HWLOCK_WORK_BYTES(rest);
    uint8_t *one = (uint8_t *)malloc(first_work), *other = (uint8_t *)malloc(work_bytes);
    hwlock_fault fault;
    EXPECT(one != NULL && other != NULL);
    int code = hwlock_product_open(&product, shipped, first, one, first_work, &fault);
    EXPECT(code == fault.code && (code != HWLOCK_OK || product.root_count >= 1));
    code = hwlock_license_open(&license, &product, file, rest, other, work_bytes, &fault);
    EXPECT(code == fault.code);
    if (code == HWLOCK_OK)
        use(&license);
    else
        EXPECT(hwlock_license_check(&license, UINT32_MAX, -1, 0) & HWLOCK_NOT_HERE);
    free(other);
    free(one);
    free(file);
    free(shipped);
    return 0;
}
