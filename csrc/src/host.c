#include "host.h"

#include <string.h>

#include "cbor.h"
#include "sha2.h"

enum { MAX_COMPONENTS = 32, MAX_KIND_BYTES = 32, MAX_WEIGHT = 100 };
enum { SALT_BYTES = 16, DIGEST_BYTES = 16 };

typedef struct component {
    hwlock_span kind;
    hwlock_span digest;
    uint32_t weight;
} component;

static int is_kind(hwlock_span kind)
{
    for (size_t i = 0; i < kind.bytes; i++) {
        uint8_t c = kind.at[i];
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-')
            return 0;
    }
    return kind.bytes > 0;
}

static component read_component(fields f)
{
    component read;
    read.kind = fields_text(&f, 1, MAX_KIND_BYTES);
    read.digest = fields_bytes(&f, 2, DIGEST_BYTES);
    read.weight = fields_uint(&f, 3, MAX_WEIGHT);
    fields_done(&f);
    if (!is_kind(read.kind) || read.weight < 1)
        fault_at(f.code, HWLOCK_HOST_CLAIMS);
    return read;
}

/* Read all components from `at` on, which differ. */
static void read_components(component all[MAX_COMPONENTS], const uint8_t *at, size_t count,
                            int *code)
{
    for (size_t i = 0; i < count && *code == HWLOCK_OK; i++) {
        all[i] = read_component(fields_of(at, code));
        at = cbor_skip(at);
    }
    for (size_t i = 0; i < count && *code == HWLOCK_OK; i++) {
        for (size_t j = 0; j < i; j++) {
            if (span_is(all[i].digest, all[j].digest))
                *code = HWLOCK_HOST_CLAIMS;
        }
    }
}

static int is_unique(hwlock_span kind)
{
    return span_says(kind, "device-tree") || span_says(kind, "disk") ||
           span_says(kind, "firmware-uuid") || span_says(kind, "nic") ||
           span_says(kind, "board-serial") || span_says(kind, "system-serial");
}

static uint32_t total_of(const component *all, size_t count)
{
    uint32_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += all[i].weight;
    return total;
}

/* The least score that shows two kinds, and one of them unique. */
static uint32_t floor_of(const component *all, size_t count)
{
    uint32_t shared = 0, most = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t of_kind = 0;
        for (size_t j = 0; j < count; j++)
            of_kind += span_is(all[i].kind, all[j].kind) ? all[j].weight : 0;
        most = of_kind > most ? of_kind : most;
        shared += is_unique(all[i].kind) ? 0 : all[i].weight;
    }
    return 1 + (shared > most ? shared : most);
}

void host_read(hwlock_anchor *anchor, fields *f)
{
    component all[MAX_COMPONENTS];
    fields claims = fields_map(f, 5);
    anchor->salt = fields_bytes(&claims, 1, SALT_BYTES);
    list rows = fields_list(&claims, 2, MAX_COMPONENTS);
    fields_done(&claims);
    if (rows.count == 0)
        fault_at(f->code, HWLOCK_HOST_CLAIMS);
    read_components(all, rows.at, rows.count, f->code);
    if (*f->code != HWLOCK_OK)
        return;
    uint32_t total = total_of(all, rows.count);
    anchor->needed = fields_uint(f, 6, total);
    /* neither for nothing nor out of reach: a machine that changed nothing must fit */
    if (anchor->needed < 1 || floor_of(all, rows.count) > total)
        fault_at(f->code, HWLOCK_FIELD_POLICY);
    anchor->components.at = rows.at;
    anchor->component_count = (uint32_t)rows.count;
    for (size_t i = 0; i < rows.count; i++)
        rows.at = cbor_skip(rows.at);
    anchor->components.bytes = (size_t)(rows.at - anchor->components.at);
}

int host_is_same(const hwlock_anchor *a, const hwlock_anchor *b)
{
    component of_a[MAX_COMPONENTS], of_b[MAX_COMPONENTS];
    int code = HWLOCK_OK, same = 1;
    if (a->needed != b->needed || a->component_count != b->component_count ||
        !span_is(a->salt, b->salt))
        return 0;
    read_components(of_a, a->components.at, a->component_count, &code);
    read_components(of_b, b->components.at, b->component_count, &code);
    for (size_t i = 0; i < a->component_count; i++)
        same &= span_is(of_a[i].digest, of_b[i].digest);
    return same;
}

/* The bits of those components of the license that this part of the machine is. */
static uint32_t same_as(const component *all, size_t count, hwlock_span kind,
                        const uint8_t digest[32])
{
    uint32_t same = 0;
    for (size_t i = 0; i < count; i++) {
        /* no early way out: how far the comparison got stays unknown */
        uint32_t equal = (uint32_t)hwlock_equal(digest, all[i].digest.at, DIGEST_BYTES);
        same |= (equal & (uint32_t)span_is(kind, all[i].kind)) << i;
    }
    return same;
}

int hwlock_license_match(const hwlock_license *license, size_t number,
                         const hwlock_component *components, size_t count,
                         hwlock_match *match)
{
    component all[MAX_COMPONENTS];
    uint8_t digest[32];
    int code = HWLOCK_OK;
    memset(match, 0, sizeof *match);
    if (number >= license->anchor_count || license->anchors[number].component_count == 0)
        return HWLOCK_ANCHOR_OTHER;
    const hwlock_anchor *anchor = &license->anchors[number];
    read_components(all, anchor->components.at, anchor->component_count, &code);
    for (size_t i = 0; i < count; i++) {
        hwlock_span kind = {(const uint8_t *)components[i].kind, strlen(components[i].kind)};
        if (hwlock_fingerprint_digest(digest, anchor->salt.at, kind.at, kind.bytes,
                                      components[i].value,
                                      components[i].value_bytes) != HWLOCK_OK)
            return HWLOCK_BAD_INPUT;
        match->same |= same_as(all, anchor->component_count, kind, digest);
    }
    uint32_t least = floor_of(all, anchor->component_count);
    match->needed = anchor->needed > least ? anchor->needed : least;
    match->total = total_of(all, anchor->component_count);
    for (size_t i = 0; i < anchor->component_count; i++)
        match->score += match->same >> i & 1 ? all[i].weight : 0;
    return code;
}

uint32_t host_all(const hwlock_anchor *anchor)
{
    return (uint32_t)(((uint64_t)1 << anchor->component_count) - 1);
}

int host_knows(const hwlock_anchor *anchor, uint32_t same)
{
    component all[MAX_COMPONENTS];
    int code = HWLOCK_OK, known = 0;
    read_components(all, anchor->components.at, anchor->component_count, &code);
    for (size_t i = 0; i < anchor->component_count; i++)
        known |= (same >> i & 1) != 0 && is_unique(all[i].kind);
    return known;
}

void host_subject(const hwlock_anchor *anchor, uint8_t subject[32])
{
    component all[MAX_COMPONENTS];
    int code = HWLOCK_OK;
    uint32_t n = anchor->needed;
    uint8_t needed[4] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
    sha256 hash;
    sha256_init(&hash);
    sha256_update(&hash, needed, sizeof needed);
    sha256_update(&hash, anchor->salt.at, SALT_BYTES);
    read_components(all, anchor->components.at, anchor->component_count, &code);
    for (size_t i = 0; i < anchor->component_count; i++) {
        uint8_t weight = (uint8_t)all[i].weight; /* at most MAX_WEIGHT */
        sha256_update(&hash, all[i].digest.at, DIGEST_BYTES);
        sha256_update(&hash, &weight, 1);
        sha256_update(&hash, all[i].kind.at, all[i].kind.bytes);
        sha256_update(&hash, (const uint8_t *)"", 1);
    }
    sha256_final(&hash, subject);
}
