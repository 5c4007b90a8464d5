#include "content_keys.h"

#include "cbor.h"

enum { MAX_KEYS = 16, MAX_SHARES = 64, MAX_PARTS = 32 };
enum { KEY_ID_BYTES = 16, MAX_NAME_BYTES = 64, TAG_BYTES = 16, SEALED_KEY_BYTES = 32 + TAG_BYTES };
enum { POINT_BYTES = 64, MAX_PART_BYTES = 1024 };

static void read_key(fields f)
{
    fields_bytes(&f, 1, KEY_ID_BYTES);
    fields_text(&f, 2, MAX_NAME_BYTES);
    fields_bytes(&f, 3, SEALED_KEY_BYTES);
    fields_done(&f);
}

static void read_share(fields f)
{
    list parts = fields_list(&f, 2, MAX_PARTS);
    fields_bytes_within(&f, 1, 0, POINT_BYTES);
    for (size_t i = 0; i < parts.count; i++) {
        unsigned type;
        uint64_t bytes;
        cbor_head(parts.at, &type, &bytes);
        if (type != CBOR_BYTES || bytes <= TAG_BYTES || bytes > MAX_PART_BYTES)
            fault_at(f.code, HWLOCK_FIELD_POLICY);
        parts.at = cbor_skip(parts.at);
    }
    fields_done(&f);
}

void content_keys_read(fields f)
{
    list keys = fields_list(&f, 1, MAX_KEYS), shares = fields_list(&f, 2, MAX_SHARES);
    for (size_t i = 0; i < keys.count && *f.code == HWLOCK_OK; i++) {
        read_key(fields_of(keys.at, f.code));
        keys.at = cbor_skip(keys.at);
    }
    for (size_t i = 0; i < shares.count && *f.code == HWLOCK_OK; i++) {
        read_share(fields_of(shares.at, f.code));
        shares.at = cbor_skip(shares.at);
    }
    fields_done(&f);
}
