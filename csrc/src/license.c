/* The license file and the chain behind it (docs/spec/files.md sections 3, 4 and 9). */
#include <string.h>

#include "binding.h"
#include "cbor.h"
#include "content_keys.h"
#include "cose.h"
#include "files.h"
#include "keys.h"
#include "model.h"
#include "product.h"

enum { ID_BYTES = 16, MAX_FEATURES = 64, MAX_TERM_DAYS = 36500, DAY_S = 86400 };
enum { ZONES_S = 26 * 3600, RESUMED_S = 7 * DAY_S };

/* What a delegation lets its key do. */
typedef struct issuer {
    hwlock_span name;
    hwlock_key key;
    hwlock_span products[MAX_FEATURES], features[MAX_FEATURES];
    size_t product_count, feature_count;
    int has_features, has_term, has_seats;
    uint32_t term_days, seats;
    int64_t valid_from, valid_until;
} issuer;

static void read_license(hwlock_license *license, const uint8_t *payload, int *code)
{
    fields claims = fields_of(payload, code), own = fields_map(&claims, OURS);
    hwlock_span id = fields_bytes(&claims, CTI, ID_BYTES);
    if (id.at != NULL)
        memcpy(license->id, id.at, ID_BYTES);
    license->product = fields_text(&claims, AUD, MAX_ID_BYTES);
    license->entitlement = fields_text(&own, 1, MAX_ID_BYTES);
    license->customer = fields_text(&claims, SUB, MAX_WORD_BYTES);
    license->feature_count = (uint32_t)fields_texts(&own, 2, license->features, MAX_FEATURES);
    license->seats = fields_uint(&own, 3, UINT32_MAX);
    license->issued_at = fields_time(&claims, IAT);
    license->expires_at = HWLOCK_PERPETUAL;
    if (fields_has(&claims, EXP))
        license->expires_at = fields_time(&claims, EXP);
    binding_read(license, fields_map(&own, 4));
    if (fields_has(&own, 6))
        (void)fields_raw(&own, 6); /* changes that wait for unlock codes: none is used here */
    key_confirmed(&license->key, &claims);
    license->model.maintained_until = -1;
    if (fields_has(&own, 5))
        model_read(&license->model, fields_of(fields_raw(&own, 5), code));
    if (fields_has(&own, 7))
        content_keys_read(fields_map(&own, 7));
    fields_done(&own);
    fields_done(&claims);
    if (*code == HWLOCK_OK && !model_fits(license))
        *code = HWLOCK_FIELD_MODEL;
}

static void read_limits(issuer *by, fields f)
{
    by->has_features = fields_has(&f, 2);
    if (by->has_features)
        by->feature_count = fields_texts(&f, 2, by->features, MAX_FEATURES);
    by->product_count = fields_texts(&f, 1, by->products, MAX_FEATURES);
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

/* Section 3, rule 1. */
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

static int is_among(hwlock_span text, const hwlock_span *texts, size_t count)
{
    int found = 0;
    for (size_t i = 0; i < count; i++)
        found |= span_is(text, texts[i]);
    return found;
}

/* Days, a begun one counted whole. */
static int64_t days_between(int64_t from, int64_t to)
{
    int64_t seconds = to - from;
    return seconds > 0 ? (seconds + DAY_S - 1) / DAY_S : seconds / DAY_S;
}

/* Section 3, rules 3 and 4, and the limits of a license. */
static int is_within(const issuer *by, const hwlock_license *license)
{
    if (license->issued_at < by->valid_from || license->issued_at >= by->valid_until)
        return HWLOCK_ISSUER_TERM;
    int good = is_among(license->product, by->products, by->product_count);
    for (size_t i = 0; by->has_features && i < license->feature_count; i++)
        good &= is_among(license->features[i], by->features, by->feature_count);
    if (by->has_term)
        good &= license->expires_at != HWLOCK_PERPETUAL &&
                days_between(license->issued_at, license->expires_at) +
                        license->model.grace_days <=
                    by->term_days;
    if (by->has_seats)
        good &= license->seats <= by->seats;
    return good ? HWLOCK_OK : HWLOCK_ISSUER_LIMIT;
}

static int verify(hwlock_license *license, const hwlock_product *product, opened *file)
{
    issuer by;
    if (!span_is(license->product, product->id))
        return HWLOCK_PRODUCT_OTHER;
    int code = appoint(&by, product, file);
    if (code == HWLOCK_OK)
        code = key_open(&by.key, &file->envelope, 1, file->work);
    license->issuer = by.name;
    return code == HWLOCK_OK ? is_within(&by, license) : code;
}

int hwlock_license_open(hwlock_license *license, const hwlock_product *product,
                        const uint8_t *file, size_t file_bytes, uint8_t *work,
                        size_t work_bytes, hwlock_fault *fault)
{
    opened read;
    memset(license, 0, sizeof *license);
    int code = file_open(&read, file, file_bytes, "LICENSE", "application/hwlock-license", work,
                         work_bytes);
    if (code == HWLOCK_OK)
        read_license(license, read.envelope.payload.at, &code);
    if (code == HWLOCK_OK)
        code = verify(license, product, &read);
    if (code != HWLOCK_OK)
        memset(license, 0, sizeof *license);
    return file_close(&read, code, fault);
}

int hwlock_license_has(const hwlock_license *license, const char *feature)
{
    hwlock_span wanted = {(const uint8_t *)feature, strlen(feature)};
    return is_among(wanted, license->features, license->feature_count);
}

int hwlock_license_prove(const hwlock_license *license, size_t number,
                         const uint8_t challenge[32], const uint8_t signature[64])
{
    static const char begin[] = "hwlock proof v1"; /* and a zero */
    uint8_t message[sizeof begin + 32];
    if (number >= license->anchor_count || license->anchors[number].key.raw_bytes == 0)
        return HWLOCK_ANCHOR_OTHER;
    memcpy(message, begin, sizeof begin);
    memcpy(message + sizeof begin, challenge, 32);
    int code = key_verify(&license->anchors[number].key, signature, message, sizeof message);
    return code == HWLOCK_OK ? HWLOCK_OK : HWLOCK_ANCHOR_PROOF;
}

/* Rule 3: the clock behind the later of the mark and the issue. */
static int judge_clock(const hwlock_license *license, int64_t seen, int64_t now)
{
    int is_mark = seen >= license->issued_at;
    int64_t behind = (is_mark ? seen : license->issued_at) - now;
    if (behind <= ZONES_S || (behind <= RESUMED_S && is_mark))
        return 0;
    return is_mark ? HWLOCK_CLOCK_BACK : HWLOCK_CLOCK_EARLY;
}

int hwlock_license_check(const hwlock_license *license, uint32_t holding, int64_t mark,
                         int64_t now)
{
    int64_t seen = mark < 0 ? now : mark, time = now;
    int found = judge_clock(license, seen, now); /* 3 */
    /* what ends is judged by the later of the clock and what is certain */
    if (found == 0 && time < seen)
        time = seen;
    if (found == 0 && time < license->issued_at)
        time = license->issued_at;
    int64_t grace_s = (int64_t)license->model.grace_days * DAY_S;
    if (license->expires_at != HWLOCK_PERPETUAL && time >= license->expires_at + grace_s) /* 4 */
        found |= HWLOCK_TERM_ENDED;
    if (span_says(license->model.kind, "floating")) /* 5 */
        found |= HWLOCK_NEEDS_LEASE;
    return binding_holds(license, holding) ? found : found | HWLOCK_NOT_HERE; /* 2 */
}
