/* A product, a license and a revocation list; 4 bytes before them say where the first two end. Every
 * key is one and every signature verifies here, so that what stands behind a signature is reached
 * too: this target is linked without the arithmetic. */
#include "fuzz.h"

int hwlock_ed25519_load(hwlock_ed25519_loaded *loaded, const uint8_t key[32])
{
    memcpy(loaded->key, key, 32);
    return key[0] == 0xff ? HWLOCK_BAD_KEY : HWLOCK_OK;
}

int hwlock_p256_load(hwlock_p256_loaded *loaded, const uint8_t key[64])
{
    loaded->valid = key[63];
    return key[0] == 0xff ? HWLOCK_BAD_KEY : HWLOCK_OK;
}

static int verify(const uint8_t *key, size_t key_bytes, const uint8_t *signature,
                  const uint8_t *message, size_t message_bytes)
{
    unsigned sum = 0; /* read all that the real one would read */
    for (size_t i = 0; i < key_bytes; i++)
        sum += key[i];
    for (size_t i = 0; i < 64; i++)
        sum += signature[i];
    for (size_t i = 0; i < message_bytes; i++)
        sum += message[i];
    return sum == 1 ? HWLOCK_BAD_SIGNATURE : HWLOCK_OK;
}

int hwlock_ed25519_verify(const uint8_t key[32], const uint8_t signature[64],
                          const uint8_t *message, size_t message_bytes)
{
    return verify(key, 32, signature, message, message_bytes);
}

int hwlock_p256_verify(const uint8_t key[64], const uint8_t signature[64],
                       const uint8_t *message, size_t message_bytes)
{
    return verify(key, 64, signature, message, message_bytes);
}

/* What is true of every verdict. */
static void judge(const hwlock_license *license, const hwlock_facts *facts)
{
    static hwlock_verdict verdict;
    int code = hwlock_license_check(&verdict, license, facts);
    unsigned denials = 0;
    EXPECT(code == (verdict.allowed ? HWLOCK_OK : HWLOCK_DENIED));
    EXPECT(verdict.finding_count <= sizeof verdict.findings / sizeof *verdict.findings);
    for (uint32_t i = 0; i < verdict.finding_count; i++) {
        EXPECT(strcmp(hwlock_error_name(verdict.findings[i].code), "HWL-UNKNOWN") != 0);
        EXPECT(verdict.findings[i].anchor <= license->anchor_count);
        denials += verdict.findings[i].level == HWLOCK_DENY;
    }
    EXPECT(!verdict.allowed || denials == 0);
    EXPECT(verdict.allowed || (verdict.features == 0 && !hwlock_verdict_has(&verdict, "cad")));
    EXPECT(!hwlock_verdict_has(&verdict, "cad") || hwlock_license_has(license, "cad"));
}

/* With and without everything that a caller can say, at times of every kind. */
static void judge_all(const hwlock_license *license, const hwlock_revocations *known)
{
    static const uint8_t value[3] = {'a', 'b', 'c'};
    const int64_t times[] = {INT64_MIN, license->issued_at, license->expires_at,
                             license->issued_at + 100 * 86400, INT64_MAX};
    hwlock_component part = {"disk", value, sizeof value};
    hwlock_facts facts;
    for (size_t i = 0; i < 10; i++) {
        memset(&facts, 0, sizeof facts);
        facts.now = times[i % 5];
        if (i < 5) {
            facts.mark = times[(i + 2) % 5];
            facts.released = times[(i + 3) % 5];
            facts.holding = (uint32_t)-1;
            facts.wrong = 5;
            facts.revoked = known;
            facts.revoked_seen = 7;
            for (uint32_t j = 0; j < license->anchor_count; j++)
                hwlock_license_match(license, j, &part, 1, &facts.matches[j]);
        }
        judge(license, &facts);
    }
}

static void use(const hwlock_license *license)
{
    static const uint8_t value[3] = {'a', 'b', 'c'}, sixty_four[64] = {0};
    hwlock_component part = {"disk", value, sizeof value};
    hwlock_match match;
    EXPECT(license->anchor_count >= 1 && license->anchor_count <= 16);
    EXPECT(license->amendment_count <= 32);
    for (size_t i = 0; i <= license->anchor_count; i++) {
        if (hwlock_license_match(license, i, &part, 1, &match) == HWLOCK_OK) {
            EXPECT(match.score <= match.total && match.needed <= match.total);
            EXPECT(match.needed >= 1);
        }
        hwlock_license_prove(license, i, sixty_four, sixty_four);
    }
    hwlock_license_has(license, "cad");
}

/* An exact copy of a file, and of the memory that reading it takes. */
typedef struct room {
    uint8_t *file, *work;
    size_t bytes, work_bytes;
} room;

static room room_of(const uint8_t *data, size_t bytes)
{
    room made = {copy_of(data, bytes), NULL, bytes, HWLOCK_WORK_BYTES(bytes)};
    made.work = (uint8_t *)malloc(made.work_bytes);
    EXPECT(made.work != NULL);
    return made;
}

static void leave(const room *made)
{
    free(made->work);
    free(made->file);
}

static void open_all(const room *shipped, const room *file, const room *last)
{
    static hwlock_product product;
    static hwlock_license license;
    static hwlock_revocations known;
    hwlock_revocation list;
    hwlock_fault fault;
    memset(&known, 0, sizeof known);
    int code = hwlock_product_open(&product, shipped->file, shipped->bytes, shipped->work,
                                   shipped->work_bytes, &fault);
    EXPECT(code == fault.code && (code != HWLOCK_OK || product.root_count >= 1));
    code = hwlock_revocation_open(&list, &product, last->file, last->bytes, last->work,
                                  last->work_bytes, &fault);
    EXPECT(code == fault.code && list.entry_count <= 1000);
    if (hwlock_revocations_join(&known, &list) == HWLOCK_OK)
        EXPECT(hwlock_revocations_join(&known, &list) == HWLOCK_OK && known.list_count <= 1);
    code = hwlock_license_open(&license, &product, file->file, file->bytes, file->work,
                               file->work_bytes, &fault);
    EXPECT(code == fault.code);
    if (code == HWLOCK_OK)
        use(&license);
    judge_all(&license, &known);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4)
        return 0;
    size_t first = (size_t)data[0] << 8 | data[1], second = (size_t)data[2] << 8 | data[3];
    size_t rest = size - 4;
    first = first < rest ? first : rest;
    rest -= first;
    second = second < rest ? second : rest;
    rest -= second;
    room shipped = room_of(data + 4, first), file = room_of(data + 4 + first, second);
    room last = room_of(data + 4 + first + second, rest);
    open_all(&shipped, &file, &last);
    leave(&last);
    leave(&file);
    leave(&shipped);
    return 0;
}
