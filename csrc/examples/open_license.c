/* Open a license: what an application or an installer in C does.
 *
 *   open_license PRODUCT LICENSE [KIND=VALUE]...
 *
 * PRODUCT is the file that the application ships, LICENSE the one to be opened, KIND=VALUE a part
 * of this machine ("disk=WD-1234"); hwlock reads such parts, here they are given. Says what the
 * license grants, and ends with 0 if it grants it to this machine now.
 */
#include <hwlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_PARTS = 32 };

/* A file and the memory that reading it takes. */
typedef struct loaded {
    uint8_t *file;
    size_t file_bytes;
    uint8_t *work;
    size_t work_bytes;
} loaded;

static int load(loaded *from, const char *path)
{
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) {
        perror(path);
        return 0;
    }
    from->file = (uint8_t *)malloc(HWLOCK_MAX_FILE_TEXT + 1);
    if (from->file != NULL)
        from->file_bytes = fread(from->file, 1, HWLOCK_MAX_FILE_TEXT + 1, stream);
    fclose(stream);
    from->work_bytes = HWLOCK_WORK_BYTES(from->file_bytes);
    from->work = (uint8_t *)malloc(from->work_bytes);
    return from->file != NULL && from->work != NULL;
}

static void unload(loaded *from)
{
    free(from->work);
    free(from->file);
}

static int refuse(const char *path, int code, const hwlock_fault *fault)
{
    fprintf(stderr, "%s: %s (%s)\n", path, hwlock_error_text(code), hwlock_error_name(code));
    if (fault->line > 0)
        fprintf(stderr, "%s: in line %u of the block\n", path, (unsigned)fault->line);
    return 1;
}

static void show(const char *name, hwlock_span text)
{
    printf("%s %.*s\n", name, (int)text.bytes, (const char *)text.at);
}

/* Which anchors hold: a bit for each. A key would have to sign a challenge; this program knows
 * no keys. */
static uint32_t holding(const hwlock_license *license, hwlock_component *parts, size_t count)
{
    uint32_t bits = 0;
    for (uint32_t number = 0; number < license->anchor_count; number++) {
        hwlock_match match;
        if (hwlock_license_match(license, number, parts, count, &match) != HWLOCK_OK)
            continue;
        printf("score %u of %u, needed %u\n", (unsigned)match.score, (unsigned)match.total,
               (unsigned)match.needed);
        if (match.score >= match.needed)
            bits |= (uint32_t)1 << number;
    }
    return bits;
}

static int tell(const hwlock_license *license, hwlock_component *parts, size_t count)
{
    show("customer", license->customer);
    for (uint32_t i = 0; i < license->feature_count; i++)
        show("feature", license->features[i]);
    if (license->expires_at == HWLOCK_PERPETUAL)
        printf("perpetual\n");
    else
        printf("expires %lld\n", (long long)license->expires_at);
    /* A real program remembers the latest time that it has seen, instead of -1. */
    int found = hwlock_license_check(license, holding(license, parts, count), -1,
                                     (int64_t)time(NULL));
    if (found & HWLOCK_NOT_HERE)
        printf("denied: this is another machine\n");
    if (found & (HWLOCK_CLOCK_BACK | HWLOCK_CLOCK_EARLY))
        printf("denied: the clock is wrong\n");
    if (found & HWLOCK_TERM_ENDED)
        printf("denied: the license has ended\n");
    if (found == 0)
        printf("allowed\n");
    return found != 0;
}

static int run(const char *product_path, const char *license_path, hwlock_component *parts,
               size_t count, loaded *files)
{
    static hwlock_product product;
    static hwlock_license license;
    hwlock_fault fault;
    if (!load(&files[0], product_path) || !load(&files[1], license_path))
        return 2;
    int code = hwlock_product_open(&product, files[0].file, files[0].file_bytes, files[0].work,
                                   files[0].work_bytes, &fault);
    if (code != HWLOCK_OK)
        return refuse(product_path, code, &fault);
    code = hwlock_license_open(&license, &product, files[1].file, files[1].file_bytes,
                               files[1].work, files[1].work_bytes, &fault);
    if (code != HWLOCK_OK)
        return refuse(license_path, code, &fault);
    return tell(&license, parts, count);
}

int main(int argc, char **argv)
{
    hwlock_component parts[MAX_PARTS];
    loaded files[2] = {{NULL, 0, NULL, 0}, {NULL, 0, NULL, 0}};
    size_t count = 0;
    if (argc < 3 || argc > 3 + MAX_PARTS) {
        fprintf(stderr, "usage: %s PRODUCT LICENSE [KIND=VALUE]...\n", argv[0]);
        return 2;
    }
    for (int i = 3; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (value == NULL || value[1] == '\0') {
            fprintf(stderr, "%s: %s is not KIND=VALUE\n", argv[0], argv[i]);
            return 2;
        }
        *value++ = '\0';
        parts[count].kind = argv[i];
        parts[count].value = (const uint8_t *)value;
        parts[count++].value_bytes = strlen(value);
    }
    int status = run(argv[1], argv[2], parts, count, files);
    unload(&files[0]);
    unload(&files[1]);
    return status;
}
