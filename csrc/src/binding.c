#include "binding.h"

#include <string.h>

#include "cbor.h"
#include "host.h"
#include "keys.h"

enum { MAX_ANCHORS = 16, MAX_DEPTH = 4, MAX_KIND_BYTES = 32, MAX_MAKER_BYTES = 255 };

static void read_anchor(hwlock_anchor *anchor, fields f)
{
    anchor->kind = fields_text(&f, 1, MAX_KIND_BYTES);
    if (span_says(anchor->kind, "host")) {
        host_read(anchor, &f);
    } else {
        anchor->assurance = fields_word(&f, 2, "key", "attested");
        key_read(&anchor->key, fields_map(&f, 3));
        anchor->maker = fields_text(&f, 4, MAX_MAKER_BYTES);
    }
    fields_done(&f);
}

static hwlock_span span_of(const uint8_t *at)
{
    hwlock_span span = {at, (size_t)(cbor_skip(at) - at)};
    return span;
}

/* 1 where no two of the values from `at` on are equal. */
static int all_differ(const uint8_t *at, size_t count)
{
    hwlock_span each[MAX_ANCHORS];
    for (size_t i = 0; i < count; i++) {
        each[i] = span_of(at);
        for (size_t j = 0; j < i; j++) {
            if (span_is(each[i], each[j]))
                return 0;
        }
        at += each[i].bytes;
    }
    return 1;
}

/* Read a policy inside `depth` others: 1 where it follows the rules; the anchors that it names
 * are added to *named. It calls itself at most MAX_DEPTH deep. */
static int read_policy(const uint8_t *at, uint32_t anchors, uint32_t *named, unsigned depth)
{
    unsigned type;
    uint64_t count, needed;
    at = cbor_head(at, &type, &count);
    if (type == CBOR_UINT && count < anchors) {
        *named |= (uint32_t)1 << count;
        return 1;
    }
    if (type != CBOR_ARRAY || count < 2 || count > MAX_ANCHORS + 1 || depth == MAX_DEPTH)
        return 0;
    const uint8_t *parts = cbor_head(at, &type, &needed);
    if (type != CBOR_UINT || needed < 1 || needed > count - 1)
        return 0;
    at = parts;
    for (uint64_t i = 1; i < count; i++) {
        if (!read_policy(at, anchors, named, depth + 1))
            return 0;
        at = cbor_skip(at);
    }
    return all_differ(parts, (size_t)count - 1);
}

void binding_read(hwlock_license *license, fields f)
{
    uint32_t named = 0;
    list anchors = fields_list(&f, 1, MAX_ANCHORS);
    const uint8_t *at = anchors.at;
    for (size_t i = 0; i < anchors.count && *f.code == HWLOCK_OK; i++) {
        read_anchor(&license->anchors[i], fields_of(at, f.code));
        at = cbor_skip(at);
    }
    license->anchor_count = (uint32_t)anchors.count;
    const uint8_t *policy = fields_raw(&f, 2);
    if (policy != NULL && !read_policy(policy, license->anchor_count, &named, 0))
        fault_at(f.code, HWLOCK_FIELD_POLICY);
    fields_done(&f);
    if (*f.code != HWLOCK_OK)
        return;
    /* here the policy named an anchor, so there is one */
    if (named != ((uint32_t)1 << license->anchor_count) - 1 ||
        !all_differ(anchors.at, anchors.count))
        *f.code = HWLOCK_FIELD_POLICY;
    license->policy = span_of(policy);
}

static int holds(const uint8_t *at, uint32_t holding)
{
    unsigned type;
    uint64_t count, needed, reached = 0;
    at = cbor_head(at, &type, &count);
    if (type == CBOR_UINT)
        return holding >> count & 1;
    at = cbor_head(at, &type, &needed);
    for (uint64_t i = 1; i < count; i++) {
        reached += (uint64_t)holds(at, holding);
        at = cbor_skip(at);
    }
    return reached >= needed;
}

int binding_holds(const hwlock_license *license, uint32_t holding)
{
    return license->policy.at != NULL && holds(license->policy.at, holding);
}
