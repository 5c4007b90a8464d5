/* A name is looked for as HTML does: as a whole with its semicolon; else the longest of the old
 * names, which need none, that the text begins with. */
#include "entities.h"

#include <string.h>

#include "entity_names.h"

/* no longer name is one */
enum { MAX_NAME = 32 };

/* -1, 0 or 1 as the name at `row`, which a space ends, stands before `name`, is it, or after. */
static int order(const char *row, const uint8_t *name, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t c = (uint8_t)row[i];
        if (c != name[i])
            return c < name[i] ? -1 : 1;
    }
    return row[size] == ' ' ? 0 : 1;
}

/* Whether the names, each with a space after it and in order, have this one: by halving. */
static int has(const char *names, const uint8_t *name, size_t size)
{
    size_t low = 0, high = strlen(names); /* both at the beginning of a name */
    while (low < high) {
        size_t middle = (low + high) / 2;
        while (middle > low && names[middle - 1] != ' ')
            middle--;
        int found = order(names + middle, name, size);
        if (found == 0)
            return 1;
        if (found > 0)
            high = middle;
        else
            low = (size_t)(strchr(names + middle, ' ') - names) + 1;
    }
    return 0;
}

static int is_name(const uint8_t *name, size_t size)
{
    if (name[0] >= 'A' && name[0] <= 'Z')
        return has(ENTITIES[name[0] - 'A'], name, size);
    return name[0] >= 'a' && name[0] <= 'z' && has(ENTITIES[26 + name[0] - 'a'], name, size);
}

static const char *meaning(const uint8_t *name, size_t size)
{
    for (size_t i = 0; i < sizeof ENTITIES_KEPT / sizeof ENTITIES_KEPT[0]; i++) {
        const char *row = ENTITIES_KEPT[i].name;
        if (strlen(row) == size && memcmp(row, name, size) == 0)
            return ENTITIES_KEPT[i].means;
    }
    return "";
}

static int ends(uint8_t c)
{
    return c == '<' || c == '&' || c == '#' || c == ';';
}

size_t entity_find(const uint8_t *at, size_t left, const char **means)
{
    size_t size = 0;
    while (size < left && size < MAX_NAME && !ends(at[size]))
        size++;
    if (size == 0)
        return 0;
    size_t whole = size + (size < left && at[size] == ';');
    if (is_name(at, whole)) {
        *means = meaning(at, whole);
        return whole;
    }
    for (size_t part = whole - 1; part > 1; part--) {
        if (has(ENTITIES_OLD, at, part)) {
            *means = meaning(at, part);
            return part;
        }
    }
    return 0;
}
