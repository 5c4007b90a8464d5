/* Revocation lists (docs/spec/files.md section 12). */
#ifndef HWLOCK_REVOCATION_H
#define HWLOCK_REVOCATION_H

#include "hwlock.h"

/* Since when a subject is taken back, by the earliest entry; HWLOCK_PERPETUAL where it is not.
 * The kind is "license", "device" or "issuer". */
int64_t revoked_since(const hwlock_revocations *known, const char *kind, const uint8_t *subject,
                      size_t subject_bytes);

/* 1 where the device of an anchor is taken back at `time`. */
int revoked_device(const hwlock_revocations *known, const hwlock_anchor *anchor, int64_t time);

#endif
