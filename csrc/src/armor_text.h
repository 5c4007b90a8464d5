/* What mail and chat do to characters, undone (docs/spec/encoding.md section 3.2, 1 to 3). */
#ifndef HWLOCK_ARMOR_TEXT_H
#define HWLOCK_ARMOR_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Leave only characters of base64 and plain dashes. `work` has room for bytes + bytes / 2;
 * return how many there are. */
size_t armor_clean(uint8_t *work, const uint8_t *text, size_t bytes);

#endif
