/* The fingerprint in a license (docs/spec/files.md section 4.2). */
#ifndef HWLOCK_HOST_H
#define HWLOCK_HOST_H

#include "fields.h"

/* Read what an anchor of kind "host" says besides its kind. */
void host_read(hwlock_anchor *anchor, fields *f);

/* 1 where two anchors of kind "host" have the same salt, digests and needed score. */
int host_is_same(const hwlock_anchor *a, const hwlock_anchor *b);

/* One bit for each component. */
uint32_t host_all(const hwlock_anchor *anchor);

/* 1 where one of the components in `same` is of a kind that no two machines share. */
int host_knows(const hwlock_anchor *anchor, uint32_t same);

/* SHA-256 of all that this anchor says: what names it in a revocation list. */
void host_subject(const hwlock_anchor *anchor, uint8_t subject[32]);

#endif
