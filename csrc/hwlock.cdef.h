#define HWLOCK_OK 0
#define HWLOCK_BAD_SIGNATURE 1
#define HWLOCK_BAD_KEY 2
#define HWLOCK_BAD_INPUT 3
#define HWLOCK_ED25519_PREPARED_BYTES 49232
#define HWLOCK_P256_PREPARED_BYTES 52400

typedef struct hwlock_signed {
    const uint8_t *signature;
    const uint8_t *message;
    size_t message_bytes;
    int outcome;
} hwlock_signed;

typedef struct hwlock_ed25519_loaded { ...; } hwlock_ed25519_loaded;

typedef struct hwlock_ed25519_prepared { ...; } hwlock_ed25519_prepared;

typedef struct hwlock_p256_loaded { ...; } hwlock_p256_loaded;

typedef struct hwlock_p256_prepared { ...; } hwlock_p256_prepared;

int hwlock_ed25519_load(hwlock_ed25519_loaded *loaded, const uint8_t key[32]);

int hwlock_ed25519_prepare(hwlock_ed25519_prepared *prepared, const uint8_t key[32]);

int hwlock_ed25519_verify_prepared(const hwlock_ed25519_prepared *prepared,
                                   const uint8_t signature[64], const uint8_t *message,
                                   size_t message_bytes);

int hwlock_ed25519_verify_loaded(const hwlock_ed25519_loaded *loaded,
                                 const uint8_t signature[64], const uint8_t *message,
                                 size_t message_bytes);

int hwlock_ed25519_verify(const uint8_t key[32], const uint8_t signature[64],
                          const uint8_t *message, size_t message_bytes);

void hwlock_ed25519_verify_many(const hwlock_ed25519_prepared *prepared, hwlock_signed *items,
                                size_t count);

int hwlock_ed25519_prepared_write(uint8_t bytes[HWLOCK_ED25519_PREPARED_BYTES],
                                  const hwlock_ed25519_prepared *prepared);

int hwlock_ed25519_prepared_read(hwlock_ed25519_prepared *prepared, const uint8_t *bytes,
                                 size_t size, const uint8_t key[32]);

int hwlock_p256_load(hwlock_p256_loaded *loaded, const uint8_t key[64]);

int hwlock_p256_verify_loaded(const hwlock_p256_loaded *loaded, const uint8_t signature[64],
                              const uint8_t *message, size_t message_bytes);

int hwlock_p256_verify_digest_loaded(const hwlock_p256_loaded *loaded,
                                     const uint8_t signature[64], const uint8_t digest[32]);

int hwlock_p256_prepare(hwlock_p256_prepared *prepared, const uint8_t key[64]);

int hwlock_p256_verify_prepared(const hwlock_p256_prepared *prepared,
                                const uint8_t signature[64], const uint8_t *message,
                                size_t message_bytes);

int hwlock_p256_verify_digest_prepared(const hwlock_p256_prepared *prepared,
                                       const uint8_t signature[64], const uint8_t digest[32]);

int hwlock_p256_verify(const uint8_t key[64], const uint8_t signature[64],
                       const uint8_t *message, size_t message_bytes);

int hwlock_p256_verify_digest(const uint8_t key[64], const uint8_t signature[64],
                              const uint8_t digest[32]);

void hwlock_p256_verify_many(const hwlock_p256_prepared *prepared, hwlock_signed *items,
                             size_t count);

int hwlock_p256_prepared_write(uint8_t bytes[HWLOCK_P256_PREPARED_BYTES],
                               const hwlock_p256_prepared *prepared);

int hwlock_p256_prepared_read(hwlock_p256_prepared *prepared, const uint8_t *bytes, size_t size,
                              const uint8_t key[64]);

void hwlock_sha256(uint8_t digest[32], const uint8_t *message, size_t message_bytes);

typedef struct hwlock_hashed {
    const uint8_t *message;
    size_t message_bytes;
    uint8_t digest[32];
} hwlock_hashed;

void hwlock_sha256_many(hwlock_hashed *items, size_t count);

void hwlock_sha512(uint8_t digest[64], const uint8_t *message, size_t message_bytes);

void hwlock_hmac_sha256(uint8_t tag[32], const uint8_t *key, size_t key_bytes,
                        const uint8_t *message, size_t message_bytes);

int hwlock_fingerprint_digest(uint8_t digest[32], const uint8_t salt[16], const uint8_t *kind,
                              size_t kind_bytes, const uint8_t *value, size_t value_bytes);

int hwlock_equal(const uint8_t *a, const uint8_t *b, size_t bytes);

void hwlock_wipe(uint8_t *memory, size_t bytes);
