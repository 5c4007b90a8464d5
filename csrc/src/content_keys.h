/* The content keys of a license (docs/spec/payloads.md section 3): their form, and no more. */
#ifndef HWLOCK_CONTENT_KEYS_H
#define HWLOCK_CONTENT_KEYS_H

#include "fields.h"

/* Refuse what Python refuses; nothing of it is kept. */
void content_keys_read(fields f);

#endif
