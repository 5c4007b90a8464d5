#include "revocation.h"

#include <string.h>

#include "cbor.h"
#include "host.h"
#include "trust.h"

enum { MAX_ENTRIES = 1000, MAX_KEPT_BYTES = 65000, KID_BYTES = 16, DEVICE_BYTES = 32 };
enum { MAX_LISTS = sizeof((hwlock_revocations *)0)->lists / sizeof(hwlock_revocation) };

static const char *const KINDS[] = {"license", "device", "issuer"};

typedef struct entry {
    hwlock_span kind, subject;
    int64_t since;
} entry;

static entry read_entry(fields f)
{
    entry one;
    one.kind = fields_word(&f, 1, KINDS, sizeof KINDS / sizeof *KINDS);
    one.subject = fields_bytes(&f, 2, span_says(one.kind, "device") ? DEVICE_BYTES : KID_BYTES);
    one.since = fields_time(&f, 3);
    fields_done(&f);
    return one;
}

static void read_list(hwlock_revocation *read, const uint8_t *payload, int *code)
{
    fields claims = fields_of(payload, code), own = fields_map(&claims, OURS);
    read->product = fields_text(&claims, AUD, MAX_ID_BYTES);
    read->number = fields_uint(&own, 1, UINT32_MAX);
    int is_delta = fields_has(&own, 2);
    if (is_delta)
        read->base = fields_uint(&own, 2, UINT32_MAX);
    read->issued_at = fields_time(&claims, IAT);
    list entries = fields_list(&own, 3, MAX_ENTRIES);
    read->entries = entries.at;
    read->entry_count = (uint32_t)entries.count;
    for (size_t i = 0; i < entries.count && *code == HWLOCK_OK; i++) {
        read_entry(fields_of(entries.at, code));
        entries.at = cbor_skip(entries.at);
    }
    fields_done(&own);
    fields_done(&claims);
    if (read->base >= read->number || (is_delta && read->base == 0))
        fault_at(code, HWLOCK_REVOKED_NUMBER);
}

int hwlock_revocation_open(hwlock_revocation *listed, const hwlock_product *product,
                           const uint8_t *file, size_t file_bytes, uint8_t *work,
                           size_t work_bytes, hwlock_fault *fault)
{
    opened read;
    issuer by;
    memset(listed, 0, sizeof *listed);
    int code = file_open(&read, file, file_bytes, "REVOCATION", "application/hwlock-revocation",
                         work, work_bytes);
    if (code == HWLOCK_OK)
        read_list(listed, read.envelope.payload.at, &code);
    if (code == HWLOCK_OK && !span_is(listed->product, product->id))
        code = HWLOCK_PRODUCT_OTHER;
    if (code == HWLOCK_OK)
        code = issuer_verify(&by, product, &read, listed->issued_at);
    if (code == HWLOCK_OK) {
        listed->issuer = by.name;
        memcpy(listed->issuer_kid, by.key.kid, sizeof listed->issuer_kid);
        listed->file_bytes = (uint32_t)read.bytes;
    } else {
        memset(listed, 0, sizeof *listed);
    }
    return file_close(&read, code, fault);
}

/* Rule 4: what is kept stays small enough to be read at each check. */
static int is_large(const hwlock_revocations *known, const hwlock_revocation *listed)
{
    uint64_t bytes = listed->file_bytes;
    for (uint32_t i = 0; i < known->list_count; i++)
        bytes += known->lists[i].file_bytes;
    return known->list_count == MAX_LISTS || bytes > MAX_KEPT_BYTES;
}

int hwlock_revocations_join(hwlock_revocations *known, const hwlock_revocation *listed)
{
    if (known->list_count > 0 && !span_is(known->lists[0].product, listed->product)) /* 1 */
        return HWLOCK_PRODUCT_OTHER;
    if (listed->number <= known->number) /* 2 */
        return HWLOCK_OK;
    if (revoked_since(known, "issuer", listed->issuer_kid, KID_BYTES) != HWLOCK_PERPETUAL) /* 3 */
        return HWLOCK_REVOKED_SIGNER;
    if (listed->base > known->number || (listed->base != 0 && is_large(known, listed))) /* 4 */
        return HWLOCK_REVOKED_GAP;
    if (listed->base == 0) /* 5 */
        known->list_count = 0;
    known->lists[known->list_count++] = *listed;
    known->number = listed->number;
    return HWLOCK_OK;
}

int64_t revoked_since(const hwlock_revocations *known, const char *kind, const uint8_t *subject,
                      size_t subject_bytes)
{
    int64_t since = HWLOCK_PERPETUAL;
    hwlock_span wanted = {subject, subject_bytes};
    for (uint32_t i = 0; i < known->list_count; i++) {
        const uint8_t *at = known->lists[i].entries;
        for (uint32_t j = 0; j < known->lists[i].entry_count; j++, at = cbor_skip(at)) {
            int code = HWLOCK_OK;
            entry one = read_entry(fields_of(at, &code));
            if (span_says(one.kind, kind) && span_is(one.subject, wanted) &&
                (since == HWLOCK_PERPETUAL || one.since < since))
                since = one.since;
        }
    }
    return since;
}

int revoked_device(const hwlock_revocations *known, const hwlock_anchor *anchor, int64_t time)
{
    uint8_t subject[DEVICE_BYTES];
    if (anchor->component_count > 0)
        host_subject(anchor, subject);
    else if (anchor->key.raw_bytes > 0)
        hwlock_sha256(subject, anchor->key.raw, anchor->key.raw_bytes);
    else if (anchor->rsa.bytes > 0)
        hwlock_sha256(subject, anchor->rsa.at, anchor->rsa.bytes);
    else
        hwlock_sha256(subject, anchor->uri.at, anchor->uri.bytes);
    int64_t since = revoked_since(known, "device", subject, sizeof subject);
    return since != HWLOCK_PERPETUAL && time >= since;
}
