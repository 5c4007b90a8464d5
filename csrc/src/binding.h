/* What a license is bound to (docs/spec/files.md section 4.1 and 4.2). */
#ifndef HWLOCK_BINDING_H
#define HWLOCK_BINDING_H

#include "fields.h"

/* Read anchors and policy. */
void binding_read(hwlock_license *license, fields f);

/* Whether the policy holds where the anchors with a bit in `holding` do. */
int binding_holds(const hwlock_license *license, uint32_t holding);

#endif
