/* One row for each code of hwlock.h; a test compares the names with docs/errors.md. */
#include "hwlock.h"

static const struct {
    int code;
    const char *name;
    const char *text;
} ERRORS[] = {
    {HWLOCK_OK, "HWL-OK", "nothing is wrong"},
    {HWLOCK_BAD_SIGNATURE, "HWL-SIGNATURE-BAD", "the signature does not verify"},
    {HWLOCK_BAD_KEY, "HWL-KEY-BAD", "this is no valid public key"},
    {HWLOCK_BAD_INPUT, "HWL-INTERNAL",
     "the program called the library with something that it does not take"},
    {HWLOCK_ROOM, "HWL-INTERNAL", "the memory that the caller gave is too small"},
    {HWLOCK_ARMOR_NONE, "HWL-ARMOR-NONE", "there is no hwlock block in this text"},
    {HWLOCK_ARMOR_BEGIN, "HWL-ARMOR-BEGIN",
     "the BEGIN line of the block is missing or damaged"},
    {HWLOCK_ARMOR_END, "HWL-ARMOR-END", "the END line of the block is missing or damaged"},
    {HWLOCK_ARMOR_LABEL, "HWL-ARMOR-LABEL", "this is a block of another kind"},
    {HWLOCK_ARMOR_SEVERAL, "HWL-ARMOR-SEVERAL",
     "there are several different blocks in this text"},
    {HWLOCK_ARMOR_KIND, "HWL-ARMOR-KIND", "the kind of this block is not known here"},
    {HWLOCK_ARMOR_SIZE, "HWL-ARMOR-SIZE", "the text is too large"},
    {HWLOCK_ARMOR_EMPTY, "HWL-ARMOR-EMPTY", "there is nothing in the block"},
    {HWLOCK_ARMOR_MIXED, "HWL-ARMOR-MIXED",
     "the block is made of lines that do not belong together"},
    {HWLOCK_ARMOR_LINE, "HWL-ARMOR-LINE", "a line of the block is damaged"},
    {HWLOCK_ARMOR_CUT, "HWL-ARMOR-CUT", "the block is cut off"},
    {HWLOCK_ARMOR_MISSING, "HWL-ARMOR-MISSING", "lines of the block are missing"},
    {HWLOCK_ARMOR_ORDER, "HWL-ARMOR-ORDER", "the lines of the block are out of order"},
    {HWLOCK_CBOR_SIZE, "HWL-CBOR-SIZE", "the file is too large"},
    {HWLOCK_CBOR_CUT, "HWL-CBOR-CUT", "the file is cut off"},
    {HWLOCK_CBOR_TYPE, "HWL-CBOR-TYPE", "there is a value of a type that files do not have"},
    {HWLOCK_CBOR_LONG, "HWL-CBOR-LONG", "a number is not written in its shortest form"},
    {HWLOCK_CBOR_ITEMS, "HWL-CBOR-ITEMS", "the file has too many values"},
    {HWLOCK_CBOR_DEPTH, "HWL-CBOR-DEPTH", "values are nested too deep"},
    {HWLOCK_CBOR_TEXT, "HWL-CBOR-TEXT", "a text is not valid UTF-8"},
    {HWLOCK_CBOR_KEY, "HWL-CBOR-KEY", "the key of a member is neither a number nor a text"},
    {HWLOCK_CBOR_ORDER, "HWL-CBOR-ORDER", "members are out of order"},
    {HWLOCK_CBOR_TWICE, "HWL-CBOR-TWICE", "a member stands there twice"},
    {HWLOCK_CBOR_EXTRA, "HWL-CBOR-EXTRA", "something follows the end of the file"},
    {HWLOCK_COSE_SHAPE, "HWL-COSE-SHAPE", "this is no signed envelope"},
    {HWLOCK_COSE_UNPROTECTED, "HWL-COSE-UNPROTECTED",
     "the envelope has an unprotected header"},
    {HWLOCK_COSE_SIGNATURE, "HWL-COSE-SIGNATURE", "the signature has not 64 bytes"},
    {HWLOCK_COSE_PROTECTED, "HWL-COSE-PROTECTED", "the protected header is malformed"},
    {HWLOCK_COSE_HEADER, "HWL-COSE-HEADER", "the header lacks a member, or has one too many"},
    {HWLOCK_COSE_ALG, "HWL-COSE-ALG", "the algorithm is not known here"},
    {HWLOCK_COSE_KID, "HWL-COSE-KID", "the name of the key has not 16 bytes"},
    {HWLOCK_COSE_TYP_FORM, "HWL-COSE-TYP-FORM", "the kind of file is no media type"},
    {HWLOCK_COSE_DELEGATION, "HWL-COSE-DELEGATION", "the delegation is malformed"},
    {HWLOCK_COSE_TYP, "HWL-COSE-TYP", "this is a file of another kind"},
    {HWLOCK_FIELD_MAP, "HWL-FIELD-MAP", "the payload, or a part of it, is no map"},
    {HWLOCK_FIELD_MISSING, "HWL-FIELD-MISSING", "a member is missing"},
    {HWLOCK_FIELD_TYPE, "HWL-FIELD-TYPE", "a member has another type"},
    {HWLOCK_FIELD_LONG, "HWL-FIELD-LONG", "a member is too long"},
    {HWLOCK_FIELD_SIZE, "HWL-FIELD-SIZE", "a member has another size"},
    {HWLOCK_FIELD_RANGE, "HWL-FIELD-RANGE", "a number is out of range"},
    {HWLOCK_FIELD_MANY, "HWL-FIELD-MANY", "a list is too long"},
    {HWLOCK_FIELD_TEXT, "HWL-FIELD-TEXT", "a text has characters that are not allowed"},
    {HWLOCK_FIELD_TWICE, "HWL-FIELD-TWICE", "a list names something twice"},
    {HWLOCK_FIELD_WORD, "HWL-FIELD-WORD", "a word is not one of those that are known"},
    {HWLOCK_FIELD_UNKNOWN, "HWL-FIELD-UNKNOWN", "there is a member that is not known here"},
    {HWLOCK_FIELD_EMPTY, "HWL-FIELD-EMPTY", "a list or a text is empty"},
    {HWLOCK_FIELD_POLICY, "HWL-FIELD-POLICY", "the rule of the license contradicts itself"},
    {HWLOCK_HOST_CLAIMS, "HWL-HOST-CLAIMS", "the fingerprint is malformed"},
    {HWLOCK_FIELD_SHORT, "HWL-FIELD-SHORT", "a member is too short"},
    {HWLOCK_FIELD_MODEL, "HWL-FIELD-MODEL", "the kind of license contradicts itself"},
    {HWLOCK_FIELD_DEVICE, "HWL-FIELD-DEVICE", "the name of a device says more than who it is"},
    {HWLOCK_FIELD_AMENDMENT, "HWL-FIELD-AMENDMENT",
     "a change that the license holds for an unlock code cannot be"},
    {HWLOCK_REVOKED_NUMBER, "HWL-REVOKED-NUMBER", "the revocation list contradicts itself"},
    {HWLOCK_KEY_BAD, "HWL-KEY-BAD", "this is no valid public key"},
    {HWLOCK_KEY_CURVE, "HWL-KEY-CURVE", "keys of this kind are not known here"},
    {HWLOCK_KEY_RSA, "HWL-KEY-RSA", "an RSA key of this size is not accepted"},
    {HWLOCK_KEY_ROCA, "HWL-KEY-ROCA", "the RSA key is of a chip with a known flaw (ROCA)"},
    {HWLOCK_KEY_OTHER, "HWL-KEY-OTHER", "the file is signed by another key"},
    {HWLOCK_KEY_ALGORITHM, "HWL-KEY-ALGORITHM",
     "the file names another algorithm than its key has"},
    {HWLOCK_SIGNATURE_BAD, "HWL-SIGNATURE-BAD", "the signature does not verify"},
    {HWLOCK_KEY_DELEGATION, "HWL-KEY-DELEGATION",
     "the file has a delegation where none belongs, or lacks one"},
    {HWLOCK_TRUST_CHAIN, "HWL-TRUST-CHAIN", "the file does not say who allowed its issuer"},
    {HWLOCK_TRUST_ROOT, "HWL-TRUST-ROOT", "the issuer was appointed by a stranger"},
    {HWLOCK_ISSUER_TERM, "HWL-ISSUER-TERM",
     "the file was issued when its issuer was not allowed to"},
    {HWLOCK_ISSUER_LIMIT, "HWL-ISSUER-LIMIT", "the file grants more than its issuer may"},
    {HWLOCK_PRODUCT_OTHER, "HWL-PRODUCT-OTHER", "the file is for another product"},
    {HWLOCK_TRUST_FORMER, "HWL-TRUST-FORMER",
     "the issuer was appointed by a root that was replaced and appoints nobody any more"},
    {HWLOCK_REVOKED_SIGNER, "HWL-REVOKED-SIGNER",
     "the revocation list is signed by a key that was taken back"},
    {HWLOCK_ANCHOR_OTHER, "HWL-ANCHOR-OTHER",
     "there is no such anchor, or it is not the one that the license is bound to"},
    {HWLOCK_ANCHOR_PROOF, "HWL-ANCHOR-PROOF", "the answer to the challenge is not the key's"},
    {HWLOCK_REVOKED_GAP, "HWL-REVOKED-GAP",
     "the revocation list does not fit the one that is known here"},
    {HWLOCK_DENIED, "HWL-DENIED", "the product is not licensed on this machine"},
    {HWLOCK_CLOCK_SLACK, "HWL-CLOCK-SLACK",
     "the clock is a little behind what this machine has seen before"},
    {HWLOCK_CLOCK_ZONE, "HWL-CLOCK-ZONE", "the clock is hours too early"},
    {HWLOCK_CLOCK_RESUMED, "HWL-CLOCK-RESUMED", "the clock is days too early"},
    {HWLOCK_CLOCK_BACK, "HWL-CLOCK-BACK",
     "the clock is before what this machine has already seen"},
    {HWLOCK_CLOCK_EARLY, "HWL-CLOCK-EARLY", "the clock is before the license was issued"},
    {HWLOCK_CLOCK_AHEAD, "HWL-CLOCK-AHEAD",
     "the clock is years after all that this machine has seen"},
    {HWLOCK_TERM_ENDING, "HWL-TERM-ENDING", "the license ends soon"},
    {HWLOCK_TERM_GRACE, "HWL-TERM-GRACE", "the license has ended, and still runs for some days"},
    {HWLOCK_TERM_ENDED, "HWL-TERM-ENDED", "the license has ended"},
    {HWLOCK_TRIAL_ENDING, "HWL-TRIAL-ENDING", "the trial ends soon"},
    {HWLOCK_TRIAL_ENDED, "HWL-TRIAL-ENDED", "the trial has ended"},
    {HWLOCK_FLOATING_LEASE, "HWL-FLOATING-LEASE",
     "the license is a floating one, and this machine holds no lease of a seat"},
    {HWLOCK_MAINTENANCE_UNKNOWN, "HWL-MAINTENANCE-UNKNOWN",
     "the license has maintenance, and this program does not say when it was released"},
    {HWLOCK_MAINTENANCE_ENDED, "HWL-MAINTENANCE-ENDED",
     "this version was released after the maintenance ended"},
    {HWLOCK_FEATURE_ENDING, "HWL-FEATURE-ENDING", "a feature ends soon"},
    {HWLOCK_FEATURE_ENDED, "HWL-FEATURE-ENDED", "a feature has ended"},
    {HWLOCK_ADDON_BASE, "HWL-ADDON-BASE",
     "the license only adds to another one, which is not licensed on this machine"},
    {HWLOCK_HOST_CHANGED, "HWL-HOST-CHANGED", "this machine has changed, and still fits"},
    {HWLOCK_HOST_TOO_CHANGED, "HWL-HOST-TOO-CHANGED", "too much of this machine has changed"},
    {HWLOCK_HOST_OTHER, "HWL-HOST-OTHER", "this is another machine"},
    {HWLOCK_DONGLE_ABSENT, "HWL-DONGLE-ABSENT", "the device is not plugged in"},
    {HWLOCK_DONGLE_PROOF, "HWL-DONGLE-PROOF",
     "the device did not prove that it is the one that the license names"},
    {HWLOCK_REVOKED_LICENSE, "HWL-REVOKED-LICENSE", "the vendor took this license back"},
    {HWLOCK_REVOKED_SOON, "HWL-REVOKED-SOON", "the vendor takes this license back soon"},
    {HWLOCK_REVOKED_ISSUER, "HWL-REVOKED-ISSUER",
     "the license was issued after the key of its issuer was taken back"},
    {HWLOCK_REVOKED_DEVICE, "HWL-REVOKED-DEVICE",
     "the vendor took back the device, so that it proves nothing any more"},
    {HWLOCK_REVOKED_LIST, "HWL-REVOKED-LIST",
     "a newer revocation list was here, and now there is an older one or none"},
};

enum { ROWS = sizeof ERRORS / sizeof ERRORS[0] };

static size_t row_of(int code)
{
    size_t row = 0;
    while (row < ROWS && ERRORS[row].code != code)
        row++;
    return row;
}

const char *hwlock_error_name(int code)
{
    size_t row = row_of(code);
    return row < ROWS ? ERRORS[row].name : "HWL-UNKNOWN";
}

const char *hwlock_error_text(int code)
{
    size_t row = row_of(code);
    return row < ROWS ? ERRORS[row].text : "something that this version has no words for";
}
