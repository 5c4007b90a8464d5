/* SHA-256 of several messages, two at a time. */
#include <string.h>

#include "dispatch.h"
#include "hwlock.h"
#include "sha2.h"
#include "word.h"

/* One of the two places: a message on its way. Its last one or two blocks, which hold the padding,
 * are compressed after its whole ones. */
typedef struct {
    hwlock_hashed *item; /* NULL: nothing left to do here */
    uint32_t state[8];
    const uint8_t *data;
    size_t blocks;
    uint8_t last[128];
    size_t last_blocks; /* 0 when they are what `data` points to */
} place;

static void begin(place *p, hwlock_hashed *item)
{
    sha256 h;
    size_t rest = item->message_bytes & 63;
    sha256_init(&h);
    memcpy(p->state, h.state, sizeof p->state);
    p->item = item;
    p->data = item->message;
    p->blocks = item->message_bytes / 64;
    p->last_blocks = rest < 56 ? 1 : 2;
    memset(p->last, 0, sizeof p->last);
    if (rest > 0)
        memcpy(p->last, item->message + (item->message_bytes - rest), rest);
    p->last[rest] = 0x80;
    store64_be(p->last + 64 * p->last_blocks - 8, (uint64_t)item->message_bytes << 3);
}

/* Go on to the blocks of padding, or to the next item; `next` moves on. */
static void proceed(place *p, hwlock_hashed **next, const hwlock_hashed *end)
{
    while (p->item != NULL && p->blocks == 0) {
        if (p->last_blocks > 0) {
            p->data = p->last;
            p->blocks = p->last_blocks;
            p->last_blocks = 0;
            continue;
        }
        for (int i = 0; i < 8; i++)
            store32_be(p->item->digest + 4 * i, p->state[i]);
        p->item = NULL;
        if (*next < end)
            begin(p, (*next)++);
    }
}

static void advance(place *p, size_t blocks)
{
    p->data += 64 * blocks;
    p->blocks -= blocks;
}

void hwlock_sha256_many(hwlock_hashed *items, size_t count)
{
    place p[2];
    hwlock_hashed *next = items;
    const hwlock_hashed *const end = items + count;
    for (int i = 0; i < 2; i++) {
        p[i].item = NULL;
        if (next < end)
            begin(&p[i], next++);
        proceed(&p[i], &next, end);
    }
    while (p[0].item != NULL || p[1].item != NULL) {
        int lone = p[0].item == NULL;
        if (p[0].item != NULL && p[1].item != NULL) {
            uint32_t *const state[2] = {p[0].state, p[1].state};
            const uint8_t *const data[2] = {p[0].data, p[1].data};
            size_t blocks = p[0].blocks < p[1].blocks ? p[0].blocks : p[1].blocks;
            sha256_blocks_two(state, data, blocks);
            advance(&p[0], blocks);
            advance(&p[1], blocks);
        } else {
            sha256_blocks(p[lone].state, p[lone].data, p[lone].blocks);
            advance(&p[lone], p[lone].blocks);
        }
        proceed(&p[0], &next, end);
        proceed(&p[1], &next, end);
    }
}
