/* A text is in normalization form C when writing it in that form changes nothing: every
 * character is taken apart, the parts are put into their order, and joined again.
 *
 * Tables are of 64-bit words that are in order, so that they are searched by halving.
 */
#include "normal.h"

#include "normal_tables.h"
#include "text.h"

/* A character of two bytes comes apart into at most three, one of three or four bytes into at
 * most four. */
enum { MAX_PARTS = TEXT_MAX_BYTES / 2 * 3 + 4 };

/* Hangul syllables are computed (The Unicode Standard, section 3.12). */
enum { S = 0xac00, L = 0x1100, V = 0x1161, T = 0x11a7, LS = 19, VS = 21, TS = 28 };

typedef struct parts {
    uint32_t point[MAX_PARTS];
    uint8_t order[MAX_PARTS]; /* canonical combining class */
    size_t count;
} parts;

/* The last word of a table that is not above `key`; its first if all are. */
static uint64_t at_most(const uint64_t *table, size_t count, uint64_t key)
{
    size_t low = 0, high = count;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (table[middle] <= key)
            low = middle;
        else
            high = middle;
    }
    return table[low];
}

#define LENGTH(table) (sizeof(table) / sizeof(table)[0])

/* A row of NORMAL_ORDER: first, last, class. */
static uint8_t order_of(uint32_t point)
{
    uint64_t row = at_most(NORMAL_ORDER, LENGTH(NORMAL_ORDER), (uint64_t)point << 32 | 0xffffffff);
    uint32_t first = (uint32_t)(row >> 32), last = (uint32_t)(row >> 8) & 0xffffff;
    return point >= first && point <= last ? (uint8_t)row : 0;
}

static void add(parts *to, uint32_t point)
{
    uint8_t order = order_of(point);
    size_t place = to->count++;
    for (; order != 0 && place > 0 && to->order[place - 1] > order; place--) {
        to->point[place] = to->point[place - 1];
        to->order[place] = to->order[place - 1];
    }
    to->point[place] = point;
    to->order[place] = order;
}

/* A row of NORMAL_APART: character, its two parts; the second is 0 where there is one. Only the
 * first part comes apart again, at most twice. */
static void take_apart(parts *to, uint32_t point)
{
    uint32_t later[4];
    size_t count = 0;
    if (point >= S && point < S + LS * VS * TS) {
        uint32_t index = point - S;
        add(to, L + index / (VS * TS));
        add(to, V + index % (VS * TS) / TS);
        if (index % TS != 0)
            add(to, T + index % TS);
        return;
    }
    while (count < 4) {
        uint64_t row = at_most(NORMAL_APART, LENGTH(NORMAL_APART), (uint64_t)(point + 1) << 42);
        if (row >> 42 != point)
            break;
        later[count++] = (uint32_t)row & 0x1fffff;
        point = (uint32_t)(row >> 21) & 0x1fffff;
    }
    add(to, point);
    while (count-- > 0) {
        if (later[count] != 0)
            add(to, later[count]);
    }
}

/* A row of NORMAL_JOINED: two parts, the character. 0 where the two do not join. */
static uint32_t join(uint32_t a, uint32_t b)
{
    if (a >= L && a < L + LS && b >= V && b < V + VS)
        return S + ((a - L) * VS + b - V) * TS;
    if (a >= S && a < S + LS * VS * TS && (a - S) % TS == 0 && b > T && b < T + TS)
        return a + b - T;
    uint64_t pair = (uint64_t)a << 42 | (uint64_t)b << 21;
    uint64_t row = at_most(NORMAL_JOINED, LENGTH(NORMAL_JOINED), pair | 0x1fffff);
    return row >> 21 == pair >> 21 ? (uint32_t)row & 0x1fffff : 0;
}

static void join_all(parts *p)
{
    size_t starter = MAX_PARTS, kept = 0;
    for (size_t i = 0; i < p->count; i++) {
        uint32_t point = p->point[i], joined = 0;
        uint8_t order = p->order[i];
        /* nothing between the two has the same class or a higher one, or none */
        if (starter < kept && (starter + 1 == kept || p->order[kept - 1] < order))
            joined = join(p->point[starter], point);
        if (joined != 0) {
            p->point[starter] = joined;
            continue;
        }
        if (order == 0)
            starter = kept;
        p->point[kept] = point;
        p->order[kept++] = order;
    }
    p->count = kept;
}

int is_normal(const uint32_t *points, size_t count)
{
    parts p;
    p.count = 0;
    for (size_t i = 0; i < count; i++)
        take_apart(&p, points[i]);
    join_all(&p);
    int same = p.count == count;
    for (size_t i = 0; i < count && same; i++)
        same = p.point[i] == points[i];
    return same;
}
