/* The fingerprint in a license (docs/spec/files.md section 4.2). */
#ifndef HWLOCK_HOST_H
#define HWLOCK_HOST_H

#include "fields.h"

/* Read what an anchor of kind "host" says besides its kind. */
void host_read(hwlock_anchor *anchor, fields *f);

/* 1 where two anchors of kind "host" have the same salt, digests and needed score. */
int host_is_same(const hwlock_anchor *a, const hwlock_anchor *b);

#endif
