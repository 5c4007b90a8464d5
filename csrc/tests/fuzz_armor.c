/* Any text: it is refused, or its data is in the caller's memory. The first byte chooses what is
 * expected. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const labels[3] = {NULL, "REQUEST", "LICENSE"};
    if (size == 0)
        return 0;
    const char *expected = labels[data[0] % 3];
    size_t bytes = size - 1, max_bytes = data[0] & 0x80 ? 64 : HWLOCK_MAX_FILE;
    uint8_t *text = copy_of(data + 1, bytes), *work = (uint8_t *)malloc(bytes + bytes / 2 + 1);
    hwlock_block block;
    hwlock_fault fault;
    EXPECT(work != NULL);
    int code = hwlock_armor_read(&block, text, bytes, expected, max_bytes, work,
                                 bytes + bytes / 2, &fault);
    EXPECT(fault.code == code && code != HWLOCK_ROOM);
    EXPECT(memchr(block.label, 0, sizeof block.label) != NULL);
    if (code == HWLOCK_OK) {
        int armored = block.label[0] != '\0';
        EXPECT(is_inside(block.data, armored ? work : text, bytes));
        EXPECT(block.data.bytes > 0 && block.data.bytes <= max_bytes);
        EXPECT(!armored || expected == NULL || strcmp(block.label, expected) == 0);
    }
    free(work);
    free(text);
    return 0;
}
