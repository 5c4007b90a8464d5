/* From a file to its payload, for product.c, license.c and revocation.c. */
#ifndef HWLOCK_FILES_H
#define HWLOCK_FILES_H

#include "fields.h"

/* Claims of RFC 8392, and the one of ours. */
enum { ISS = 1, SUB = 2, AUD = 3, EXP = 4, IAT = 6, CTI = 7, OURS = -70000 };

enum { MAX_ID_BYTES = 64, MAX_WORD_BYTES = 255 };

/* A file, what is left of the caller's memory, and what is wrong. */
typedef struct opened {
    hwlock_envelope envelope;
    size_t bytes; /* of the binary form */
    uint8_t *work;
    hwlock_fault fault;
} opened;

/* Take the armor off, read the envelope, and read the payload as CBOR. */
int file_open(opened *file, const uint8_t *at, size_t bytes, const char *label, const char *typ,
              uint8_t *work, size_t work_bytes);

/* Read the payload as CBOR, for a file without armor. */
int payload_read(const hwlock_envelope *envelope, hwlock_fault *fault);

/* Hand the fault to the caller, and return its code. */
int file_close(const opened *file, int code, hwlock_fault *fault);

#endif
