/* From a product's root to whoever signed a file (docs/spec/files.md section 3). */
#ifndef HWLOCK_TRUST_H
#define HWLOCK_TRUST_H

#include "files.h"

enum { MAX_LIMITED = 64, DAY_S = 86400 };

/* Who signed a file, and what a root lets that key do. */
typedef struct issuer {
    hwlock_span name;
    hwlock_key key;
    hwlock_span products[MAX_LIMITED], features[MAX_LIMITED];
    size_t product_count, feature_count;
    int has_features, has_term, has_seats;
    uint32_t term_days, seats;
    int64_t valid_from, valid_until;
} issuer;

/* Rules 1 to 4 of section 3 for a file that was issued at that time: HWLOCK_OK or the code. */
int issuer_verify(issuer *by, const hwlock_product *product, opened *file, int64_t issued_at);

/* HWLOCK_OK, or HWLOCK_ISSUER_LIMIT where a license grants more than its issuer may. */
int issuer_allows(const issuer *by, const hwlock_license *license);

#endif
