/* hwlock core: signatures, hashes and comparisons of a license check.
 *
 * Plain C11, no dependencies, no heap, no state but the remembered features of the processor:
 * every function may be called from any thread. All pointers are to caller-provided memory and
 * must not be NULL, except that a message of zero bytes may be. Sizes in brackets are in bytes
 * unless the type says else.
 *
 * Constant time: no branch and no memory address depends on the contents of keys,
 * signatures, messages or tags. Lengths and returned verdicts are public.
 */
#ifndef HWLOCK_H
#define HWLOCK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Verdicts. Everything but HWLOCK_OK is a refusal. */
#define HWLOCK_OK 0
#define HWLOCK_BAD_SIGNATURE 1
#define HWLOCK_BAD_KEY 2
#define HWLOCK_BAD_INPUT 3

/* One signature to be verified among many; `outcome` is written by the library. */
typedef struct hwlock_signed {
    const uint8_t *signature; /* 64 bytes */
    const uint8_t *message;
    size_t message_bytes;
    int outcome;
} hwlock_signed;

/* A checked key with its tables. Read-only once filled, no pointers inside; share it between
 * threads, copy it, drop it. The members are private.
 *   loaded    for a few verifications: 3 KB for Ed25519, 1 KB for P-256
 *   prepared  for many: 48 KB for Ed25519, 52 KB for P-256
 * Both accept exactly the same signatures. */
typedef struct hwlock_ed25519_loaded {
    uint64_t comb[4][12][8];
    uint64_t valid;
    uint8_t key[32];
} hwlock_ed25519_loaded;

typedef struct hwlock_ed25519_prepared {
    uint64_t comb[64][12][8];
    uint64_t valid;
    uint8_t key[32];
} hwlock_ed25519_prepared;

typedef struct hwlock_p256_loaded {
    uint64_t row[8][16];
    uint64_t valid;
} hwlock_p256_loaded;

typedef struct hwlock_p256_prepared {
    uint64_t rows[51][8][16];
    uint64_t top[2][4];
    uint64_t valid;
    uint8_t key[64];
} hwlock_p256_prepared;

/* --- Ed25519 (RFC 8032, without context or prehash) ---------------------------------------
 * One acceptance rule for all functions:
 * 1. S < L over all 32 bytes;
 * 2. the key A is canonically encoded, on the curve, not of small order, and [L]A = identity;
 * 3. k = SHA-512(R, A, M) over the received bytes;
 * 4. encode([S]B - [k]A) equals the received bytes of R, and that point is not of small order.
 */

/* Check rule 2 and build the tables. HWLOCK_OK or HWLOCK_BAD_KEY (then it accepts nothing). */
int hwlock_ed25519_load(hwlock_ed25519_loaded *loaded, const uint8_t key[32]);

int hwlock_ed25519_prepare(hwlock_ed25519_prepared *prepared, const uint8_t key[32]);

/* HWLOCK_OK or HWLOCK_BAD_SIGNATURE. */
int hwlock_ed25519_verify_prepared(const hwlock_ed25519_prepared *prepared,
                                   const uint8_t signature[64], const uint8_t *message,
                                   size_t message_bytes);

int hwlock_ed25519_verify_loaded(const hwlock_ed25519_loaded *loaded,
                                 const uint8_t signature[64], const uint8_t *message,
                                 size_t message_bytes);

/* Load and verify. HWLOCK_OK, HWLOCK_BAD_SIGNATURE or HWLOCK_BAD_KEY. */
int hwlock_ed25519_verify(const uint8_t key[32], const uint8_t signature[64],
                          const uint8_t *message, size_t message_bytes);

/* Verify each item alone; its outcome is HWLOCK_OK or HWLOCK_BAD_SIGNATURE. */
void hwlock_ed25519_verify_many(const hwlock_ed25519_prepared *prepared, hwlock_signed *items,
                                size_t count);

/* A prepared key as bytes, the same on every machine: "hwlockPK", a version, the raw key, the
 * tables, a SHA-256 of all that. A product embeds them and need not prepare. They are code, not
 * input: who can change them can let any signature pass, as who can change the program. What is
 * read is refused unless it is whole, of this version, and of the expected `key`; the
 * tables beyond their first entry are not computed again.
 *
 * HWLOCK_OK, or HWLOCK_BAD_KEY when the key was refused. */
#define HWLOCK_ED25519_PREPARED_BYTES 49232

int hwlock_ed25519_prepared_write(uint8_t bytes[HWLOCK_ED25519_PREPARED_BYTES],
                                  const hwlock_ed25519_prepared *prepared);

/* HWLOCK_OK or HWLOCK_BAD_INPUT (then it accepts nothing). */
int hwlock_ed25519_prepared_read(hwlock_ed25519_prepared *prepared, const uint8_t *bytes,
                                 size_t size, const uint8_t key[32]);

/* --- ECDSA over P-256 with SHA-256 (FIPS 186-5) -------------------------------------------
 * Keys are x, y and signatures r, s: 32 bytes each, big-endian. Accepted when the key is on
 * the curve with x, y < p, and 1 <= r, s < n. Both (r, s) and (r, n - s) verify: the bytes of
 * a signature identify nothing.
 */
/* HWLOCK_OK or HWLOCK_BAD_KEY (then it accepts nothing). */
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

/* As for Ed25519. */
#define HWLOCK_P256_PREPARED_BYTES 52400

int hwlock_p256_prepared_write(uint8_t bytes[HWLOCK_P256_PREPARED_BYTES],
                               const hwlock_p256_prepared *prepared);

int hwlock_p256_prepared_read(hwlock_p256_prepared *prepared, const uint8_t *bytes, size_t size,
                              const uint8_t key[64]);

/* --- Hashes ------------------------------------------------------------------------------ */
void hwlock_sha256(uint8_t digest[32], const uint8_t *message, size_t message_bytes);

/* One message to be hashed among many; `digest` is written by the library. */
typedef struct hwlock_hashed {
    const uint8_t *message;
    size_t message_bytes;
    uint8_t digest[32];
} hwlock_hashed;

/* SHA-256 of each item. Two go side by side, which takes much less time than one after the other
 * where the processor has SHA instructions. */
void hwlock_sha256_many(hwlock_hashed *items, size_t count);

void hwlock_sha512(uint8_t digest[64], const uint8_t *message, size_t message_bytes);

void hwlock_hmac_sha256(uint8_t tag[32], const uint8_t *key, size_t key_bytes,
                        const uint8_t *message, size_t message_bytes);

/* --- Fingerprint -------------------------------------------------------------------------
 * HMAC-SHA-256 keyed by the salt over: "hwlock component v1", 0, kind, 0, value.
 * HWLOCK_BAD_INPUT (digest all zero) unless kind has 1 to 64 bytes, none of them zero, and
 * value has 1 to 256 bytes. The content of `kind` is public.
 */
int hwlock_fingerprint_digest(uint8_t digest[32], const uint8_t salt[16], const uint8_t *kind,
                              size_t kind_bytes, const uint8_t *value, size_t value_bytes);

/* --- Constant time ----------------------------------------------------------------------- */

/* 1 when all `bytes` bytes are equal, else 0. */
int hwlock_equal(const uint8_t *a, const uint8_t *b, size_t bytes);

/* Overwrite with zeros, also where the compiler sees no later use. */
void hwlock_wipe(uint8_t *memory, size_t bytes);

#ifdef __cplusplus
}
#endif

#endif
