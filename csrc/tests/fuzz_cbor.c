/* Any bytes: refused at a place that is there, or written back the same from the items. */
#include "cbor.h"
#include "fuzz.h"

static void write_back(const hwlock_item *items, size_t count, const uint8_t *data, size_t size)
{
    uint8_t *again = (uint8_t *)malloc(size + 9), *to = again;
    EXPECT(again != NULL);
    for (size_t i = 0; i < count; i++) {
        if (items[i].type == CBOR_SIMPLE)
            *to++ = (uint8_t)items[i].number;
        else
            to = cbor_write_head(to, items[i].type, items[i].number);
        if (items[i].type == CBOR_BYTES || items[i].type == CBOR_TEXT) {
            memcpy(to, data + items[i].at, (size_t)items[i].number);
            to += items[i].number;
        }
    }
    EXPECT((size_t)(to - again) == size && memcmp(again, data, size) == 0);
    EXPECT(cbor_skip(data) == data + size);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = copy_of(data, size);
    size_t room = size < CBOR_MAX_ITEMS ? size : CBOR_MAX_ITEMS, count = room, offset;
    hwlock_item *items = (hwlock_item *)malloc(room * sizeof *items + 1);
    hwlock_fault fault;
    hwlock_envelope envelope;
    hwlock_span whole = {copy, size};
    EXPECT(items != NULL);
    int code = hwlock_cbor_read(items, &count, copy, size, HWLOCK_MAX_FILE, CBOR_MAX_DEPTH,
                                CBOR_MAX_ITEMS, &fault);
    EXPECT(code == cbor_check(whole, CBOR_MAX_DEPTH, &offset) && code != HWLOCK_ROOM);
    if (code == HWLOCK_OK)
        write_back(items, count, copy, size);
    else
        EXPECT(fault.offset <= size && fault.offset == offset);
    if (hwlock_envelope_read(&envelope, copy, size, NULL, HWLOCK_MAX_FILE, NULL) == HWLOCK_OK) {
        EXPECT(code == HWLOCK_OK && is_inside(envelope.payload, copy, size));
        EXPECT(envelope.signature.bytes == 64 && envelope.kid.bytes == 16);
    }
    free(items);
    free(copy);
    return 0;
}
