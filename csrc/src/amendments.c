#include "amendments.h"

#include "cbor.h"
#include "model.h"

enum { MAX_AMENDMENTS = 32, LOCK_BYTES = 32, MAX_NAME_BYTES = 255, DAY_S = 86400 };

static const char *const KINDS[] = {"extend", "clock", "transfer", "counter"};
static const int64_t LAST = 253370764800; /* the year 9999 begins */

/* One change; what its kind does not need is 0. `after` is -1 where it waits for none. */
typedef struct amendment {
    hwlock_span kind, counter;
    uint32_t days, amount;
    int64_t after;
} amendment;

static amendment read_one(fields f)
{
    amendment one = {{NULL, 0}, {NULL, 0}, 0, 0, -1};
    one.kind = fields_word(&f, 1, KINDS, sizeof KINDS / sizeof *KINDS);
    fields_bytes(&f, 2, LOCK_BYTES);
    if (span_says(one.kind, "extend"))
        one.days = fields_uint(&f, 3, MODEL_MAX_DAYS);
    if (span_says(one.kind, "counter")) {
        one.counter = fields_text(&f, 4, MAX_NAME_BYTES);
        one.amount = fields_uint(&f, 5, UINT32_MAX);
    }
    if (fields_has(&f, 6))
        one.after = fields_uint(&f, 6, MAX_AMENDMENTS - 1);
    fields_done(&f);
    return one;
}

/* All changes; those of a license that was read are read again without a fault. */
static void read_all(amendment all[MAX_AMENDMENTS], const uint8_t *at, size_t count, int *code)
{
    for (size_t i = 0; i < count && *code == HWLOCK_OK; i++) {
        all[i] = read_one(fields_of(at, code));
        at = cbor_skip(at);
    }
}

void amendments_read(hwlock_license *license, fields *own)
{
    amendment all[MAX_AMENDMENTS];
    if (!fields_has(own, 6))
        return;
    list values = fields_list(own, 6, MAX_AMENDMENTS);
    if (values.count == 0)
        fault_at(own->code, HWLOCK_FIELD_EMPTY);
    read_all(all, values.at, values.count, own->code);
    if (*own->code != HWLOCK_OK)
        return;
    const uint8_t *end = values.at;
    for (size_t i = 0; i < values.count; i++)
        end = cbor_skip(end);
    license->amendments.at = values.at;
    license->amendments.bytes = (size_t)(end - values.at);
    license->amendment_count = (uint32_t)values.count;
}

static size_t all_of(const hwlock_license *license, amendment all[MAX_AMENDMENTS])
{
    int code = HWLOCK_OK;
    read_all(all, license->amendments.at, license->amendment_count, &code);
    return license->amendment_count;
}

int64_t amendments_days(const hwlock_license *license)
{
    amendment all[MAX_AMENDMENTS];
    int64_t days = 0;
    for (size_t i = all_of(license, all); i-- > 0;)
        days += all[i].days;
    return days;
}

/* Rule 4, for change `index` and those of the same counter before it. */
static int counter_fits(const hwlock_license *license, const amendment *all, size_t index)
{
    uint64_t limit;
    if (all[index].amount == 0 || !model_limit(license, all[index].counter, &limit))
        return 0;
    for (size_t i = 0; i <= index; i++)
        limit += span_is(all[i].counter, all[index].counter) ? all[i].amount : 0;
    return limit <= UINT32_MAX;
}

int amendments_fit(const hwlock_license *license)
{
    amendment all[MAX_AMENDMENTS];
    size_t count = all_of(license, all);
    int ends = license->expires_at != HWLOCK_PERPETUAL, good = 1;
    int64_t days = amendments_days(license) + license->model.grace_days;
    if (ends && license->expires_at > LAST - days * DAY_S)
        return 0;
    for (size_t i = 0; i < count; i++) {
        if (span_says(all[i].kind, "extend")) /* 1 */
            good &= ends && all[i].days != 0;
        if (span_says(all[i].kind, "counter"))
            good &= counter_fits(license, all, i);
        good &= all[i].after < (int64_t)i; /* 5 */
    }
    return good;
}
