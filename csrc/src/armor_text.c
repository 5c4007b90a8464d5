/* Each step reads the whole text and writes it shorter, in place; UTF-16 alone makes it longer. */
#include "armor_text.h"

#include <string.h>

#include "entities.h"
#include "text.h"

static uint8_t *put_utf8(uint8_t *to, uint32_t point)
{
    if (point < 0x80) {
        *to++ = (uint8_t)point;
    } else if (point < 0x800) {
        *to++ = (uint8_t)(0xc0 | point >> 6);
        *to++ = (uint8_t)(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
        *to++ = (uint8_t)(0xe0 | point >> 12);
        *to++ = (uint8_t)(0x80 | (point >> 6 & 0x3f));
        *to++ = (uint8_t)(0x80 | (point & 0x3f));
    } else {
        *to++ = (uint8_t)(0xf0 | point >> 18);
        *to++ = (uint8_t)(0x80 | (point >> 12 & 0x3f));
        *to++ = (uint8_t)(0x80 | (point >> 6 & 0x3f));
        *to++ = (uint8_t)(0x80 | (point & 0x3f));
    }
    return to;
}

/* What stands after the byte order mark, in UTF-8; half a pair, or half a unit, is dropped. */
static size_t from_utf16(uint8_t *work, const uint8_t *text, size_t bytes)
{
    size_t high = text[0] == 0xff ? 1 : 0; /* place of the high byte in a unit */
    uint8_t *to = work;
    for (size_t at = 2; at + 1 < bytes; at += 2) {
        uint32_t unit = (uint32_t)text[at + high] << 8 | text[at + 1 - high];
        if (unit >= 0xd800 && unit <= 0xdbff && at + 3 < bytes) {
            uint32_t low = (uint32_t)text[at + 2 + high] << 8 | text[at + 3 - high];
            if (low >= 0xdc00 && low <= 0xdfff) {
                to = put_utf8(to, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
                at += 2;
                continue;
            }
        }
        if (unit < 0xd800 || unit > 0xdfff)
            to = put_utf8(to, unit);
    }
    return (size_t)(to - work);
}

/* The value of a hexadecimal digit; 16 for what is none. */
static unsigned hex(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10u : 16;
}

/* RFC 2045 section 6.7: an escape becomes its byte, a soft line break nothing. */
static size_t from_quoted_printable(uint8_t *work, size_t bytes)
{
    size_t to = 0;
    for (size_t at = 0; at < bytes;) {
        uint8_t c = work[at++];
        if (c != '=') {
            work[to++] = c;
        } else if (at < bytes && (work[at] == '\r' || work[at] == '\n')) {
            at += work[at] == '\r' && at + 1 < bytes && work[at + 1] == '\n' ? 2 : 1;
        } else if (at < bytes && work[at] == '=') {
            at++;
        } else if (at + 1 < bytes && hex(work[at]) < 16 && hex(work[at + 1]) < 16) {
            work[to++] = (uint8_t)(hex(work[at]) << 4 | hex(work[at + 1]));
            at += 2;
        }
    }
    return to;
}

static int is_dash(uint32_t point)
{
    return (point >= 0x2010 && point <= 0x2015) || point == 0x2043 || point == 0x2212 ||
           point == 0xfe58 || point == 0xfe63 || point == 0xff0d;
}

/* Plain dashes and the visible characters of ASCII; text that is not UTF-8 is Windows-1252. */
static size_t to_ascii(uint8_t *work, size_t bytes)
{
    int wide = utf8_valid(work, bytes) == bytes;
    size_t to = 0;
    for (size_t at = 0, size = 1; at < bytes; at += size) {
        uint32_t point = work[at];
        if (wide)
            size = utf8_next(work + at, bytes - at, &point);
        else if (point == 0x96 || point == 0x97)
            point = 0x2013;
        if (is_dash(point))
            work[to++] = '-';
        else if (point > ' ' && point <= '~')
            work[to++] = (uint8_t)point;
    }
    return to;
}

/* Read the digits of a numeric reference after "&#"; return how many characters they have. */
static size_t number(const uint8_t *at, size_t left, uint32_t *point)
{
    size_t hexadecimal = left > 0 && (at[0] == 'x' || at[0] == 'X'), size = hexadecimal;
    uint32_t base = hexadecimal ? 16 : 10;
    *point = 0;
    for (; size < left && hex(at[size]) < base; size++)
        *point = *point > 0x10ffff ? *point : *point * base + hex(at[size]);
    return size > hexadecimal ? size : 0;
}

/* Replace the reference that begins after the `&` at `at`: write at most two characters to
 * `to`; return how many characters of it were read, 0 where it is none. */
static size_t reference(uint8_t **to, const uint8_t *at, size_t left)
{
    if (left > 0 && at[0] == '#') {
        uint32_t point;
        size_t size = number(at + 1, left - 1, &point);
        if (size == 0)
            return 0;
        if (is_dash(point) || point == 0x96 || point == 0x97)
            *(*to)++ = '-';
        else if (point > ' ' && point <= '~')
            *(*to)++ = (uint8_t)point;
        return 1 + size + (1 + size < left && at[1 + size] == ';');
    }
    const char *means;
    size_t size = entity_find(at, left, &means);
    while (size > 0 && *means != '\0')
        *(*to)++ = (uint8_t)*means++;
    return size;
}

static size_t from_html(uint8_t *work, size_t bytes)
{
    uint8_t *to = work;
    for (size_t at = 0; at < bytes;) {
        uint8_t c = work[at++];
        if (c == '&')
            at += reference(&to, work + at, bytes - at);
        else
            *to++ = c;
    }
    return (size_t)(to - work);
}

static int is_kept(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           c == '+' || c == '/' || c == '-';
}

size_t armor_clean(uint8_t *work, const uint8_t *text, size_t bytes)
{
    size_t kept = 0;
    if (bytes >= 2 && ((text[0] == 0xff && text[1] == 0xfe) || (text[0] == 0xfe && text[1] == 0xff)))
        bytes = from_utf16(work, text, bytes);
    else
        memcpy(work, text, bytes);
    if (memchr(work, '=', bytes) != NULL)
        bytes = from_quoted_printable(work, bytes);
    bytes = to_ascii(work, bytes);
    if (memchr(work, '&', bytes) != NULL)
        bytes = from_html(work, bytes);
    for (size_t at = 0; at < bytes; at++) {
        if (is_kept(work[at]))
            work[kept++] = work[at];
    }
    return kept;
}
