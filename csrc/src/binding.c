#include "binding.h"

#include <string.h>

#include "cbor.h"
#include "host.h"
#include "keys.h"

enum { MAX_ANCHORS = 16, MAX_DEPTH = 4, MAX_MAKER_BYTES = 255, MAX_URI_BYTES = 255 };
enum { MAX_LABEL_BYTES = 100, MAX_RECORD_BYTES = 8192 };

static const char *const KINDS[] = {"host", "tpm2", "piv", "openpgp",
                                    "pkcs11", "fido2", "yubikey", "usb"};
static const char *const STRENGTHS[] = {"key", "attested"};

/* What the URI of a dongle may say in a file: who it is, and nothing of the machine. */
static const struct identifying {
    const char *kind, *names[7]; /* up to a NULL */
} IDENTIFYING[] = {
    {"piv", {"serial", "slot"}},
    {"openpgp", {"serial"}},
    {"pkcs11", {"token", "manufacturer", "model", "serial", "object", "id"}},
    {"fido2", {"aaguid", "serial", "key"}},
    {"yubikey", {"serial", "slot"}},
    {"usb", {"vid", "pid", "serial"}},
};

/* 1 where `part` is NAME=VALUE with one of the names. */
static int is_named(hwlock_span part, const char *const *names)
{
    const uint8_t *equals = part.bytes ? memchr(part.at, '=', part.bytes) : NULL;
    if (equals == NULL)
        return 0;
    hwlock_span name = {part.at, (size_t)(equals - part.at)};
    int found = 0;
    for (; *names != NULL; names++)
        found |= span_says(name, *names);
    return found;
}

/* 1 where everything behind the kind of a URI says who the device is. */
static int identifies(hwlock_span kind, hwlock_span said)
{
    const struct identifying *row = IDENTIFYING;
    while (!span_says(kind, row->kind))
        row++;
    if (said.bytes == 0)
        return 1;
    if (memchr(said.at, '?', said.bytes) != NULL)
        return 0;
    for (;;) {
        const uint8_t *end = memchr(said.at, ';', said.bytes);
        hwlock_span part = {said.at, end == NULL ? said.bytes : (size_t)(end - said.at)};
        if (!is_named(part, row->names))
            return 0;
        if (end == NULL)
            return 1;
        said.bytes -= part.bytes + 1;
        said.at = end + 1;
        if (said.bytes == 0)
            return 0; /* nothing behind the last semicolon */
    }
}

/* What finds and names a dongle; its URI begins with its kind. */
static void read_dongle(hwlock_anchor *anchor, fields *f)
{
    size_t kind = anchor->kind.bytes;
    anchor->uri = fields_text(f, 7, MAX_URI_BYTES);
    if (*f->code == HWLOCK_OK &&
        (anchor->uri.bytes <= kind || anchor->uri.at[kind] != ':' ||
         memcmp(anchor->uri.at, anchor->kind.at, kind) != 0))
        *f->code = HWLOCK_FIELD_WORD;
    if (*f->code == HWLOCK_OK) {
        hwlock_span said = {anchor->uri.at + kind + 1, anchor->uri.bytes - kind - 1};
        if (!identifies(anchor->kind, said))
            *f->code = HWLOCK_FIELD_DEVICE;
    }
    anchor->label = fields_text(f, 8, MAX_LABEL_BYTES);
    if (anchor->label.bytes == 0)
        fault_at(f->code, HWLOCK_FIELD_EMPTY);
}

static void read_key(hwlock_anchor *anchor, fields *f)
{
    anchor->assurance = fields_word(f, 2, STRENGTHS, 2);
    key_read_anchor(&anchor->key, &anchor->rsa, fields_map(f, 3));
    anchor->maker = fields_text(f, 4, MAX_MAKER_BYTES);
    if (span_says(anchor->kind, "tpm2"))
        return;
    read_dongle(anchor, f);
    if (fields_has(f, 9))
        anchor->record = fields_bytes_within(f, 9, 1, MAX_RECORD_BYTES);
}

static void read_anchor(hwlock_anchor *anchor, fields f)
{
    anchor->kind = fields_word(&f, 1, KINDS, sizeof KINDS / sizeof *KINDS);
    if (span_says(anchor->kind, "host")) {
        host_read(anchor, &f);
    } else if (span_says(anchor->kind, "yubikey")) {
        read_dongle(anchor, &f);
        anchor->record = fields_bytes_within(&f, 9, 1, MAX_RECORD_BYTES);
    } else if (span_says(anchor->kind, "usb")) {
        read_dongle(anchor, &f);
    } else {
        read_key(anchor, &f);
    }
    fields_done(&f);
}

/* 1 where two anchors are one device (docs/spec/files.md section 4.1). */
static int same_device(const hwlock_anchor *a, const hwlock_anchor *b)
{
    if (!span_is(a->kind, b->kind) || a->key.raw_bytes != b->key.raw_bytes)
        return 0;
    if (a->key.raw_bytes != 0)
        return memcmp(a->key.raw, b->key.raw, a->key.raw_bytes) == 0;
    if (a->rsa.bytes != 0 || b->rsa.bytes != 0)
        return span_is(a->rsa, b->rsa);
    if (span_says(a->kind, "host"))
        return host_is_same(a, b);
    return span_is(a->uri, b->uri);
}

static int devices_differ(const hwlock_license *license)
{
    for (uint32_t i = 0; i < license->anchor_count; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (same_device(&license->anchors[i], &license->anchors[j]))
                return 0;
        }
    }
    return 1;
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
        !devices_differ(license))
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
