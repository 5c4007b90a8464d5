/* Who may have appointed whom (docs/spec/files.md sections 2 and 3), for whoever verifies. */
#ifndef HWLOCK_PRODUCT_H
#define HWLOCK_PRODUCT_H

#include "hwlock.h"

/* The root of this kid, or the former root; NULL where there is none. For a former one *appointed
 * says whom it had appointed, else it is empty. */
const hwlock_key *product_root(const hwlock_product *product, hwlock_span kid,
                               hwlock_span *appointed);

/* 1 where a root with this list may have appointed the key. */
int product_appoints(hwlock_span appointed, const hwlock_key *key);

#endif
