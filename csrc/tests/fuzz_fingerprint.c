/* A salt, a kind and a value: the digest is that of the HMAC over the parts; hashes of two pieces
 * are those of the whole; a text that may stand in a file is UTF-8. */
#include "fuzz.h"
#include "sha2.h"
#include "text.h"

static void digest(const uint8_t *salt, const uint8_t *kind, size_t kind_bytes,
                   const uint8_t *value, size_t value_bytes)
{
    static const uint8_t label[] = "hwlock component v1";
    uint8_t one[32], other[32], joined[sizeof label + 64 + 1 + 256];
    int code = hwlock_fingerprint_digest(one, salt, kind, kind_bytes, value, value_bytes);
    int fits = kind_bytes >= 1 && kind_bytes <= 64 && value_bytes >= 1 && value_bytes <= 256;
    EXPECT((code == HWLOCK_OK) == (fits && memchr(kind, 0, kind_bytes) == NULL));
    if (code != HWLOCK_OK)
        return;
    memcpy(joined, label, sizeof label);
    memcpy(joined + sizeof label, kind, kind_bytes);
    joined[sizeof label + kind_bytes] = 0;
    memcpy(joined + sizeof label + kind_bytes + 1, value, value_bytes);
    hwlock_hmac_sha256(other, salt, 16, joined, sizeof label + kind_bytes + 1 + value_bytes);
    EXPECT(hwlock_equal(one, other, 32) == 1);
}

static void hashes(const uint8_t *data, size_t size, size_t split)
{
    uint8_t whole[64], pieces[64];
    sha256 h256;
    sha512 h512;
    hwlock_sha256(whole, data, size);
    sha256_init(&h256);
    sha256_update(&h256, data, split);
    sha256_update(&h256, data + split, size - split);
    sha256_final(&h256, pieces);
    EXPECT(memcmp(whole, pieces, 32) == 0);
    hwlock_sha512(whole, data, size);
    sha512_init(&h512);
    sha512_update(&h512, data, split);
    sha512_update(&h512, data + split, size - split);
    sha512_final(&h512, pieces);
    EXPECT(memcmp(whole, pieces, 64) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 17)
        return 0;
    size_t kind_bytes = data[0] < size - 17 ? data[0] : size - 17;
    size_t value_bytes = size - 17 - kind_bytes;
    uint8_t *salt = copy_of(data + 1, 16), *kind = copy_of(data + 17, kind_bytes);
    uint8_t *value = copy_of(data + 17 + kind_bytes, value_bytes);
    digest(salt, kind, kind_bytes, value, value_bytes);
    hashes(data, size, kind_bytes);
    int code = hwlock_text_check(value, value_bytes);
    EXPECT(code != HWLOCK_OK || utf8_valid(value, value_bytes) == value_bytes);
    EXPECT((code == HWLOCK_FIELD_LONG) == (value_bytes > 255));
    free(value);
    free(kind);
    free(salt);
    return 0;
}
