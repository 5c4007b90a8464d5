#include "text.h"

#include "hwlock.h"
#include "normal.h"

size_t utf8_next(const uint8_t *at, size_t left, uint32_t *point)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t size = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    if (size == 1) {
        *point = at[0];
        return 1;
    }
    if (at[0] < 0xc2 || at[0] > 0xf4 || size > left)
        return 0;
    uint32_t value = at[0] & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (at[i] & 0x3f);
    }
    *point = value;
    if (value < least[size] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    return size;
}

size_t utf8_valid(const uint8_t *at, size_t bytes)
{
    size_t place = 0, size;
    uint32_t point;
    for (; place < bytes; place += size) {
        size = utf8_next(at + place, bytes - place, &point);
        if (size == 0)
            break;
    }
    return place;
}

/* Control characters, and what turns a line of text around or breaks it. */
static int deceives(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point <= 0x9f) ||
           (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

int hwlock_text_check(const uint8_t *text, size_t text_bytes)
{
    uint32_t points[TEXT_MAX_BYTES];
    size_t count = 0;
    int plain = 1, simple = 1;
    if (text_bytes > TEXT_MAX_BYTES)
        return HWLOCK_FIELD_LONG;
    for (size_t at = 0, size; at < text_bytes; at += size) {
        size = utf8_next(text + at, text_bytes - at, &points[count]);
        if (size == 0)
            return HWLOCK_CBOR_TEXT;
        plain &= !deceives(points[count]);
        simple &= points[count] < NORMAL_FIRST;
        count++;
    }
    return plain && (simple || is_normal(points, count)) ? HWLOCK_OK : HWLOCK_FIELD_TEXT;
}
