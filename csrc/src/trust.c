#include "trust.h"

#include <string.h>

#include "amendments.h"
#include "cose.h"
#include "keys.h"
#include "product.h"

enum { MAX_TERM_DAYS = 36500 };

static void read_limits(issuer *by, fields f)
{
    by->has_features = fields_has(&f, 2);
    if (by->has_features)
        by->feature_count = fields_texts(&f, 2, by->features, MAX_LIMITED);
    by->product_count = fields_texts(&f, 1, by->products, MAX_LIMITED);
    by->has_term = fields_has(&f, 3);
    if (by->has_term)
        by->term_days = fields_uint(&f, 3, MAX_TERM_DAYS);
    by->has_seats = fields_has(&f, 4);
    if (by->has_seats)
        by->seats = fields_uint(&f, 4, UINT32_MAX);
    fields_done(&f);
}

static void read_delegation(issuer *by, const uint8_t *payload, int *code)
{
    fields claims = fields_of(payload, code), own = fields_map(&claims, OURS);
    by->name = fields_text(&claims, SUB, MAX_WORD_BYTES);
    key_confirmed(&by->key, &claims);
    read_limits(by, fields_map(&own, 1));
    by->valid_from = fields_time(&claims, IAT);
    by->valid_until = fields_time(&claims, EXP);
    fields_done(&own);
    fields_done(&claims);
}

/* Rule 1. */
static int appoint(issuer *by, const hwlock_product *product, opened *file)
{
    hwlock_envelope delegation;
    memset(by, 0, sizeof *by);
    if (file->envelope.delegation.at == NULL)
        return HWLOCK_TRUST_CHAIN;
    int code = cose_read(&delegation, file->envelope.delegation, "application/hwlock-delegation",
                         HWLOCK_MAX_FILE, &file->fault);
    if (code != HWLOCK_OK)
        return code;
    hwlock_span appointed;
    const hwlock_key *root = product_root(product, delegation.kid, &appointed);
    if (root == NULL)
        return HWLOCK_TRUST_ROOT;
    code = key_open(root, &delegation, 0, file->work);
    if (code == HWLOCK_OK)
        code = payload_read(&delegation, &file->fault);
    if (code == HWLOCK_OK)
        read_delegation(by, delegation.payload.at, &code);
    if (code == HWLOCK_OK && !product_appoints(appointed, &by->key))
        code = HWLOCK_TRUST_FORMER;
    return code;
}

int issuer_verify(issuer *by, const hwlock_product *product, opened *file, int64_t issued_at)
{
    int code = appoint(by, product, file);
    if (code == HWLOCK_OK)
        code = key_open(&by->key, &file->envelope, 1, file->work); /* 2 */
    if (code != HWLOCK_OK)
        return code;
    if (issued_at < by->valid_from || issued_at >= by->valid_until) /* 3 */
        return HWLOCK_ISSUER_TERM;
    return span_among(product->id, by->products, by->product_count) ? HWLOCK_OK /* 4 */
                                                                     : HWLOCK_ISSUER_LIMIT;
}

/* Days, a begun one counted whole. */
static int64_t days_between(int64_t from, int64_t to)
{
    int64_t seconds = to - from;
    return seconds > 0 ? (seconds + DAY_S - 1) / DAY_S : seconds / DAY_S;
}

int issuer_allows(const issuer *by, const hwlock_license *license)
{
    int good = 1;
    for (size_t i = 0; by->has_features && i < license->feature_count; i++)
        good &= span_among(license->features[i], by->features, by->feature_count);
    if (by->has_term)
        good &= license->expires_at != HWLOCK_PERPETUAL &&
                days_between(license->issued_at, license->expires_at) +
                        license->model.grace_days + amendments_days(license) <=
                    by->term_days;
    if (by->has_seats)
        good &= license->seats <= by->seats;
    return good ? HWLOCK_OK : HWLOCK_ISSUER_LIMIT;
}
