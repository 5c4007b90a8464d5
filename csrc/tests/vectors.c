/* Every vector of files, read from standard input as `corpus.py --lines` prints it: a reader, the
 * code that it must give, the file, and a product file where there is one, in hexadecimal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hwlock.h"

enum { MAX_BYTES = 16384, MAX_LINE = 4 * MAX_BYTES + 100 };

static size_t unhex(uint8_t *to, const char *hex)
{
    size_t bytes = 0;
    unsigned value;
    while (bytes < MAX_BYTES && sscanf(hex + 2 * bytes, "%2x", &value) == 1)
        to[bytes++] = (uint8_t)value;
    return bytes;
}

static int open_license(const uint8_t *file, size_t bytes, const uint8_t *shipped, size_t shipped_bytes)
{
    static uint8_t work[2][HWLOCK_WORK_BYTES(MAX_BYTES)];
    static hwlock_product product;
    static hwlock_license license;
    int code = hwlock_product_open(&product, shipped, shipped_bytes, work[0], sizeof work[0], NULL);
    return code != HWLOCK_OK ? code
                             : hwlock_license_open(&license, &product, file, bytes, work[1],
                                                   sizeof work[1], NULL);
}

static int read_one(const char *reader, const uint8_t *file, size_t bytes, const uint8_t *shipped,
                    size_t shipped_bytes)
{
    static uint8_t work[HWLOCK_WORK_BYTES(MAX_BYTES)];
    hwlock_block block;
    hwlock_envelope envelope;
    hwlock_product product;
    if (strcmp(reader, "armor") == 0)
        return hwlock_armor_read(&block, file, bytes, "REQUEST", HWLOCK_MAX_FILE, work,
                                 sizeof work, NULL);
    if (strcmp(reader, "cbor") == 0)
        return hwlock_cbor_read(NULL, NULL, file, bytes, HWLOCK_MAX_FILE, 16, 8192, NULL);
    if (strcmp(reader, "cose") == 0)
        return hwlock_envelope_read(&envelope, file, bytes, "application/hwlock-license",
                                    HWLOCK_MAX_FILE, NULL);
    if (strcmp(reader, "product") == 0)
        return hwlock_product_open(&product, file, bytes, work, sizeof work, NULL);
    return open_license(file, bytes, shipped, shipped_bytes);
}

int main(void)
{
    static char line[MAX_LINE], file_hex[2 * MAX_BYTES + 1], shipped_hex[2 * MAX_BYTES + 1];
    static uint8_t file[MAX_BYTES], shipped[MAX_BYTES];
    char reader[16], expected[32];
    int count = 0, failures = 0;
    while (fgets(line, sizeof line, stdin) != NULL) {
        shipped_hex[0] = '\0';
        if (sscanf(line, "%15s %31s %32768s %32768s", reader, expected, file_hex, shipped_hex) < 3)
            return 2;
        size_t bytes = unhex(file, file_hex + 1), shipped_bytes = unhex(shipped, shipped_hex);
        int code = read_one(reader, file, bytes, shipped, shipped_bytes);
        if (strcmp(hwlock_error_name(code), expected) != 0) {
            printf("%s: %s instead of %s\n", reader, hwlock_error_name(code), expected);
            failures++;
        }
        count++;
    }
    return failures != 0 || count < 200;
}
