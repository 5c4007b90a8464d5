/* A key, a signature and a message: every way to verify says the same. The first byte chooses the
 * algorithm, and whether the message ends early. */
#include "fuzz.h"

static void ed25519(const uint8_t *key, const uint8_t *signature, const uint8_t *message,
                    size_t bytes)
{
    static hwlock_ed25519_loaded loaded;
    static hwlock_ed25519_prepared prepared;
    hwlock_signed items[2] = {{signature, message, bytes, -1}, {signature, message, bytes, -1}};
    int once = hwlock_ed25519_verify(key, signature, message, bytes);
    int bad = hwlock_ed25519_load(&loaded, key) != HWLOCK_OK;
    int code = hwlock_ed25519_verify_loaded(&loaded, signature, message, bytes);
    EXPECT((hwlock_ed25519_prepare(&prepared, key) != HWLOCK_OK) == bad);
    EXPECT(hwlock_ed25519_verify_prepared(&prepared, signature, message, bytes) == code);
    hwlock_ed25519_verify_many(&prepared, items, 2);
    EXPECT(items[0].outcome == code && items[1].outcome == code);
    EXPECT(bad ? once == HWLOCK_BAD_KEY && code == HWLOCK_BAD_SIGNATURE : once == code);
}

static void p256(const uint8_t *key, const uint8_t *signature, const uint8_t *message,
                 size_t bytes)
{
    static hwlock_p256_loaded loaded;
    static hwlock_p256_prepared prepared;
    uint8_t digest[32];
    hwlock_signed items[2] = {{signature, message, bytes, -1}, {signature, message, bytes, -1}};
    hwlock_sha256(digest, message, bytes);
    int once = hwlock_p256_verify(key, signature, message, bytes);
    int bad = hwlock_p256_load(&loaded, key) != HWLOCK_OK;
    int code = hwlock_p256_verify_loaded(&loaded, signature, message, bytes);
    EXPECT((hwlock_p256_prepare(&prepared, key) != HWLOCK_OK) == bad);
    EXPECT(hwlock_p256_verify_prepared(&prepared, signature, message, bytes) == code);
    EXPECT(hwlock_p256_verify_digest(key, signature, digest) == once);
    EXPECT(hwlock_p256_verify_digest_loaded(&loaded, signature, digest) == code);
    EXPECT(hwlock_p256_verify_digest_prepared(&prepared, signature, digest) == code);
    hwlock_p256_verify_many(&prepared, items, 2);
    EXPECT(items[0].outcome == code && items[1].outcome == code);
    EXPECT(bad ? once == HWLOCK_BAD_KEY && code == HWLOCK_BAD_SIGNATURE : once == code);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t key_bytes = size > 0 && data[0] & 1 ? 64 : 32;
    if (size < 1 + key_bytes + 64)
        return 0;
    size_t bytes = size - 1 - key_bytes - 64;
    uint8_t *key = copy_of(data + 1, key_bytes), *signature = copy_of(data + 1 + key_bytes, 64);
    uint8_t *message = copy_of(data + 1 + key_bytes + 64, bytes);
    (key_bytes == 64 ? p256 : ed25519)(key, signature, message, bytes);
    free(message);
    free(signature);
    free(key);
    return 0;
}
