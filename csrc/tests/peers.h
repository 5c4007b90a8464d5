/* OpenSSL and libsodium as this machine has them, found while the program runs: no headers of theirs
 * are needed to build it. */
#ifndef HWLOCK_TESTS_PEERS_H
#define HWLOCK_TESTS_PEERS_H

#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What we call; NULL where the library is not there. */
static struct {
    void *(*raw_key)(int type, void *engine, const uint8_t *key, size_t bytes);
    void *(*spki_key)(void **key, const uint8_t **der, long bytes);
    void *(*context)(void);
    void (*free_context)(void *context);
    int (*verify_init)(void *context, void **key_context, const void *hash, void *engine,
                       void *key);
    int (*verify)(void *context, const uint8_t *sig, size_t sig_bytes, const uint8_t *message,
                  size_t message_bytes);
    const void *(*sha256_name)(void);
    uint8_t *(*sha256)(const uint8_t *data, size_t bytes, uint8_t *digest);
} openssl;

static int (*sodium_verify)(const uint8_t *sig, const uint8_t *message,
                            unsigned long long message_bytes, const uint8_t *key);

/* ISO C has no cast from an object to a function. */
static int peer(void *library, const char *name, void *pointer)
{
    void *found = library == NULL ? NULL : dlsym(library, name);
    memcpy(pointer, &found, sizeof found);
    return found != NULL;
}

/* Find both; tell which are there: 1 OpenSSL, 2 libsodium. */
static int peers_open(void)
{
    void *crypto = dlopen("libcrypto.so.3", RTLD_NOW), *sodium = dlopen("libsodium.so.23", RTLD_NOW);
    int (*sodium_init)(void);
    int all = peer(crypto, "EVP_PKEY_new_raw_public_key", &openssl.raw_key) &
              peer(crypto, "d2i_PUBKEY", &openssl.spki_key) &
              peer(crypto, "EVP_MD_CTX_new", &openssl.context) &
              peer(crypto, "EVP_MD_CTX_free", &openssl.free_context) &
              peer(crypto, "EVP_DigestVerifyInit", &openssl.verify_init) &
              peer(crypto, "EVP_DigestVerify", &openssl.verify) &
              peer(crypto, "EVP_sha256", &openssl.sha256_name) &
              peer(crypto, "SHA256", &openssl.sha256);
    int has_sodium = peer(sodium, "sodium_init", &sodium_init) &&
                     peer(sodium, "crypto_sign_verify_detached", &sodium_verify) &&
                     sodium_init() >= 0;
    return all | has_sodium << 1;
}

enum { NID_ED25519 = 1087 };

static void *openssl_ed25519(const uint8_t key[32])
{
    return openssl.raw_key(NID_ED25519, NULL, key, 32);
}

/* A key x, y as SubjectPublicKeyInfo */
static void *openssl_p256(const uint8_t key[64])
{
    static const uint8_t head[27] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                     0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                     0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
    uint8_t der[27 + 64];
    const uint8_t *at = der;
    memcpy(der, head, 27);
    memcpy(der + 27, key, 64);
    return openssl.spki_key(NULL, &at, sizeof der);
}

/* r and s as DER; return its length. */
static size_t der_of(uint8_t der[72], const uint8_t sig[64])
{
    size_t at = 2;
    for (int half = 0; half < 2; half++) {
        const uint8_t *number = sig + 32 * half;
        size_t zeros = 0;
        while (zeros < 31 && number[zeros] == 0)
            zeros++;
        int padded = number[zeros] >> 7;
        der[at++] = 0x02;
        der[at++] = (uint8_t)(32 - zeros + (size_t)padded);
        if (padded)
            der[at++] = 0;
        memcpy(der + at, number + zeros, 32 - zeros);
        at += 32 - zeros;
    }
    der[0] = 0x30;
    der[1] = (uint8_t)(at - 2);
    return at;
}

static int openssl_verify(void *key, const void *hash, const uint8_t *sig, size_t sig_bytes,
                          const uint8_t *message, size_t message_bytes)
{
    void *context = openssl.context();
    int good = openssl.verify_init(context, NULL, hash, NULL, key) == 1 &&
               openssl.verify(context, sig, sig_bytes, message, message_bytes) == 1;
    openssl.free_context(context);
    return good;
}

#endif
