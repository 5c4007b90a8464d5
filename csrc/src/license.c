/* The license file (docs/spec/files.md sections 4 and 9). */
#include <string.h>

#include "amendments.h"
#include "binding.h"
#include "content_keys.h"
#include "keys.h"
#include "model.h"
#include "trust.h"

enum { ID_BYTES = 16, MAX_FEATURES = 64 };

static void read_license(hwlock_license *license, const uint8_t *payload, int *code)
{
    fields claims = fields_of(payload, code), own = fields_map(&claims, OURS);
    int has_keys = fields_has(&own, 7);
    fields keys = has_keys ? fields_map(&own, 7) : own;
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
    key_confirmed(&license->key, &claims);
    license->model.maintained_until = -1;
    if (fields_has(&own, 5))
        model_read(&license->model, fields_of(fields_raw(&own, 5), code));
    if (has_keys)
        content_keys_read(keys);
    amendments_read(license, &own);
    fields_done(&own);
    fields_done(&claims);
    if (*code == HWLOCK_OK && !model_fits(license))
        *code = HWLOCK_FIELD_MODEL;
    if (*code == HWLOCK_OK && !amendments_fit(license))
        *code = HWLOCK_FIELD_AMENDMENT;
}

static int verify(hwlock_license *license, const hwlock_product *product, opened *file)
{
    issuer by;
    if (!span_is(license->product, product->id))
        return HWLOCK_PRODUCT_OTHER;
    int code = issuer_verify(&by, product, file, license->issued_at);
    license->issuer = by.name;
    memcpy(license->issuer_kid, by.key.kid, sizeof license->issuer_kid);
    return code == HWLOCK_OK ? issuer_allows(&by, license) : code;
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
    return span_among(wanted, license->features, license->feature_count);
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
