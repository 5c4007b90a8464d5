#define HWLOCK_OK 0
#define HWLOCK_BAD_SIGNATURE 1
#define HWLOCK_BAD_KEY 2
#define HWLOCK_BAD_INPUT 3
#define HWLOCK_ROOM 4
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
#define HWLOCK_KEY_BAD 501
#define HWLOCK_KEY_CURVE 502
#define HWLOCK_KEY_RSA 503
#define HWLOCK_KEY_ROCA 504
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
#define HWLOCK_ANCHOR_OTHER 701
#define HWLOCK_ANCHOR_PROOF 702
#define HWLOCK_REVOKED_GAP 703
#define HWLOCK_DENIED 704
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
#define HWLOCK_MAX_FILE 65536
#define HWLOCK_MAX_FILE_TEXT 327680
#define HWLOCK_NOTE 1
#define HWLOCK_WARN 2
#define HWLOCK_DENY 3
#define HWLOCK_ACTIVE 0
#define HWLOCK_RENEWING 1
#define HWLOCK_GRACE 2
#define HWLOCK_ENDED 3
#define HWLOCK_ED25519_PREPARED_BYTES 49232
#define HWLOCK_P256_PREPARED_BYTES 52400

typedef struct hwlock_signed {
    const uint8_t *signature;
    const uint8_t *message;
    size_t message_bytes;
    int outcome;
} hwlock_signed;

typedef struct hwlock_ed25519_loaded { ...; } hwlock_ed25519_loaded;

typedef struct hwlock_ed25519_prepared { ...; } hwlock_ed25519_prepared;

typedef struct hwlock_p256_loaded { ...; } hwlock_p256_loaded;

typedef struct hwlock_p256_prepared { ...; } hwlock_p256_prepared;

int hwlock_ed25519_load(hwlock_ed25519_loaded *loaded, const uint8_t key[32]);

int hwlock_ed25519_prepare(hwlock_ed25519_prepared *prepared, const uint8_t key[32]);

int hwlock_ed25519_verify_prepared(const hwlock_ed25519_prepared *prepared,
                                   const uint8_t signature[64], const uint8_t *message,
                                   size_t message_bytes);

int hwlock_ed25519_verify_loaded(const hwlock_ed25519_loaded *loaded,
                                 const uint8_t signature[64], const uint8_t *message,
                                 size_t message_bytes);

int hwlock_ed25519_verify(const uint8_t key[32], const uint8_t signature[64],
                          const uint8_t *message, size_t message_bytes);

void hwlock_ed25519_verify_many(const hwlock_ed25519_prepared *prepared, hwlock_signed *items,
                                size_t count);

int hwlock_ed25519_prepared_write(uint8_t bytes[HWLOCK_ED25519_PREPARED_BYTES],
                                  const hwlock_ed25519_prepared *prepared);

int hwlock_ed25519_prepared_read(hwlock_ed25519_prepared *prepared, const uint8_t *bytes,
                                 size_t size, const uint8_t key[32]);

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

int hwlock_p256_prepared_write(uint8_t bytes[HWLOCK_P256_PREPARED_BYTES],
                               const hwlock_p256_prepared *prepared);

int hwlock_p256_prepared_read(hwlock_p256_prepared *prepared, const uint8_t *bytes, size_t size,
                              const uint8_t key[64]);

void hwlock_sha256(uint8_t digest[32], const uint8_t *message, size_t message_bytes);

typedef struct hwlock_hashed {
    const uint8_t *message;
    size_t message_bytes;
    uint8_t digest[32];
} hwlock_hashed;

void hwlock_sha256_many(hwlock_hashed *items, size_t count);

void hwlock_sha512(uint8_t digest[64], const uint8_t *message, size_t message_bytes);

void hwlock_hmac_sha256(uint8_t tag[32], const uint8_t *key, size_t key_bytes,
                        const uint8_t *message, size_t message_bytes);

int hwlock_fingerprint_digest(uint8_t digest[32], const uint8_t salt[16], const uint8_t *kind,
                              size_t kind_bytes, const uint8_t *value, size_t value_bytes);

int hwlock_equal(const uint8_t *a, const uint8_t *b, size_t bytes);

void hwlock_wipe(uint8_t *memory, size_t bytes);

const char *hwlock_error_name(int code);

const char *hwlock_error_text(int code);

typedef struct hwlock_fault {
    int code;
    size_t offset;
    size_t line;
    size_t found;
    size_t wanted;
} hwlock_fault;

typedef struct hwlock_span {
    const uint8_t *at;
    size_t bytes;
} hwlock_span;

typedef struct hwlock_block {
    hwlock_span data;
    char label[32];
} hwlock_block;

int hwlock_armor_read(hwlock_block *block, const uint8_t *text, size_t text_bytes,
                      const char *expected_label, size_t max_bytes, uint8_t *work,
                      size_t work_bytes, hwlock_fault *fault);

typedef struct hwlock_item {
    uint64_t number;
    uint32_t at;
    uint32_t type;
} hwlock_item;

int hwlock_cbor_read(hwlock_item *items, size_t *count, const uint8_t *data, size_t bytes,
                     size_t max_bytes, size_t max_depth, size_t max_items,
                     hwlock_fault *fault);

typedef struct hwlock_envelope {
    hwlock_span protected_header;
    hwlock_span payload;
    hwlock_span signature;
    hwlock_span kid;
    hwlock_span typ;
    hwlock_span delegation;
    int alg;
} hwlock_envelope;

int hwlock_envelope_read(hwlock_envelope *envelope, const uint8_t *file, size_t file_bytes,
                         const char *expected_typ, size_t max_bytes, hwlock_fault *fault);

int hwlock_text_check(const uint8_t *text, size_t text_bytes);

typedef struct hwlock_key {
    uint8_t raw[64];
    size_t raw_bytes;
    uint8_t kid[16];
} hwlock_key;

typedef struct hwlock_former {
    hwlock_key root;
    hwlock_span appointed;
} hwlock_former;

typedef struct hwlock_product {
    hwlock_span id;
    hwlock_span name;
    hwlock_span vendor;
    int64_t issued_at;
    size_t root_count;
    hwlock_key roots[4];
    size_t former_count;
    hwlock_former former[4];
} hwlock_product;

int hwlock_product_open(hwlock_product *product, const uint8_t *file, size_t file_bytes,
                        uint8_t *work, size_t work_bytes, hwlock_fault *fault);

typedef struct hwlock_anchor {
    hwlock_span kind;
    hwlock_span assurance;
    hwlock_span maker;
    hwlock_key key;
    hwlock_span rsa;
    hwlock_span uri;
    hwlock_span label;
    hwlock_span record;
    hwlock_span salt;
    hwlock_span components;
    uint32_t component_count;
    uint32_t needed;
} hwlock_anchor;

typedef struct hwlock_model {
    hwlock_span kind;
    hwlock_span level;
    hwlock_span edition;
    hwlock_span addon_to;
    int64_t maintained_until;
    uint32_t renew_days;
    uint32_t grace_days;
    hwlock_span features;
    hwlock_span counters;
} hwlock_model;

typedef struct hwlock_license {
    hwlock_span product;
    hwlock_span customer;
    hwlock_span entitlement;
    hwlock_span issuer;
    uint8_t issuer_kid[16];
    uint8_t id[16];
    int64_t issued_at;
    int64_t expires_at;
    uint32_t seats;
    uint32_t feature_count;
    uint32_t anchor_count;
    hwlock_span features[64];
    hwlock_span policy;
    hwlock_key key;
    hwlock_model model;
    uint32_t amendment_count;
    hwlock_span amendments;
    hwlock_anchor anchors[16];
} hwlock_license;

int hwlock_license_open(hwlock_license *license, const hwlock_product *product,
                        const uint8_t *file, size_t file_bytes, uint8_t *work,
                        size_t work_bytes, hwlock_fault *fault);

int hwlock_license_has(const hwlock_license *license, const char *feature);

typedef struct hwlock_component {
    const char *kind;
    const uint8_t *value;
    size_t value_bytes;
} hwlock_component;

typedef struct hwlock_match {
    uint32_t score;
    uint32_t needed;
    uint32_t total;
    uint32_t same;
} hwlock_match;

int hwlock_license_match(const hwlock_license *license, size_t number,
                         const hwlock_component *components, size_t count,
                         hwlock_match *match);

int hwlock_license_prove(const hwlock_license *license, size_t number,
                         const uint8_t challenge[32], const uint8_t signature[64]);

typedef struct hwlock_revocation {
    hwlock_span product;
    hwlock_span issuer;
    uint8_t issuer_kid[16];
    int64_t issued_at;
    uint32_t number;
    uint32_t base;
    uint32_t entry_count;
    uint32_t file_bytes;
    const uint8_t *entries;
} hwlock_revocation;

int hwlock_revocation_open(hwlock_revocation *list, const hwlock_product *product,
                           const uint8_t *file, size_t file_bytes, uint8_t *work,
                           size_t work_bytes, hwlock_fault *fault);

typedef struct hwlock_revocations {
    uint32_t number;
    uint32_t list_count;
    hwlock_revocation lists[8];
} hwlock_revocations;

int hwlock_revocations_join(hwlock_revocations *known, const hwlock_revocation *list);

typedef struct hwlock_finding {
    int code;
    int level;
    uint32_t anchor;
    hwlock_span name;
    int64_t time;
    int64_t other;
    int64_t number;
} hwlock_finding;

typedef struct hwlock_verdict {
    int allowed;
    int standing;
    int degraded;
    int soft;
    int64_t time;
    int64_t mark;
    int64_t days_left;
    int64_t grace_until;
    int64_t grace_days_left;
    uint64_t features;
    const hwlock_license *license;
    uint32_t finding_count;
    hwlock_finding findings[96];
} hwlock_verdict;

typedef struct hwlock_facts {
    int64_t now;
    int64_t mark;
    int64_t released;
    uint32_t holding;
    uint32_t wrong;
    hwlock_match matches[16];
    const hwlock_revocations *revoked;
    uint32_t revoked_seen;
    const hwlock_verdict *base;
} hwlock_facts;

int hwlock_license_check(hwlock_verdict *verdict, const hwlock_license *license,
                         const hwlock_facts *facts);

int hwlock_verdict_has(const hwlock_verdict *verdict, const char *feature);
