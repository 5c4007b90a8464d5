#include "model.h"

#include <string.h>

#include "cbor.h"

enum { MAX_NAMES = 64, MAX_NAME_BYTES = 255, MAX_EDITION_BYTES = 64 };

static const char *const KINDS[] = {"node-locked", "subscription", "maintenance", "trial",
                                    "floating"};
static const char *const LEVELS[] = {"enforce", "warn", "advisory"};
static const char *const PERIODS[] = {"day", "month", "year"};
#define COUNT(words) (sizeof(words) / sizeof(words)[0])

/* A name and the place of its value. */
typedef struct named {
    hwlock_span name;
    const uint8_t *value;
} named;

/* Whether `a` stands before `b` in the order of their bytes. */
static int is_before(hwlock_span a, hwlock_span b)
{
    int order = memcmp(a.at, b.at, a.bytes < b.bytes ? a.bytes : b.bytes);
    return order < 0 || (order == 0 && a.bytes < b.bytes);
}

/* Read a map from names to values, and put it into the order of the names. */
static size_t read_names(named all[MAX_NAMES], const uint8_t *at, int *code)
{
    fields map = fields_of(at, code);
    if (map.count > MAX_NAMES)
        fault_at(code, HWLOCK_FIELD_MANY);
    at = map.at;
    for (size_t i = 0; i < map.count && *code == HWLOCK_OK; i++) {
        named read = {fields_as_text(at, MAX_NAME_BYTES, code), cbor_skip(at)};
        size_t place = i;
        for (; place > 0 && *code == HWLOCK_OK && is_before(read.name, all[place - 1].name); place--)
            all[place] = all[place - 1];
        all[place] = read;
        at = cbor_skip(read.value);
    }
    return *code == HWLOCK_OK ? (size_t)map.count : 0;
}

static void read_parameters(const uint8_t *at, int *code)
{
    named all[MAX_NAMES];
    unsigned type;
    uint64_t number;
    size_t count = read_names(all, at, code);
    for (size_t i = 0; i < count && *code == HWLOCK_OK; i++) {
        cbor_head(all[i].value, &type, &number);
        if (type == CBOR_NINT || (type == CBOR_UINT && number > UINT32_MAX))
            *code = HWLOCK_FIELD_RANGE;
        else if (type != CBOR_UINT)
            fields_as_text(all[i].value, MAX_NAME_BYTES, code);
    }
}

/* The number of members of the map at `at`. */
static uint64_t size_of(const uint8_t *at)
{
    unsigned type;
    uint64_t count;
    cbor_head(at, &type, &count);
    return count;
}

/* What is said of a feature. *empty becomes 1 where a member says nothing. */
static void read_feature(fields f, int *empty)
{
    if (fields_has(&f, 1))
        fields_time(&f, 1);
    if (fields_has(&f, 2)) {
        const uint8_t *parameters = fields_raw(&f, 2);
        read_parameters(parameters, f.code);
        *empty |= *f.code == HWLOCK_OK && size_of(parameters) == 0;
    }
    fields_done(&f);
}

static void read_counter(fields f)
{
    fields_uint(&f, 1, UINT32_MAX);
    if (fields_has(&f, 2))
        fields_word(&f, 2, PERIODS, COUNT(PERIODS));
    fields_done(&f);
}

static hwlock_span read_features(fields *f, int *empty)
{
    named all[MAX_NAMES];
    hwlock_span span = {fields_raw(f, 6), 0};
    size_t count = read_names(all, span.at, f->code);
    for (size_t i = 0; i < count; i++)
        read_feature(fields_of(all[i].value, f->code), empty);
    *empty |= *f->code == HWLOCK_OK && count == 0;
    span.bytes = *f->code == HWLOCK_OK ? (size_t)(cbor_skip(span.at) - span.at) : 0;
    return span;
}

static hwlock_span read_counters(fields *f, int *empty)
{
    named all[MAX_NAMES];
    hwlock_span span = {fields_raw(f, 7), 0};
    size_t count = read_names(all, span.at, f->code);
    for (size_t i = 0; i < count; i++)
        read_counter(fields_of(all[i].value, f->code));
    *empty |= *f->code == HWLOCK_OK && count == 0;
    span.bytes = *f->code == HWLOCK_OK ? (size_t)(cbor_skip(span.at) - span.at) : 0;
    return span;
}

/* Members 1 to 5. */
static void read_kind(hwlock_model *model, fields *f, int *empty)
{
    if (fields_has(f, 1)) {
        model->kind = fields_word(f, 1, KINDS, COUNT(KINDS));
        *empty |= span_says(model->kind, KINDS[0]);
    }
    if (fields_has(f, 2)) {
        model->renew_days = fields_uint(f, 2, MODEL_MAX_DAYS);
        *empty |= model->renew_days == 0;
    }
    if (fields_has(f, 3)) {
        model->grace_days = fields_uint(f, 3, MODEL_MAX_DAYS);
        *empty |= model->grace_days == 0;
    }
    if (fields_has(f, 4))
        model->maintained_until = fields_time(f, 4);
    if (fields_has(f, 5)) {
        model->edition = fields_text(f, 5, MAX_EDITION_BYTES);
        *empty |= model->edition.bytes == 0;
    }
}

void model_read(hwlock_model *model, fields f)
{
    int empty = f.count == 0;
    model->maintained_until = -1;
    read_kind(model, &f, &empty);
    if (fields_has(&f, 6))
        model->features = read_features(&f, &empty);
    if (fields_has(&f, 7))
        model->counters = read_counters(&f, &empty);
    if (fields_has(&f, 8)) {
        model->level = fields_word(&f, 8, LEVELS, COUNT(LEVELS));
        empty |= span_says(model->level, LEVELS[0]);
    }
    if (fields_has(&f, 9)) {
        model->addon_to = fields_text(&f, 9, MAX_NAME_BYTES);
        empty |= model->addon_to.bytes == 0;
    }
    fields_done(&f);
    if (empty)
        fault_at(f.code, HWLOCK_FIELD_MODEL);
}

/* What is said of a feature is of a feature of the license, and says something. */
static int features_fit(const hwlock_license *license)
{
    named all[MAX_NAMES];
    int code = HWLOCK_OK, good = 1;
    if (license->model.features.at == NULL)
        return 1;
    size_t count = read_names(all, license->model.features.at, &code);
    for (size_t i = 0; i < count; i++) {
        int granted = 0;
        for (uint32_t j = 0; j < license->feature_count; j++)
            granted |= span_is(all[i].name, license->features[j]);
        good &= granted && size_of(all[i].value) != 0;
    }
    return good;
}

int model_fits(const hwlock_license *license)
{
    const hwlock_model *model = &license->model;
    int ends = license->expires_at != HWLOCK_PERPETUAL;
    int subscription = span_says(model->kind, "subscription");
    int maintenance = span_says(model->kind, "maintenance");
    int maintained = model->maintained_until >= 0;
    if ((subscription || span_says(model->kind, "trial")) && !ends) /* 1 */
        return 0;
    if (maintenance && ends)
        return 0;
    if (!subscription && (model->renew_days != 0 || model->grace_days != 0)) /* 2 */
        return 0;
    return maintenance == maintained && features_fit(license); /* 3, 4 */
}

/* The value of a name in a map that was read before; NULL where there is none. */
static const uint8_t *value_of(hwlock_span map, hwlock_span name)
{
    named all[MAX_NAMES];
    int code = HWLOCK_OK;
    if (map.at == NULL)
        return NULL;
    for (size_t i = read_names(all, map.at, &code); i-- > 0;) {
        if (span_is(all[i].name, name))
            return all[i].value;
    }
    return NULL;
}

int64_t model_feature_end(const hwlock_license *license, hwlock_span feature)
{
    const uint8_t *value = value_of(license->model.features, feature);
    int code = HWLOCK_OK;
    if (value == NULL)
        return HWLOCK_PERPETUAL;
    fields f = fields_of(value, &code);
    return fields_has(&f, 1) ? fields_time(&f, 1) : HWLOCK_PERPETUAL;
}

int model_limit(const hwlock_license *license, hwlock_span counter, uint64_t *limit)
{
    const uint8_t *value = value_of(license->model.counters, counter);
    int code = HWLOCK_OK;
    if (value == NULL)
        return 0;
    fields f = fields_of(value, &code);
    *limit = fields_uint(&f, 1, UINT32_MAX);
    return 1;
}
