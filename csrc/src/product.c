/* The product file (docs/spec/files.md section 2). */
#include <string.h>

#include "cbor.h"
#include "files.h"
#include "keys.h"

enum { MAX_ROOTS = 4 };

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
