/* The signed envelope (RFC 9052 section 4.2; docs/spec/encoding.md section 2). */
#ifndef HWLOCK_COSE_H
#define HWLOCK_COSE_H

#include "hwlock.h"

enum { COSE_ES256 = -7, COSE_EDDSA = -8 };

/* Read an envelope; `typ` may be NULL. HWLOCK_OK or the code, which *fault explains. */
int cose_read(hwlock_envelope *envelope, hwlock_span file, const char *typ, size_t max_bytes,
              hwlock_fault *fault);

/* Write what the signature is over; it is shorter than the file. Return how long it is. */
size_t cose_to_be_signed(uint8_t *room, const hwlock_envelope *envelope);

#endif
