/* Named character references of HTML. */
#ifndef HWLOCK_ENTITIES_H
#define HWLOCK_ENTITIES_H

#include <stddef.h>
#include <stdint.h>

/* Find the name at `at`, after its `&`: how many characters it has, its semicolon included, 0
 * where there is none. *means is what it stands for as armor sees it: dashes are plain, and what
 * is not visible ASCII is nothing. */
size_t entity_find(const uint8_t *at, size_t left, const char **means);

#endif
