/* hwlock core: signatures, hashes and comparisons of a license check, and the reader of files.
 *
 * Plain C11, no dependencies, no heap, no state but the remembered features of the processor:
 * every function may be called from any thread. All pointers are to caller-provided memory and
 * must not be NULL, except that a message of zero bytes may be, and where it is said. Sizes in
 * brackets are in bytes unless the type says else.
 *
 * Constant time: no branch and no memory address depends on the contents of keys, signatures,
 * messages or tags. Lengths and returned verdicts are public. The readers of files take time
 * that depends on what they read: a license file is no secret.
 *
 * To open a license: hwlock_product_open with the file that the application ships,
 * hwlock_license_open, hwlock_license_match, hwlock_license_check (docs/libhwlock.md).
 */
#ifndef HWLOCK_H
#define HWLOCK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a shared library shows, and nothing else; the compiler is told to hide the rest. */
#if defined(HWLOCK_SHARED) && defined(__GNUC__) && !defined(_WIN32)
#pragma GCC visibility push(default)
#endif

/* Verdicts. Everything but HWLOCK_OK is a refusal. */
#define HWLOCK_OK 0
#define HWLOCK_BAD_SIGNATURE 1
#define HWLOCK_BAD_KEY 2
#define HWLOCK_BAD_INPUT 3

/* One signature to be verified among many; `outcome` is written by the library. */
typedef struct hwlock_signed {
    const uint8_t *signature; /* 64 bytes */
    const uint8_t *message;
    size_t message_bytes;
    int outcome;
} hwlock_signed;

/* A checked key with its tables. Read-only once filled, no pointers inside; share it between
 * threads, copy it, drop it. The members are private.
 *   loaded    for a few verifications: 3 KB for Ed25519, 1 KB for P-256
 *   prepared  for many: 48 KB for Ed25519, 52 KB for P-256
 * Both accept exactly the same signatures. */
typedef struct hwlock_ed25519_loaded {
    uint64_t comb[4][12][8];
    uint64_t valid;
    uint8_t key[32];
} hwlock_ed25519_loaded;

typedef struct hwlock_ed25519_prepared {
    uint64_t comb[64][12][8];
    uint64_t valid;
    uint8_t key[32];
} hwlock_ed25519_prepared;

typedef struct hwlock_p256_loaded {
    uint64_t row[8][16];
    uint64_t valid;
} hwlock_p256_loaded;

typedef struct hwlock_p256_prepared {
    uint64_t rows[51][8][16];
    uint64_t top[2][4];
    uint64_t valid;
    uint8_t key[64];
} hwlock_p256_prepared;

/* --- Ed25519 (RFC 8032, without context or prehash) ---------------------------------------
 * One acceptance rule for all functions:
 * 1. S < L over all 32 bytes;
 * 2. the key A is canonically encoded, on the curve, not of small order, and [L]A = identity;
 * 3. k = SHA-512(R, A, M) over the received bytes;
 * 4. encode([S]B - [k]A) equals the received bytes of R, and that point is not of small order.
 */

/* Check rule 2 and build the tables. HWLOCK_OK or HWLOCK_BAD_KEY (then it accepts nothing). */
int hwlock_ed25519_load(hwlock_ed25519_loaded *loaded, const uint8_t key[32]);

int hwlock_ed25519_prepare(hwlock_ed25519_prepared *prepared, const uint8_t key[32]);

/* HWLOCK_OK or HWLOCK_BAD_SIGNATURE. */
int hwlock_ed25519_verify_prepared(const hwlock_ed25519_prepared *prepared,
                                   const uint8_t signature[64], const uint8_t *message,
                                   size_t message_bytes);

int hwlock_ed25519_verify_loaded(const hwlock_ed25519_loaded *loaded,
                                 const uint8_t signature[64], const uint8_t *message,
                                 size_t message_bytes);

/* Load and verify. HWLOCK_OK, HWLOCK_BAD_SIGNATURE or HWLOCK_BAD_KEY. */
int hwlock_ed25519_verify(const uint8_t key[32], const uint8_t signature[64],
                          const uint8_t *message, size_t message_bytes);

/* Verify each item alone; its outcome is HWLOCK_OK or HWLOCK_BAD_SIGNATURE. */
void hwlock_ed25519_verify_many(const hwlock_ed25519_prepared *prepared, hwlock_signed *items,
                                size_t count);

/* A prepared key as bytes, the same on every machine: "hwlockPK", a version, the raw key, the
 * tables, a SHA-256 of all that. A product embeds them and need not prepare. They are code, not
 * input: who can change them can let any signature pass, as who can change the program. What is
 * read is refused unless it is whole, of this version, and of the expected `key`; the
 * tables beyond their first entry are not computed again.
 *
 * HWLOCK_OK, or HWLOCK_BAD_KEY when the key was refused. */
#define HWLOCK_ED25519_PREPARED_BYTES 49232

int hwlock_ed25519_prepared_write(uint8_t bytes[HWLOCK_ED25519_PREPARED_BYTES],
                                  const hwlock_ed25519_prepared *prepared);

/* HWLOCK_OK or HWLOCK_BAD_INPUT (then it accepts nothing). */
int hwlock_ed25519_prepared_read(hwlock_ed25519_prepared *prepared, const uint8_t *bytes,
                                 size_t size, const uint8_t key[32]);

/* --- ECDSA over P-256 with SHA-256 (FIPS 186-5) -------------------------------------------
 * Keys are x, y and signatures r, s: 32 bytes each, big-endian. Accepted when the key is on
 * the curve with x, y < p, and 1 <= r, s < n. Both (r, s) and (r, n - s) verify: the bytes of
 * a signature identify nothing.
 */
/* HWLOCK_OK or HWLOCK_BAD_KEY (then it accepts nothing). */
int hwlock_p256_load(hwlock_p256_loaded *loaded, const uint8_t key[64]);

int hwlock_p256_verify_loaded(const hwlock_p256_loaded *loaded, const uint8_t signature[64],
                              const uint8_t *message, size_t message_bytes);

int hwlock_p256_verify_digest_loaded(const hwlock_p256_loaded *loaded,
                                     const uint8_t signature[64], const uint8_t digest[32]);

int hwlock_p256_prepare(hwlock_p256_prepared *prepared, const uint8_t key[64]);

int hwlock_p256_verify_prepared(const hwlock_p256_prepared *prepared,
                                const uint8_t signature[64], const uint8_t *message,
                                size_t message_bytes);

int hwlock_p256_verify_digest_prepared(const hwlock_p256_prepared *prepared,
                                       const uint8_t signature[64], const uint8_t digest[32]);

int hwlock_p256_verify(const uint8_t key[64], const uint8_t signature[64],
                       const uint8_t *message, size_t message_bytes);

int hwlock_p256_verify_digest(const uint8_t key[64], const uint8_t signature[64],
                              const uint8_t digest[32]);

void hwlock_p256_verify_many(const hwlock_p256_prepared *prepared, hwlock_signed *items,
                             size_t count);

/* As for Ed25519. */
#define HWLOCK_P256_PREPARED_BYTES 52400

int hwlock_p256_prepared_write(uint8_t bytes[HWLOCK_P256_PREPARED_BYTES],
                               const hwlock_p256_prepared *prepared);

int hwlock_p256_prepared_read(hwlock_p256_prepared *prepared, const uint8_t *bytes, size_t size,
                              const uint8_t key[64]);

/* --- Hashes ------------------------------------------------------------------------------ */
void hwlock_sha256(uint8_t digest[32], const uint8_t *message, size_t message_bytes);

/* One message to be hashed among many; `digest` is written by the library. */
typedef struct hwlock_hashed {
    const uint8_t *message;
    size_t message_bytes;
    uint8_t digest[32];
} hwlock_hashed;

/* SHA-256 of each item. Two go side by side, which takes much less time than one after the other
 * where the processor has SHA instructions. */
void hwlock_sha256_many(hwlock_hashed *items, size_t count);

void hwlock_sha512(uint8_t digest[64], const uint8_t *message, size_t message_bytes);

void hwlock_hmac_sha256(uint8_t tag[32], const uint8_t *key, size_t key_bytes,
                        const uint8_t *message, size_t message_bytes);

/* --- Fingerprint -------------------------------------------------------------------------
 * HMAC-SHA-256 keyed by the salt over: "hwlock component v1", 0, kind, 0, value.
 * HWLOCK_BAD_INPUT (digest all zero) unless kind has 1 to 64 bytes, none of them zero, and
 * value has 1 to 256 bytes. The content of `kind` is public.
 */
int hwlock_fingerprint_digest(uint8_t digest[32], const uint8_t salt[16], const uint8_t *kind,
                              size_t kind_bytes, const uint8_t *value, size_t value_bytes);

/* --- Constant time ----------------------------------------------------------------------- */

/* 1 when all `bytes` bytes are equal, else 0. */
int hwlock_equal(const uint8_t *a, const uint8_t *b, size_t bytes);

/* Overwrite with zeros, also where the compiler sees no later use. */
void hwlock_wipe(uint8_t *memory, size_t bytes);

/* --- Errors ------------------------------------------------------------------------------
 * Codes of the readers. They never change their meaning; new ones may come. The hundreds are the
 * stage at which a file was refused: 1 armor, 2 cbor, 3 cose, 4 field, 5 key, 6 trust, 7 answer;
 * 8 is what a check finds.
 */
/* the caller's memory */
#define HWLOCK_ROOM 4
/* armor: the text block */
#define HWLOCK_ARMOR_NONE 101
#define HWLOCK_ARMOR_BEGIN 102
#define HWLOCK_ARMOR_END 103
#define HWLOCK_ARMOR_LABEL 104
#define HWLOCK_ARMOR_SEVERAL 105
#define HWLOCK_ARMOR_KIND 106
#define HWLOCK_ARMOR_SIZE 107
#define HWLOCK_ARMOR_EMPTY 108
#define HWLOCK_ARMOR_MIXED 109
#define HWLOCK_ARMOR_LINE 110
#define HWLOCK_ARMOR_CUT 111
#define HWLOCK_ARMOR_MISSING 112
#define HWLOCK_ARMOR_ORDER 113
/* cbor: one value in its one form */
#define HWLOCK_CBOR_SIZE 201
#define HWLOCK_CBOR_CUT 202
#define HWLOCK_CBOR_TYPE 203
#define HWLOCK_CBOR_LONG 204
#define HWLOCK_CBOR_ITEMS 205
#define HWLOCK_CBOR_DEPTH 206
#define HWLOCK_CBOR_TEXT 207
#define HWLOCK_CBOR_KEY 208
#define HWLOCK_CBOR_ORDER 209
#define HWLOCK_CBOR_TWICE 210
#define HWLOCK_CBOR_EXTRA 211
/* cose: the signed envelope */
#define HWLOCK_COSE_SHAPE 301
#define HWLOCK_COSE_UNPROTECTED 302
#define HWLOCK_COSE_SIGNATURE 303
#define HWLOCK_COSE_PROTECTED 304
#define HWLOCK_COSE_HEADER 305
#define HWLOCK_COSE_ALG 306
#define HWLOCK_COSE_KID 307
#define HWLOCK_COSE_TYP_FORM 308
#define HWLOCK_COSE_DELEGATION 309
#define HWLOCK_COSE_TYP 310
/* field: the members of a payload */
#define HWLOCK_FIELD_MAP 401
#define HWLOCK_FIELD_MISSING 402
#define HWLOCK_FIELD_TYPE 403
#define HWLOCK_FIELD_LONG 404
#define HWLOCK_FIELD_SIZE 405
#define HWLOCK_FIELD_RANGE 406
#define HWLOCK_FIELD_MANY 407
#define HWLOCK_FIELD_TEXT 408
#define HWLOCK_FIELD_TWICE 409
#define HWLOCK_FIELD_WORD 410
#define HWLOCK_FIELD_UNKNOWN 411
#define HWLOCK_FIELD_EMPTY 412
#define HWLOCK_FIELD_POLICY 413
#define HWLOCK_HOST_CLAIMS 414
#define HWLOCK_FIELD_SHORT 415
#define HWLOCK_FIELD_MODEL 416
#define HWLOCK_FIELD_DEVICE 417
#define HWLOCK_FIELD_AMENDMENT 418
#define HWLOCK_REVOKED_NUMBER 419
/* key: what is no key */
#define HWLOCK_KEY_BAD 501
#define HWLOCK_KEY_CURVE 502
#define HWLOCK_KEY_RSA 503
#define HWLOCK_KEY_ROCA 504
/* trust: who signed */
#define HWLOCK_KEY_OTHER 601
#define HWLOCK_KEY_ALGORITHM 602
#define HWLOCK_SIGNATURE_BAD 603
#define HWLOCK_KEY_DELEGATION 604
#define HWLOCK_TRUST_CHAIN 605
#define HWLOCK_TRUST_ROOT 606
#define HWLOCK_ISSUER_TERM 607
#define HWLOCK_ISSUER_LIMIT 608
#define HWLOCK_PRODUCT_OTHER 609
#define HWLOCK_TRUST_FORMER 610
#define HWLOCK_REVOKED_SIGNER 611
/* answer: genuine, and the answer is no */
#define HWLOCK_ANCHOR_OTHER 701
#define HWLOCK_ANCHOR_PROOF 702
#define HWLOCK_REVOKED_GAP 703
#define HWLOCK_DENIED 704
/* finding: said by a check; ANCHOR_OTHER and ANCHOR_PROOF are, too */
#define HWLOCK_CLOCK_SLACK 801
#define HWLOCK_CLOCK_ZONE 802
#define HWLOCK_CLOCK_RESUMED 803
#define HWLOCK_CLOCK_BACK 804
#define HWLOCK_CLOCK_EARLY 805
#define HWLOCK_CLOCK_AHEAD 806
#define HWLOCK_TERM_ENDING 811
#define HWLOCK_TERM_GRACE 812
#define HWLOCK_TERM_ENDED 813
#define HWLOCK_TRIAL_ENDING 814
#define HWLOCK_TRIAL_ENDED 815
#define HWLOCK_FLOATING_LEASE 816
#define HWLOCK_MAINTENANCE_UNKNOWN 817
#define HWLOCK_MAINTENANCE_ENDED 818
#define HWLOCK_FEATURE_ENDING 819
#define HWLOCK_FEATURE_ENDED 820
#define HWLOCK_ADDON_BASE 821
#define HWLOCK_HOST_CHANGED 831
#define HWLOCK_HOST_TOO_CHANGED 832
#define HWLOCK_HOST_OTHER 833
#define HWLOCK_DONGLE_ABSENT 834
#define HWLOCK_DONGLE_PROOF 835
#define HWLOCK_REVOKED_LICENSE 841
#define HWLOCK_REVOKED_SOON 842
#define HWLOCK_REVOKED_ISSUER 843
#define HWLOCK_REVOKED_DEVICE 844
#define HWLOCK_REVOKED_LIST 845

/* The same code as in docs/errors.md ("HWL-CBOR-LONG"), never NULL; "HWL-UNKNOWN" for others. */
const char *hwlock_error_name(int code);

/* One sentence in English, without a capital and without a full stop. Never NULL. */
const char *hwlock_error_text(int code);

/* Where and how something was refused. Members that do not apply are 0. */
typedef struct hwlock_fault {
    int code;
    size_t offset; /* cbor, COSE_PROTECTED: of the first fault; else HWLOCK_NO_OFFSET */
    size_t line;   /* armor: as the lines were numbered when the block was written */
    size_t found;  /* armor: blocks, bytes, the line found instead; cbor, cose: bytes */
    size_t wanted; /* the limit; how many lines are missing */
} hwlock_fault;

#define HWLOCK_NO_OFFSET ((size_t)-1)

/* --- The container, piece by piece -------------------------------------------------------
 * docs/spec/encoding.md. Most programs go on at "Files".
 */

/* Some bytes of a file. They are where the file is, or in the caller's `work`: valid as long as
 * both. A text is UTF-8 and not terminated. */
typedef struct hwlock_span {
    const uint8_t *at;
    size_t bytes;
} hwlock_span;

/* The largest file, in its binary form, and the largest text around one. */
#define HWLOCK_MAX_FILE 65536
#define HWLOCK_MAX_FILE_TEXT 327680

/* How much `work` a reader needs for a file, armored or not, of `n` bytes. */
#define HWLOCK_WORK_BYTES(n) ((n) + (n) / 2 + 64)

/* What was in a text: `label` is terminated, and empty for a binary file. */
typedef struct hwlock_block {
    hwlock_span data;
    char label[32];
} hwlock_block;

/* Find the one block in `text` and read it (section 3.2), or take a binary file as it is.
 * `expected_label` may be NULL: any. HWLOCK_OK, HWLOCK_ROOM or HWLOCK_ARMOR_...; then
 * block->label says what was found (ARMOR_LABEL, ARMOR_KIND, ARMOR_END). `fault` may be NULL. */
int hwlock_armor_read(hwlock_block *block, const uint8_t *text, size_t text_bytes,
                      const char *expected_label, size_t max_bytes, uint8_t *work,
                      size_t work_bytes, hwlock_fault *fault);

/* A value as it stands in a file, in the order of the file: an array or a map is followed by its
 * `number` values or pairs, a tag by one value. A text or bytes begin at `at` and have `number`
 * bytes. A negative integer is -1 - number. `type` is the major type of RFC 8949; for 7 `number`
 * is the first byte: f4 false, f5 true, f6 null. */
typedef struct hwlock_item {
    uint64_t number;
    uint32_t at;
    uint32_t type;
} hwlock_item;

/* Read one value in its one form (section 1), and nothing after it. `items` may be NULL; else
 * *count is their room, and becomes how many there are: no more than `max_items`, no more than
 * bytes. max_depth is at most 16. HWLOCK_OK, HWLOCK_ROOM or HWLOCK_CBOR_.... `fault` may be
 * NULL. */
int hwlock_cbor_read(hwlock_item *items, size_t *count, const uint8_t *data, size_t bytes,
                     size_t max_bytes, size_t max_depth, size_t max_items,
                     hwlock_fault *fault);

/* A signed envelope (section 2) that was read and not verified. */
typedef struct hwlock_envelope {
    hwlock_span protected_header;
    hwlock_span payload;
    hwlock_span signature; /* 64 bytes */
    hwlock_span kid;       /* 16 bytes */
    hwlock_span typ;
    hwlock_span delegation; /* .at is NULL where there is none */
    int alg;                /* -7 or -8 */
} hwlock_envelope;

/* Read an envelope; `expected_typ` may be NULL: any. HWLOCK_OK, HWLOCK_CBOR_..., HWLOCK_COSE_....
 * `fault` may be NULL. */
int hwlock_envelope_read(hwlock_envelope *envelope, const uint8_t *file, size_t file_bytes,
                         const char *expected_typ, size_t max_bytes, hwlock_fault *fault);

/* Whether a text may stand in a file (section 1.3): HWLOCK_OK, HWLOCK_CBOR_TEXT where it is not
 * UTF-8, HWLOCK_FIELD_TEXT where it has control characters or others that deceive, or is not in
 * normalization form C of Unicode 14, HWLOCK_FIELD_LONG for more than 255 bytes. */
int hwlock_text_check(const uint8_t *text, size_t text_bytes);

/* --- Files -------------------------------------------------------------------------------
 * docs/spec/files.md. A file may be armored or binary. `work` has HWLOCK_WORK_BYTES(file_bytes);
 * it and the file must stay as they are while the result is used. `fault` may be NULL. The
 * functions return HWLOCK_OK, HWLOCK_ROOM, or a code of a stage; where they refuse, the result
 * is all zeros.
 */

/* A public key, checked: Ed25519 (32 bytes) or P-256 (x, y: 64 bytes), and how files name it. */
typedef struct hwlock_key {
    uint8_t raw[64];
    size_t raw_bytes;
    uint8_t kid[16];
} hwlock_key;

/* A root that was replaced, and whom it had appointed: CBOR byte strings, each a kid. */
typedef struct hwlock_former {
    hwlock_key root;
    hwlock_span appointed;
} hwlock_former;

/* What an application ships, and trusts because it ships it. */
typedef struct hwlock_product {
    hwlock_span id;
    hwlock_span name;
    hwlock_span vendor;
    int64_t issued_at; /* seconds from 1970, as all times */
    size_t root_count;
    hwlock_key roots[4];
    size_t former_count;
    hwlock_former former[4];
} hwlock_product;

int hwlock_product_open(hwlock_product *product, const uint8_t *file, size_t file_bytes,
                        uint8_t *work, size_t work_bytes, hwlock_fault *fault);

/* A thing that a license is bound to: a fingerprint, of kind "host"; a key that must answer a
 * challenge, of a TPM or of a dongle; or a dongle without a key, of kind "yubikey" or "usb".
 * Components are in the form of the file. */
typedef struct hwlock_anchor {
    hwlock_span kind;
    hwlock_span assurance; /* keys: "key" or "attested" */
    hwlock_span maker;     /* keys: as attested, may be empty */
    hwlock_key key;        /* keys, but not RSA: raw_bytes is 0 where there is none */
    hwlock_span rsa;       /* keys of RSA: the modulus; this library does not verify with it */
    hwlock_span uri;       /* dongles: what finds it */
    hwlock_span label;     /* dongles: what a person calls it */
    hwlock_span record;    /* dongles: what it needs to prove itself; may be empty */
    hwlock_span salt;      /* host: 16 bytes */
    hwlock_span components;
    uint32_t component_count;
    uint32_t needed; /* host: the score, as the license says it */
} hwlock_anchor;

/* What kind of license it is (section 4.4); what is not said is empty or 0. */
typedef struct hwlock_model {
    hwlock_span kind;  /* empty: node-locked; "subscription", "maintenance", "trial", "floating" */
    hwlock_span level; /* empty: enforce; "warn", "advisory" */
    hwlock_span edition;
    hwlock_span addon_to;
    int64_t maintained_until; /* maintenance: versions released until then may run; else -1 */
    uint32_t renew_days;
    uint32_t grace_days;  /* after the end, in which it still runs */
    hwlock_span features; /* ends and parameters of features, in the form of the file */
    hwlock_span counters; /* likewise */
} hwlock_model;

/* A genuine license: signatures, chain and the limits of its issuer hold. */
typedef struct hwlock_license {
    hwlock_span product;
    hwlock_span customer;
    hwlock_span entitlement;
    hwlock_span issuer;
    uint8_t issuer_kid[16];
    uint8_t id[16];
    int64_t issued_at;
    int64_t expires_at; /* HWLOCK_PERPETUAL */
    uint32_t seats;
    uint32_t feature_count;
    uint32_t anchor_count;
    hwlock_span features[64];
    hwlock_span policy; /* in the form of the file */
    hwlock_key key;     /* of the machine: it signs receipts */
    hwlock_model model;
    uint32_t amendment_count; /* changes that wait for unlock codes, in the form of the file */
    hwlock_span amendments;
    hwlock_anchor anchors[16];
} hwlock_license;

#define HWLOCK_PERPETUAL (-1)

int hwlock_license_open(hwlock_license *license, const hwlock_product *product,
                        const uint8_t *file, size_t file_bytes, uint8_t *work,
                        size_t work_bytes, hwlock_fault *fault);

/* 1 where the license has this feature (a terminated text), else 0. */
int hwlock_license_has(const hwlock_license *license, const char *feature);

/* --- The machine ------------------------------------------------------------------------- */

/* A part of this machine: `kind` is 1 to 32 of a-z, 0-9 and "-", `value` has 1 to 256 bytes. */
typedef struct hwlock_component {
    const char *kind;
    const uint8_t *value;
    size_t value_bytes;
} hwlock_component;

/* How well a machine fits a fingerprint, in points of weight. */
typedef struct hwlock_match {
    uint32_t score;
    uint32_t needed; /* after the floor of docs/spec/files.md section 4.2 */
    uint32_t total;
    uint32_t same; /* one bit for each component of the license, in its order */
} hwlock_match;

/* Compare this machine's components with anchor `number`; `components` may be NULL where `count`
 * is 0. HWLOCK_OK where it fits or does not (score >= needed says which), HWLOCK_ANCHOR_OTHER
 * where the anchor is no fingerprint, HWLOCK_BAD_INPUT for a component that is none. */
int hwlock_license_match(const hwlock_license *license, size_t number,
                         const hwlock_component *components, size_t count,
                         hwlock_match *match);

/* Verify what the key of anchor `number` answered to a fresh challenge. HWLOCK_OK,
 * HWLOCK_ANCHOR_PROOF, or HWLOCK_ANCHOR_OTHER where the anchor is no key. */
int hwlock_license_prove(const hwlock_license *license, size_t number,
                         const uint8_t challenge[32], const uint8_t signature[64]);

/* --- What was taken back ------------------------------------------------------------------
 * docs/spec/files.md section 12.
 */

/* A genuine revocation list: everything (`base` is 0), or what was added since another one. */
typedef struct hwlock_revocation {
    hwlock_span product;
    hwlock_span issuer;
    uint8_t issuer_kid[16];
    int64_t issued_at;
    uint32_t number;
    uint32_t base;
    uint32_t entry_count;
    uint32_t file_bytes;    /* of its binary form */
    const uint8_t *entries; /* in the form of the file */
} hwlock_revocation;

int hwlock_revocation_open(hwlock_revocation *list, const hwlock_product *product,
                           const uint8_t *file, size_t file_bytes, uint8_t *work,
                           size_t work_bytes, hwlock_fault *fault);

/* All that is known to be taken back of one product; all zeros before the first list. Nothing is
 * copied: the files of its lists stay in memory while it is used. */
typedef struct hwlock_revocations {
    uint32_t number; /* of the newest list */
    uint32_t list_count;
    hwlock_revocation lists[8]; /* a full one, and what was added to it */
} hwlock_revocations;

/* Take a list by the rules of section 12; one that is not newer changes nothing. HWLOCK_OK, or
 * HWLOCK_PRODUCT_OTHER, HWLOCK_REVOKED_SIGNER, HWLOCK_REVOKED_GAP: *known stays as it was. */
int hwlock_revocations_join(hwlock_revocations *known, const hwlock_revocation *list);

/* --- May it run? -------------------------------------------------------------------------
 * docs/spec/files.md section 9.
 */

/* Levels: nobody needs to act; a person should hear it, although the answer may be yes; why the
 * answer is no. */
#define HWLOCK_NOTE 1
#define HWLOCK_WARN 2
#define HWLOCK_DENY 3

/* One thing that a check found, and its particulars; those that a code does not name are 0.
 *
 *   CLOCK_SLACK                         time: the latest that is certain
 *   CLOCK_ZONE, _RESUMED, _AHEAD        time: what the clock says; number: hours, days, days
 *   CLOCK_BACK, CLOCK_EARLY             time: what the clock says; other: seen before, issued
 *   TERM_ENDING, TRIAL_ENDING           time: the end; number: days left
 *   TERM_GRACE                          time: the end; other: of the grace; number: days left
 *   TERM_ENDED, TRIAL_ENDED             time: the end
 *   MAINTENANCE_UNKNOWN                 time: until when it goes
 *   MAINTENANCE_ENDED                   time: of the release; other: until when it goes
 *   FEATURE_ENDING, FEATURE_ENDED       name: the feature; time: its end; number: days left
 *   ADDON_BASE                          name: the entitlement or feature that it adds to
 *   HOST_CHANGED                        number: points to spare; other: of how many
 *   HOST_TOO_CHANGED, HOST_OTHER        number: the score; other: what is needed
 *   ANCHOR_OTHER, ANCHOR_PROOF          name: the kind of anchor
 *   DONGLE_ABSENT, DONGLE_PROOF         name: its label
 *   REVOKED_LICENSE, REVOKED_SOON       time: since when
 *   REVOKED_ISSUER                      name: who it is; time: since when
 *   REVOKED_DEVICE                      name: its label, or the kind of anchor
 *   REVOKED_LIST                        number: of the list that is here; other: that was seen
 */
typedef struct hwlock_finding {
    int code;
    int level;
    uint32_t anchor; /* 1 for the first anchor of the license; 0 where it is about none */
    hwlock_span name;
    int64_t time;
    int64_t other;
    int64_t number;
} hwlock_finding;

/* Where a license stands. It is renewing in its renewal window, or in the last 14 days. */
#define HWLOCK_ACTIVE 0
#define HWLOCK_RENEWING 1
#define HWLOCK_GRACE 2
#define HWLOCK_ENDED 3

/* The outcome of a check. What it points to is the license's. */
typedef struct hwlock_verdict {
    int allowed;
    int standing;
    int degraded;            /* the clock is wrong: do less until it is right */
    int soft;                /* the level is not enforce: it warns where others refuse */
    int64_t time;            /* what ends is judged by */
    int64_t mark;            /* what to remember, before anything is done with the answer */
    int64_t days_left;       /* of the term; HWLOCK_PERPETUAL */
    int64_t grace_until;     /* HWLOCK_PERPETUAL where there is no grace */
    int64_t grace_days_left; /* HWLOCK_PERPETUAL outside of the grace */
    uint64_t features;       /* a bit for each feature that is in force; 0 unless allowed */
    const hwlock_license *license;
    uint32_t finding_count;
    hwlock_finding findings[96];
} hwlock_verdict;

/* What a check is told. A member that is 0 says nothing: set it all to zeros first. Times from the
 * year 10000 on count as its last second before. */
typedef struct hwlock_facts {
    int64_t now;             /* the clock */
    int64_t mark;            /* the latest time that this machine remembers */
    int64_t released;        /* when this version of the program was released */
    uint32_t holding;        /* a bit for each anchor that answered rightly, fingerprints aside */
    uint32_t wrong;          /* a bit for each that answered, and not rightly */
    hwlock_match matches[16]; /* of each anchor that is a fingerprint: hwlock_license_match */
    const hwlock_revocations *revoked; /* of the product; may be NULL */
    uint32_t revoked_seen;   /* the number of the newest revocation list that was seen here */
    const hwlock_verdict *base; /* for an add-on: of the license that it may add to */
} hwlock_facts;

/* Apply rules 2 to 9 of section 9. HWLOCK_OK where the license may be used, else HWLOCK_DENIED, and
 * verdict->findings says why. The findings are those of the Python package, in the same order.
 *
 * The caller, who has the memory and the devices, applies what needs them:
 *   - it asks the anchors (hwlock_license_match, hwlock_license_prove), and itself verifies what
 *     this library does not: RSA, FIDO2, YubiKey, the URI of a USB device;
 *   - it remembers verdict->mark, and revoked->number where that is larger than revoked_seen, before
 *     it uses the answer;
 *   - it counts how often the clock was set back, if it wants to (CLOCK_TURNS), and knows the clock
 *     and counter of a TPM, which are later than the mark (MEMORY_...), and the times of issue of
 *     other genuine files: pass as `mark` the latest of all that it knows;
 *   - counters: what was used up of those in model.counters (COUNTER_SPENT);
 *   - unlock codes: a license that a code has extended or moved is judged here as it was issued;
 *   - leases: `floating` is FLOATING_LEASE, always;
 *   - licenses that were given back (RETURN_DEAD);
 *   - which of several licenses decides. */
int hwlock_license_check(hwlock_verdict *verdict, const hwlock_license *license,
                         const hwlock_facts *facts);

/* 1 where the answer is yes and the feature (a terminated text) is in force, else 0. */
int hwlock_verdict_has(const hwlock_verdict *verdict, const char *feature);

#if defined(HWLOCK_SHARED) && defined(__GNUC__) && !defined(_WIN32)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
