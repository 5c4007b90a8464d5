/* The product file (docs/spec/files.md section 2). */
#include <string.h>

#include "cbor.h"
#include "files.h"
#include "keys.h"
#include "product.h"

enum { MAX_ROOTS = 4, MAX_FORMER = 4, MAX_APPOINTED = 64 };
enum { MAX_ENDORSEMENTS = 8, MAX_ENDORSEMENT_BYTES = 1024 };
enum { KID_BYTES = 16, KID_ITEM_BYTES = 1 + KID_BYTES }; /* a head of one byte */

/* Return what follows a byte string of so many bytes. */
static const uint8_t *skip_bytes(const uint8_t *at, size_t least, size_t most, int *code)
{
    unsigned type;
    uint64_t bytes;
    cbor_head(at, &type, &bytes);
    if (type != CBOR_BYTES)
        fault_at(code, HWLOCK_FIELD_TYPE);
    else if (bytes < least || bytes > most)
        fault_at(code, least == most    ? HWLOCK_FIELD_SIZE
                       : bytes < least ? HWLOCK_FIELD_SHORT
                                       : HWLOCK_FIELD_LONG);
    return cbor_skip(at);
}

/* A member that is a list, and not an empty one; nothing where it is absent. */
static list list_if_any(fields *f, int64_t key, size_t max_items)
{
    list values = {NULL, 0};
    if (!fields_has(f, key))
        return values;
    values = fields_list(f, key, max_items);
    if (values.count == 0)
        fault_at(f->code, HWLOCK_FIELD_EMPTY);
    return values;
}

static void read_former(hwlock_former *former, fields f)
{
    key_read(&former->root, fields_map(&f, 1));
    list kids = fields_list(&f, 2, MAX_APPOINTED);
    if (kids.count == 0)
        fault_at(f.code, HWLOCK_FIELD_EMPTY);
    former->appointed.at = kids.at;
    former->appointed.bytes = kids.count * KID_ITEM_BYTES;
    for (size_t i = 0; i < kids.count && *f.code == HWLOCK_OK; i++)
        kids.at = skip_bytes(kids.at, KID_BYTES, KID_BYTES, f.code);
    fields_done(&f);
}

static void read_succession(hwlock_product *product, fields *own)
{
    list former = list_if_any(own, 3, MAX_FORMER);
    for (; product->former_count < former.count && *own->code == HWLOCK_OK;
         product->former_count++) {
        read_former(&product->former[product->former_count], fields_of(former.at, own->code));
        former.at = cbor_skip(former.at);
    }
    list endorsements = list_if_any(own, 4, MAX_ENDORSEMENTS);
    for (size_t i = 0; i < endorsements.count && *own->code == HWLOCK_OK; i++)
        endorsements.at = skip_bytes(endorsements.at, 1, MAX_ENDORSEMENT_BYTES, own->code);
}

static void read_product(hwlock_product *product, const uint8_t *payload, int *code)
{
    fields claims = fields_of(payload, code), own = fields_map(&claims, OURS);
    list roots = fields_list(&own, 2, MAX_ROOTS);
    for (; product->root_count < roots.count; product->root_count++) {
        if (*code != HWLOCK_OK)
            return;
        key_read(&product->roots[product->root_count], fields_of(roots.at, code));
        roots.at = cbor_skip(roots.at);
    }
    product->id = fields_text(&claims, SUB, MAX_ID_BYTES);
    product->name = fields_text(&own, 1, MAX_WORD_BYTES);
    product->vendor = fields_text(&claims, ISS, MAX_WORD_BYTES);
    product->issued_at = fields_time(&claims, IAT);
    read_succession(product, &own);
    fields_done(&own);
    fields_done(&claims);
    if (product->root_count == 0)
        fault_at(code, HWLOCK_FIELD_EMPTY);
}

int hwlock_product_open(hwlock_product *product, const uint8_t *file, size_t file_bytes,
                        uint8_t *work, size_t work_bytes, hwlock_fault *fault)
{
    opened read;
    memset(product, 0, sizeof *product);
    int code = file_open(&read, file, file_bytes, "PRODUCT", "application/hwlock-product", work,
                         work_bytes);
    if (code == HWLOCK_OK)
        read_product(product, read.envelope.payload.at, &code);
    if (code == HWLOCK_OK)
        code = key_open(&product->roots[0], &read.envelope, 0, read.work);
    if (code != HWLOCK_OK)
        memset(product, 0, sizeof *product);
    return file_close(&read, code, fault);
}

const hwlock_key *product_root(const hwlock_product *product, hwlock_span kid,
                               hwlock_span *appointed)
{
    static const hwlock_span anybody = {NULL, 0};
    *appointed = anybody;
    for (size_t i = 0; i < product->root_count; i++) {
        if (memcmp(product->roots[i].kid, kid.at, KID_BYTES) == 0)
            return &product->roots[i];
    }
    for (size_t i = 0; i < product->former_count; i++) {
        *appointed = product->former[i].appointed;
        if (memcmp(product->former[i].root.kid, kid.at, KID_BYTES) == 0)
            return &product->former[i].root;
    }
    return NULL;
}

int product_appoints(hwlock_span appointed, const hwlock_key *key)
{
    int found = appointed.bytes == 0;
    for (size_t at = 0; at < appointed.bytes; at += KID_ITEM_BYTES)
        found |= memcmp(appointed.at + at + 1, key->kid, KID_BYTES) == 0;
    return found;
}
