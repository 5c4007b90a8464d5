/* Public keys as files name them (docs/spec/files.md section 1). */
#ifndef HWLOCK_KEYS_H
#define HWLOCK_KEYS_H

#include "fields.h"

/* Read and check a COSE_Key. */
void key_read(hwlock_key *key, fields f);

/* Read the key of an anchor: what `key_read` takes, or RSA, whose modulus goes to *rsa. */
void key_read_anchor(hwlock_key *key, hwlock_span *rsa, fields f);

/* Read the one key of a confirmation (RFC 8747 section 3.2). */
void key_confirmed(hwlock_key *key, fields *claims);

/* HWLOCK_OK or HWLOCK_SIGNATURE_BAD. */
int key_verify(const hwlock_key *key, const uint8_t signature[64], const uint8_t *message,
               size_t message_bytes);

/* Open an envelope with this key; `work` has room for what was signed. */
int key_open(const hwlock_key *key, const hwlock_envelope *envelope, int delegated,
             uint8_t *work);

#endif
