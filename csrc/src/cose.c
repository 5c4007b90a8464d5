/* Reading verifies nothing. What was signed is cut from the bytes that were received. The rules
 * have the numbers of docs/spec/encoding.md section 2. */
#include "cose.h"

#include <string.h>

#include "cbor.h"

enum { KID_BYTES = 16, SIGNATURE_BYTES = 64, MAX_TYP_BYTES = 64 };
enum { FILE_DEPTH = 3, HEADER_DEPTH = 4 };

/* Labels of the protected header; a negative one as CBOR has it, -1 - label. */
enum { ALG = 1, KID = 4, TYP = 16, DELEGATION = 69999 };

static int refuse(hwlock_fault *fault, int code, size_t found)
{
    fault->code = code;
    fault->found = found;
    return code;
}

/* Take the byte string at *at, which moves on; 0 where there is another type. */
static int take_bytes(hwlock_span *span, const uint8_t **at)
{
    unsigned type;
    uint64_t number;
    const uint8_t *content = cbor_head(*at, &type, &number);
    if (type != CBOR_BYTES)
        return 0;
    span->at = content;
    span->bytes = (size_t)number;
    *at = content + number;
    return 1;
}

/* 1 and 3 to 5: the array. Types are looked at before contents. */
static int read_array(hwlock_envelope *envelope, const uint8_t *at, hwlock_fault *fault)
{
    unsigned type;
    uint64_t number;
    at = cbor_head(at, &type, &number);
    if (type != CBOR_TAG)
        return refuse(fault, HWLOCK_COSE_SHAPE, 0);
    at = cbor_head(at, &type, &number);
    if (type != CBOR_ARRAY || number != 4 || !take_bytes(&envelope->protected_header, &at))
        return refuse(fault, HWLOCK_COSE_SHAPE, 0);
    const uint8_t *unprotected = at;
    at = cbor_skip(at);
    if (!take_bytes(&envelope->payload, &at) || !take_bytes(&envelope->signature, &at))
        return refuse(fault, HWLOCK_COSE_SHAPE, 0);
    if (unprotected[0] != CBOR_MAP << 5)
        return refuse(fault, HWLOCK_COSE_UNPROTECTED, 0);
    if (envelope->signature.bytes != SIGNATURE_BYTES)
        return refuse(fault, HWLOCK_COSE_SIGNATURE, envelope->signature.bytes);
    return HWLOCK_OK;
}

/* Short, visible ASCII with one slash. */
static int is_media_type(hwlock_span typ)
{
    size_t slashes = 0;
    for (size_t i = 0; i < typ.bytes; i++) {
        if (typ.at[i] <= ' ' || typ.at[i] > '~')
            return 0;
        slashes += typ.at[i] == '/';
    }
    return slashes == 1 && typ.bytes <= MAX_TYP_BYTES;
}

/* Where the values of the members stand, or NULL. */
typedef struct members {
    const uint8_t *alg, *kid, *typ, *delegation;
} members;

static int find_members(members *found, const uint8_t *at, hwlock_fault *fault)
{
    unsigned type, key_type;
    uint64_t count, key;
    at = cbor_head(at, &type, &count);
    if (type != CBOR_MAP)
        return refuse(fault, HWLOCK_COSE_HEADER, 0);
    while (count-- > 0) {
        const uint8_t *value = cbor_head(at, &key_type, &key);
        if (key_type == CBOR_UINT && key == ALG)
            found->alg = value;
        else if (key_type == CBOR_UINT && key == KID)
            found->kid = value;
        else if (key_type == CBOR_UINT && key == TYP)
            found->typ = value;
        else if (key_type == CBOR_NINT && key == DELEGATION)
            found->delegation = value;
        else
            return refuse(fault, HWLOCK_COSE_HEADER, 0);
        at = cbor_skip(value);
    }
    if (found->alg == NULL || found->kid == NULL || found->typ == NULL)
        return refuse(fault, HWLOCK_COSE_HEADER, 0);
    return HWLOCK_OK;
}

/* 2: the protected header, which is CBOR in a byte string. */
static int read_header(hwlock_envelope *envelope, hwlock_fault *fault)
{
    unsigned type;
    uint64_t number;
    size_t offset;
    members found = {NULL, NULL, NULL, NULL};
    if (cbor_check(envelope->protected_header, HEADER_DEPTH, &offset) != HWLOCK_OK) {
        fault->offset = offset;
        return refuse(fault, HWLOCK_COSE_PROTECTED, 0);
    }
    int code = find_members(&found, envelope->protected_header.at, fault);
    if (code != HWLOCK_OK)
        return code;
    cbor_head(found.alg, &type, &number);
    envelope->alg = number == 6 ? COSE_ES256 : COSE_EDDSA; /* -1 - number */
    if (type != CBOR_NINT || (number != 6 && number != 7))
        return refuse(fault, HWLOCK_COSE_ALG, 0);
    if (!take_bytes(&envelope->kid, &found.kid) || envelope->kid.bytes != KID_BYTES)
        return refuse(fault, HWLOCK_COSE_KID, 0);
    envelope->typ.at = cbor_head(found.typ, &type, &number);
    envelope->typ.bytes = (size_t)number;
    if (type != CBOR_TEXT || !is_media_type(envelope->typ))
        return refuse(fault, HWLOCK_COSE_TYP_FORM, 0);
    if (found.delegation != NULL && !take_bytes(&envelope->delegation, &found.delegation))
        return refuse(fault, HWLOCK_COSE_DELEGATION, 0);
    return HWLOCK_OK;
}

int cose_read(hwlock_envelope *envelope, hwlock_span file, const char *typ, size_t max_bytes,
              hwlock_fault *fault)
{
    memset(envelope, 0, sizeof *envelope);
    int code = hwlock_cbor_read(NULL, NULL, file.at, file.bytes, max_bytes, FILE_DEPTH,
                                CBOR_MAX_ITEMS, fault);
    if (code == HWLOCK_OK)
        code = read_array(envelope, file.at, fault);
    if (code == HWLOCK_OK)
        code = read_header(envelope, fault);
    if (code == HWLOCK_OK && typ != NULL &&
        (strlen(typ) != envelope->typ.bytes || memcmp(typ, envelope->typ.at, strlen(typ)) != 0))
        code = refuse(fault, HWLOCK_COSE_TYP, 0); /* 6 */
    return code;
}

int hwlock_envelope_read(hwlock_envelope *envelope, const uint8_t *file, size_t file_bytes,
                         const char *expected_typ, size_t max_bytes, hwlock_fault *fault)
{
    hwlock_fault unwanted;
    hwlock_span whole = {file, file_bytes};
    return cose_read(envelope, whole, expected_typ, max_bytes, fault != NULL ? fault : &unwanted);
}

static uint8_t *put_bytes(uint8_t *to, hwlock_span span)
{
    to = cbor_write_head(to, CBOR_BYTES, span.bytes);
    if (span.bytes > 0)
        memcpy(to, span.at, span.bytes);
    return to + span.bytes;
}

size_t cose_to_be_signed(uint8_t *room, const hwlock_envelope *envelope)
{
    static const uint8_t begin[12] = "\x84\x6aSignature1"; /* and no zero */
    uint8_t *to = room;
    memcpy(to, begin, sizeof begin);
    to = put_bytes(to + sizeof begin, envelope->protected_header);
    *to++ = CBOR_BYTES << 5; /* no external data */
    to = put_bytes(to, envelope->payload);
    return (size_t)(to - room);
}
