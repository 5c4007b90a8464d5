"""The one table of everything that hwlock can say when something is not as it should be.

A row: code → (class that raises it, sentence, hint). "Finding" marks a code that only
stands in verdicts. Sentences start small and end without a full stop; `{names}` are
particulars given by the place that raises. Hints say the next step for this person and
may be empty. docs/errors.md is generated from here. Codes are stable: a code whose meaning
changes gets a new name.
"""

from __future__ import annotations

_HARM = "ask for the file again, best as an attachment"
_NEWER = "a newer hwlock may be able to read it: update the program, or ask who sent the file"
_FAKE = "ask the customer for a new request, made by hwlock on the machine itself"
_OTHER = "choose the right file: `hwlock inspect FILE` tells what a file is"

TABLE: dict[str, tuple[str, str, str]] = {
    # --- anywhere ------------------------------------------------------------------
    "HWL-INTERNAL": (
        "InternalError",
        "hwlock made a mistake: {detail}",
        "please report this with the trace above",
    ),
    "HWL-LANGUAGE-FILE": (
        "UsageError",
        "the catalog of sentences {path} cannot be used: {fault}",
        "the maker of this program must put it right",
    ),
    # --- codec: bytes --------------------------------------------------------------
    "HWL-CBOR-SIZE": (
        "FormatError",
        "the file is too large: {found} bytes, at most {limit} are read",
        "check that this is the right file",
    ),
    "HWL-CBOR-CUT": ("FormatError", "the file is damaged: it ends in the middle", _HARM),
    "HWL-CBOR-EXTRA": (
        "FormatError",
        "the file is damaged: something follows its end, at byte {offset}",
        _HARM,
    ),
    "HWL-CBOR-ITEMS": (
        "FormatError",
        "the file holds more values than any file of hwlock does, at byte {offset}",
        "check that this is the right file",
    ),
    "HWL-CBOR-DEPTH": (
        "FormatError",
        "the file nests deeper than any file of hwlock does, at byte {offset}",
        "check that this is the right file",
    ),
    "HWL-CBOR-TYPE": (
        "FormatError",
        "the file is damaged: byte {offset} begins a value that no file of hwlock has",
        _HARM,
    ),
    "HWL-CBOR-LONG": (
        "FormatError",
        "the file was written by another program: the number at byte {offset} is too long",
        _HARM,
    ),
    "HWL-CBOR-TEXT": ("FormatError", "the file is damaged: no text at byte {offset}", _HARM),
    "HWL-CBOR-KEY": (
        "FormatError",
        "the file is damaged: byte {offset} begins something that is no key of a map",
        _HARM,
    ),
    "HWL-CBOR-ORDER": (
        "FormatError",
        "the file was written by another program: the key at byte {offset} is out of order",
        _HARM,
    ),
    "HWL-CBOR-TWICE": (
        "FormatError",
        "the file is damaged: the key at byte {offset} stands there twice",
        _HARM,
    ),
    "HWL-FIELD-MAP": ("FormatError", "{where}: it is not a map of members", _HARM),
    "HWL-FIELD-MISSING": ("FormatError", "{where}: {name} is missing", _HARM),
    "HWL-FIELD-TYPE": ("FormatError", "{where}: {name} is not {wanted}", _HARM),
    "HWL-FIELD-SIZE": (
        "FormatError",
        "{where}: {name} has {found} bytes, it must have {wanted}",
        _HARM,
    ),
    "HWL-FIELD-SHORT": (
        "FormatError",
        "{where}: {name} is shorter than {limit} bytes",
        _HARM,
    ),
    "HWL-FIELD-LONG": ("FormatError", "{where}: {name} is longer than {limit} bytes", _HARM),
    "HWL-FIELD-RANGE": (
        "FormatError",
        "{where}: {name} is {found}, it must be from 0 to {limit}",
        _HARM,
    ),
    "HWL-FIELD-MANY": (
        "FormatError",
        "{where}: {name} has {found} entries, at most {limit} are allowed",
        _HARM,
    ),
    "HWL-FIELD-TWICE": (
        "FormatError",
        "the {where} is not readable: {name} has the same entry twice",
        _HARM,
    ),
    "HWL-FIELD-WORD": ("FormatError", "{where}: {name} is none of: {words}", _NEWER),
    "HWL-FIELD-DEVICE": (
        "FormatError",
        "{where}: the device's name says more than who it is ({names})",
        _NEWER,
    ),
    "HWL-FIELD-TEXT": (
        "FormatError",
        "{where}: {name} has characters that are not allowed in a text",
        _HARM,
    ),
    "HWL-FIELD-UNKNOWN": ("FormatError", "{where}: it has an unknown member {key}", _NEWER),
    "HWL-COSE-SHAPE": ("FormatError", "this is not a signed file of hwlock", _OTHER),
    "HWL-COSE-UNPROTECTED": (
        "FormatError",
        "the signed file carries a header that its signature does not protect",
        _HARM,
    ),
    "HWL-COSE-SIGNATURE": (
        "FormatError",
        "the signature has {found} bytes, it must have 64",
        _HARM,
    ),
    "HWL-COSE-PROTECTED": (
        "FormatError",
        "the header of the signed file is damaged at its byte {offset}",
        _HARM,
    ),
    "HWL-COSE-HEADER": (
        "FormatError",
        "the header of the signed file does not have the members that it must have",
        _NEWER,
    ),
    "HWL-COSE-ALG": (
        "FormatError",
        "the file is signed in a way that this hwlock does not know",
        _NEWER,
    ),
    "HWL-COSE-KID": ("FormatError", "the file does not name the key that signed it", _HARM),
    "HWL-COSE-TYP-FORM": ("FormatError", "the file does not say what kind of file it is", _HARM),
    "HWL-COSE-DELEGATION": (
        "FormatError",
        "what allows this issuer to sign is not in the form that it must have",
        _HARM,
    ),
    "HWL-COSE-TYP": (
        "FormatError",
        "this is a file of kind {found}, and {wanted} is needed here",
        _OTHER,
    ),
    "HWL-ARMOR-NONE": (
        "FormatError",
        "there is no hwlock block in this text",
        "copy everything from the line with BEGIN HWLOCK to the line with END HWLOCK",
    ),
    "HWL-ARMOR-BEGIN": (
        "FormatError",
        "the BEGIN line of the block is missing or damaged",
        "copy everything from the line with BEGIN HWLOCK to the line with END HWLOCK",
    ),
    "HWL-ARMOR-END": (
        "FormatError",
        "the END line of the {label} block is missing or damaged",
        "copy everything from the line with BEGIN HWLOCK to the line with END HWLOCK",
    ),
    "HWL-ARMOR-SEVERAL": (
        "FormatError",
        "there are {found} different blocks in this text, and it is not clear which is meant",
        "keep the block that you want, and delete the others",
    ),
    "HWL-ARMOR-LABEL": (
        "FormatError",
        "this is a {found} block, and a {wanted} block is needed here",
        _OTHER,
    ),
    "HWL-ARMOR-KIND": (
        "FormatError",
        "this hwlock does not know blocks of the kind {found}",
        _NEWER,
    ),
    "HWL-ARMOR-SIZE": (
        "FormatError",
        "the text is too large: {found} bytes, at most {limit} are read",
        "check that this is the right file",
    ),
    "HWL-ARMOR-EMPTY": ("FormatError", "there is nothing in the block", _HARM),
    "HWL-ARMOR-LINE": ("FormatError", "line {line} of the block is damaged", _HARM),
    "HWL-ARMOR-MISSING": (
        "FormatError",
        "from line {line} on, lines of the block are missing (number of lines: {count})",
        _HARM,
    ),
    "HWL-ARMOR-CUT": (
        "FormatError",
        "the block is cut off: everything after its line {line} is missing",
        _HARM,
    ),
    "HWL-ARMOR-ORDER": (
        "FormatError",
        "the lines of the block are out of order: where line {line} belongs stands line {found}",
        _HARM,
    ),
    "HWL-ARMOR-MIXED": (
        "FormatError",
        "the block is made of lines that do not belong together",
        _HARM,
    ),
    "HWL-CODE-SIZE": (
        "FormatError",
        "this is too long for a code: {found} characters, at most {limit} are read",
        "type the code only",
    ),
    "HWL-CODE-CHARACTER": (
        "FormatError",
        "group {group} of the code has a character that no code has: {character}",
        "compare group {group} with the code that you were given",
    ),
    "HWL-CODE-GROUP": (
        "FormatError",
        "there is a typing error in group {group} of the code",
        "compare group {group} with the code that you were given{perhaps}",
    ),
    "HWL-CODE-LENGTH": (
        "FormatError",
        "group {group} of the code has {found} characters, it must have {wanted}",
        "compare group {group} with the code that you were given",
    ),
    "HWL-CODE-MISSING": (
        "FormatError",
        "something is missing at group {group}: {found} of {wanted} characters were typed",
        "compare group {group} with the code that you were given",
    ),
    "HWL-CODE-MANY": (
        "FormatError",
        "there is too much at group {group}: {found} characters were typed, not {wanted}",
        "compare group {group} with the code that you were given",
    ),
    "HWL-CODE-LINE": (
        "FormatError",
        "there is a typing error in line {line} of the code, group {group}",
        "compare that group with the code that you were given{perhaps}",
    ),
    "HWL-CODE-SHORT": (
        "FormatError",
        "characters of the code are missing, or too many, in line {line}, group {group}",
        "compare that line with the code that you were given",
    ),
    "HWL-CODE-WHOLE": (
        "FormatError",
        "all groups of the code are right, but it is not whole, or not in order",
        "compare the first and the last lines with the code that you were given",
    ),
    "HWL-CODE-ORDER": (
        "FormatError",
        "the groups of the code are out of order, from group {group} on",
        "type the groups in the order in which they were given to you",
    ),
    "HWL-PARTS-CUT": (
        "FormatError",
        "part {number} of the file is cut off: it ends with a full stop",
        "scan or copy part {number} again",
    ),
    "HWL-PARTS-DAMAGED": (
        "FormatError",
        "part {number} of the file is damaged",
        "scan or copy part {number} again",
    ),
    "HWL-PARTS-LABEL": (
        "FormatError",
        "these are parts of a {found}, and a {wanted} is needed here",
        _OTHER,
    ),
    "HWL-PARTS-MISSING": (
        "FormatError",
        "of the {count} parts of the file, these are missing: {missing}",
        "scan or copy the missing parts, and give all of them together",
    ),
    "HWL-PARTS-MIXED": (
        "FormatError",
        "these parts belong to different files",
        "scan or copy the parts of one file, all from the same sheet",
    ),
    "HWL-PARTS-NONE": (
        "FormatError",
        "there is no part of a hwlock file in this text",
        "copy everything from HWLOCK: to the full stop",
    ),
    "HWL-PARTS-SIZE": (
        "FormatError",
        "the text is too long: {found} characters, at most {limit} are read",
        "check that this is the right file",
    ),
    "HWL-QR-NONE": (
        "FormatError",
        "no QR code of hwlock was found in the picture; other codes in it: {found}",
        "take it again: sharp, the whole sheet with its white border, without reflections",
    ),
    "HWL-QR-PICTURE": (
        "FormatError",
        "the picture cannot be opened: {detail}",
        "save it as PNG or JPEG",
    ),
    # --- crypto: keys and signatures -----------------------------------------------
    "HWL-KEY-OTHER": (
        "UntrustedError",
        "the file is signed by key {kid}, not by {mine}",
        _HARM,
    ),
    "HWL-KEY-CURVE": (
        "BadKey",
        "the key in the file is neither of Ed25519 nor of P-256",
        _NEWER,
    ),
    "HWL-KEY-ALGORITHM": (
        "UntrustedError",
        "the file names signature algorithm {alg}, but its key is for {mine}",
        "the file was made by something else than hwlock, or changed: ask for it again",
    ),
    "HWL-TRUST-ROOT": (
        "UntrustedError",
        "no root key of {product} has the id {kid} that the file names",
        "the file comes from somebody else, or the program is too old for it: update the program",
    ),
    "HWL-TRUST-FORMER": (
        "UntrustedError",
        "{issuer} was appointed by the former root key {kid}, which appoints nobody any more",
        "ask the vendor for a new file, and say where this one came from",
    ),
    "HWL-PRODUCT-OLD": (
        "DeniedError",
        "the product file of {product} is of {issued}, and the one that is known here of {known}",
        "nothing needs to be done, unless a license was refused: then ask the vendor for the "
        "newest product file",
    ),
    "HWL-PRODUCT-STRANGER": (
        "UntrustedError",
        "the product file of {product} is signed by the key {kid}, for which no root key that is "
        "trusted here vouches",
        "ask the vendor for the product file again; a new version of the program brings it too",
    ),
    "HWL-TRUST-CHAIN": (
        "UntrustedError",
        "the {where} does not say who allowed its signer to sign",
        _HARM,
    ),
    "HWL-ISSUER-TERM": (
        "UntrustedError",
        "the {where} was issued by {issuer} at a time when {issuer} was not allowed to",
        "ask the vendor for a new one",
    ),
    "HWL-ISSUER-LIMIT": (
        "UntrustedError",
        "whoever issued this may not grant {what}",
        "ask the vendor for one that is issued by somebody who may",
    ),
    "HWL-CRYPTO-BYTES": ("UsageError", "the {name} must be bytes, not {kind}", ""),
    "HWL-CRYPTO-GAPS": ("UsageError", "the {name} is a view of memory with gaps", ""),
    "HWL-CRYPTO-LENGTH": ("UsageError", "the {name} must have {expected} bytes, not {length}", ""),
    "HWL-CRYPTO-READONLY": ("UsageError", "this {kind} cannot be overwritten with zeros", ""),
    "HWL-FINGERPRINT-KIND": (
        "UsageError",
        "{kind!r} cannot name a component: 1 to 64 of a-z, 0-9 and - are allowed",
        "",
    ),
    "HWL-FINGERPRINT-VALUE": (
        "UsageError",
        "the value of component {kind} must have 1 to 256 bytes, not {length}",
        "",
    ),
    "HWL-KEY-BAD": (
        "BadKey",
        "these bytes are no {algorithm} public key that can be trusted",
        "ask the vendor for the product file again; tell support if it stays so",
    ),
    "HWL-KEY-LENGTH": (
        "BadKey",
        "a public key for {algorithm} has {expected} bytes, not {length}",
        "ask the vendor for the product file again; tell support if it stays so",
    ),
    "HWL-KEY-SEC1": (
        "FormatError",
        "{length} bytes are not an uncompressed P-256 point (65 bytes, the first is 4)",
        "the device or certificate has another kind of key; tell support which device it is",
    ),
    "HWL-SIGNATURE-BAD": (
        "BadSignature",
        "the {algorithm} signature does not belong to this content and key",
        "the file was changed, or comes from somebody else; " + _HARM,
    ),
    "HWL-SIGNATURE-DER": (
        "FormatError",
        "the signature is not a strictly encoded ECDSA signature (at byte {offset})",
        "tell support which device made it",
    ),
    "HWL-SIGNATURE-LENGTH": (
        "BadSignature",
        "a signature by {algorithm} has {expected} bytes, not {length}",
        "the file was cut or changed; " + _HARM,
    ),
    "HWL-TAG-BAD": (
        "BadSignature",
        "the authentication tag does not belong to this content and key",
        "what is stored on this machine was changed; activate again",
    ),
    "HWL-KEY-DELEGATION": (
        "UntrustedError",
        "the file carries a delegation, which files that its signer makes never do",
        "the file was made by something else than hwlock, or changed: ask for it again",
    ),
    "HWL-KEY-RSA": (
        "BadKey",
        "an RSA key of {bits} bits is not accepted: {smallest} to {largest}, odd, are",
        "use another key of the card, best an elliptic curve P-256 key",
    ),
    "HWL-KEY-ROCA": (
        "BadKey",
        "this RSA key was made by a chip with a known flaw (ROCA) and can be computed",
        "use another key or another card; the card's maker replaces such cards",
    ),
    "HWL-SEALED-ANCHOR": (
        "DeniedError",
        "sealed files cannot be opened with what this license would be bound to: {kinds}",
        "bind it to a TPM, a card with a P-256 key, or the host as well",
    ),
    "HWL-SEALED-CHANGED": (
        "UntrustedError",
        "the sealed file {name} was changed or cut off",
        "install the program again, or ask the vendor for the file",
    ),
    "HWL-SEALED-CUT": (
        "FormatError",
        "the sealed file ends within its header, or its header is no such thing",
        "install the program again, or ask the vendor for the file",
    ),
    "HWL-SEALED-HARDWARE": (
        "DeniedError",
        "what opens {name} is not here: the hardware that the license is bound to",
        "plug in the dongle, or run the program on the machine that is licensed",
    ),
    "HWL-SEALED-KEY": (
        "DeniedError",
        "the license does not open this file (key {key})",
        "ask the vendor whether your license should; it may be of another edition",
    ),
    "HWL-SEALED-KEYS": (
        "UntrustedError",
        "the keys in the license do not fit this hardware",
        "request a new license for this machine",
    ),
    "HWL-SEALED-MAGIC": (
        "FormatError",
        "this is not a sealed file of hwlock",
        "check that this is the right file",
    ),
    "HWL-KEY-PREPARED": (
        "BadKey",
        "the prepared {algorithm} key is damaged, or of another key or version",
        "install the product again; tell support if it stays so",
    ),
    "HWL-SEALED-NONE": (
        "DeniedError",
        "the license of {product} opens no sealed files",
        "ask the vendor whether your license should; it may be of another edition",
    ),
    # --- evidence, license, exchange: files ----------------------------------------
    "HWL-PRODUCT-OTHER": (
        "UntrustedError",
        "this {file} is for {theirs}, and this is {ours}",
        "look for the {file} of {ours}; this one is of no use here",
    ),
    "HWL-FIELD-EMPTY": (
        "FormatError",
        "the {where} has no {name}",
        _HARM,
    ),
    "HWL-FIELD-POLICY": (
        "FormatError",
        "the rule in the license that says which hardware may use it is not readable",
        "ask the vendor for a new license",
    ),
    "HWL-BIND-GRAMMAR": (
        "UsageError",
        "the binding is not readable at {where}: expected {expected}",
        "examples: 'tpm2 else host', 'tpm2 and host(70%)', 'piv@attested or tpm2'",
    ),
    "HWL-BIND-UNMET": (
        "DeniedError",
        "the machine does not offer the hardware that this license must be bound to",
        "tell the customer what is missing, or sell an entitlement with another --bind",
    ),
    "HWL-BIND-NOT-OFFERED": (
        "Finding",
        "the request offers no {anchor}",
        "the customer can add it with: hwlock request --device {anchor}:",
    ),
    "HWL-BIND-WEAK": (
        "Finding",
        "the {anchor} of the request reaches assurance '{reached}', and '{wanted}' is asked for",
        "put the maker's root certificates into the desk's folder {folder}, or ask for less",
    ),
    "HWL-BIND-VIRTUAL": (
        "Finding",
        "the {anchor} of the request is a virtual one, good for '{reached}', "
        "and '{wanted}' is asked for",
        "write {anchor}(virtual)@{wanted} where virtual machines are welcome",
    ),
    "HWL-RESPONSE-SEAL": (
        "UntrustedError",
        "the license in the response does not open with what this TPM gave",
        _HARM,
    ),
    "HWL-RESPONSE-OTHER": (
        "DeniedError",
        "no request waits on this machine that the response answers",
        "use the response on the machine that made the request, or make a new request here",
    ),
    "HWL-RESPONSE-USED": (
        "DeniedError",
        "the response was used on this machine before, and its license is here",
        "nothing more is needed; see: hwlock check --product {product}",
    ),
    "HWL-RESPONSE-RETURNED": (
        "DeniedError",
        "the license in the response was given back on this machine",
        "make a new request and send it in",
    ),
    "HWL-RESPONSE-EXPIRED": (
        "DeniedError",
        "the response was to be used until {when}",
        "if this machine's clock is right, make a new request and send it in",
    ),
    "HWL-RECEIPT-OTHER": (
        "UntrustedError",
        "the receipt is for another license than the one in the books",
        "ask the customer for the receipt of this activation",
    ),
    "HWL-HOST-CLAIMS": (
        "FormatError",
        "the machine fingerprint in this file is malformed: {detail}",
        _HARM,
    ),
    "HWL-HOST-WEAK": (
        "UntrustedError",
        "this fingerprint cannot tell one machine from another: it has only {found}",
        "ask the customer to bind to a TPM or a dongle: hwlock device list shows what is there",
    ),
    "HWL-TPM-STRUCTURE": ("FormatError", "the {where} is damaged: {fault}", _HARM),
    "HWL-TPM-ENROLLMENT": (
        "FormatError",
        "the TPM enrollment is of version {version}, which this hwlock does not know",
        _NEWER,
    ),
    "HWL-TPM-AK": (
        "UntrustedError",
        "the attestation key is not one that only a TPM can use",
        _FAKE,
    ),
    "HWL-TPM-KEY": (
        "UntrustedError",
        "the device key is not one that stays in its TPM",
        _FAKE,
    ),
    "HWL-TPM-ATTEST-SIGNATURE": (
        "UntrustedError",
        "the TPM's statement is not signed by its attestation key",
        _FAKE,
    ),
    "HWL-TPM-ATTEST-NONCE": (
        "UntrustedError",
        "the TPM's statement was made for another request",
        _FAKE,
    ),
    "HWL-TPM-ATTEST-NAME": (
        "UntrustedError",
        "the TPM's statement is about another key than the one of the request",
        _FAKE,
    ),
    "HWL-EK-ATTRIBUTES": (
        "UntrustedError",
        "the endorsement key is not one that stays in its TPM and only decrypts",
        _FAKE,
    ),
    "HWL-EK-WEAK": (
        "UntrustedError",
        "the endorsement key is too weak, or no key at all",
        _FAKE,
    ),
    "HWL-EK-KEY": (
        "UntrustedError",
        "the maker's certificate is for another TPM than the one of the request",
        _FAKE,
    ),
    "HWL-EK-PURPOSE": (
        "UntrustedError",
        "the certificate is not one for the endorsement key of a TPM",
        _FAKE,
    ),
    "HWL-EK-SAN": (
        "UntrustedError",
        "the TPM's certificate does not say which TPM it is for: {fault}",
        _FAKE,
    ),
    "HWL-MANIFEST-CHANGED": (
        "UntrustedError",
        "the manifest of {product} was changed: its list is not the one that was signed",
        "install the program again",
    ),
    "HWL-MANIFEST-LARGE": (
        "FormatError",
        "the manifest is too large: at most {limit} bytes are read",
        "check that this is the right file",
    ),
    "HWL-MANIFEST-LINE": (
        "FormatError",
        "the manifest is damaged at line {line}",
        "install the program again",
    ),
    "HWL-PIV-ATTESTATION": (
        "FormatError",
        "what the card's maker says of it is not a list of 1 to {most} certificates",
        _HARM,
    ),
    "HWL-PIV-KEY": (
        "UntrustedError",
        "the card's maker speaks of another key than the one of the request",
        _FAKE,
    ),
    "HWL-PIV-EXTENSION": (
        "UntrustedError",
        "the certificate of the card's key is not one of a maker: {fault}",
        _FAKE,
    ),
    "HWL-CHAIN-ISSUER": (
        "UntrustedError",
        "nobody that is trusted here vouches for this {device}: its certificate is from {issuer}",
        "if that is the maker of it, put its certificates into the desk's folder {folder}",
    ),
    "HWL-CHAIN-SIGNATURE": (
        "UntrustedError",
        "the {device}'s certificate says that it is from {issuer}, and is not signed by it",
        _FAKE,
    ),
    "HWL-CHAIN-AUTHORITY": (
        "UntrustedError",
        "{subject} may not issue certificates of a {device}",
        "take it out of the desk's folder {folder}, or put the right one there",
    ),
    "HWL-CHAIN-CRITICAL": (
        "UntrustedError",
        "the certificate of {subject} has a condition that hwlock does not understand",
        "please report the maker of this {device}",
    ),
    "HWL-CHAIN-ALGORITHM": (
        "UntrustedError",
        "the certificate of {subject} is signed or keyed in a way that is not accepted",
        "please report the maker of this {device}",
    ),
    "HWL-CHAIN-FUTURE": (
        "UntrustedError",
        "the certificate of {subject} is valid only from {since} on",
        "check the date of this computer",
    ),
    "HWL-FIDO2-DATA": (
        "FormatError",
        "what a security key said cannot be read: {fault}",
        "plug the key in again and try once more; if it stays, the key is of no use here",
    ),
    "HWL-FIDO2-RP": (
        "UntrustedError",
        "the security key signed for somebody else, not for hwlock",
        "make a new request with the key that is to be used",
    ),
    "HWL-FIDO2-SYNCED": (
        "UntrustedError",
        "the security key made a credential that can be copied to other devices",
        "use a key whose credentials stay in it; a passkey of a phone or a browser is none",
    ),
    "HWL-FIDO2-FLAGS": (
        "UntrustedError",
        "what the security key signed is not an answer to a question (flags {flags})",
        "make a new request with the key that is to be used",
    ),
    "HWL-FIDO2-ATTEST-KEY": (
        "UntrustedError",
        "the maker's statement is about another credential than the one of the request",
        "treat this request as an attempt to cheat, or as damaged in transit",
    ),
    "HWL-FIDO2-ATTEST-FORMAT": (
        "UntrustedError",
        "the security key's statement is of the form {form}, which says nothing of its maker here",
        "ask for the assurance key instead of attested, or use a key of another model",
    ),
    "HWL-FIDO2-ATTEST-SELF": (
        "UntrustedError",
        "the security key vouches only for itself; no maker does",
        "ask for the assurance key instead of attested, or use a key of another model",
    ),
    "HWL-FIDO2-ATTEST-ALGORITHM": (
        "UntrustedError",
        "the maker's statement about the security key is signed in a way not accepted here ({alg})",
        "please report the model of this key",
    ),
    "HWL-FIDO2-ATTEST-SIGNATURE": (
        "UntrustedError",
        "the maker's statement about the security key is not signed by the maker's certificate",
        "treat this request as an attempt to cheat, or as damaged in transit",
    ),
    "HWL-FIDO2-ATTEST-AAGUID": (
        "UntrustedError",
        "the maker's certificate is for another model than the security key says it is",
        "treat this request as an attempt to cheat, or as damaged in transit",
    ),
    "HWL-FIDO2-ATTEST-CERTIFICATE": (
        "UntrustedError",
        "the certificate of {subject} is not one of a security key: {fault}",
        "please report the model of this key",
    ),
    "HWL-BIND-LIMIT": (
        "Finding",
        "the {anchor} of the request reaches assurance '{reached}', as far as its kind can, "
        "and '{wanted}' is asked for",
        "bind to another kind of device, or ask for less",
    ),
    "HWL-BIND-UNPROVEN": (
        "Finding",
        "no maker that the desk trusts attests of the {anchor} of the request: {what}",
        "the customer needs another device or key; or put the maker's root certificates into "
        "the desk's folder, or ask for less",
    ),
    "HWL-BIND-FEWER": (
        "Finding",
        "the request offers {offered} {anchor} devices, and {wanted} are asked for",
        "the customer can name each with: hwlock request --device URI --device URI",
    ),
    "HWL-FIELD-MODEL": (
        "FormatError",
        "the license contradicts itself: {why}",
        "ask the vendor for a new license",
    ),
    "HWL-FIELD-AMENDMENT": (
        "FormatError",
        "a change that the license holds for an unlock code cannot be: {why}",
        "ask the vendor for a new license",
    ),
    "HWL-RENEWAL-OTHER": (
        "DeniedError",
        "there is no license for {product} on this machine that the renewal renews",
        "use it on the machine that it was made for, or make a new request here",
    ),
    "HWL-RENEWAL-OLD": (
        "DeniedError",
        "the license for {product} on this machine is as new as the renewal, or newer",
        "nothing more is needed; see: hwlock check --product {product}",
    ),
    "HWL-RENEWAL-NONE": (
        "DeniedError",
        "none of the renewals in the file is for a license of this machine",
        "use it on the machines that it was made for, or make a new request here",
    ),
    # --- check: verdicts -----------------------------------------------------------
    "HWL-LICENSE-FILE": (
        "Finding",
        "the license file {name} is of no use: {why}",
        "put the file back as it was sent, or activate again with a new request",
    ),
    "HWL-REQUEST-NOTHING": (
        "DeniedError",
        "this machine has nothing that a license could be bound to",
        "plug in a dongle or enable the TPM in the firmware setup; see: hwlock doctor",
    ),
    "HWL-REQUEST-DEVICES": (
        "UsageError",
        "a request names at most {most} of {kind}, and these are more: {uris}",
        "name fewer of them with --device",
    ),
    "HWL-RETURN-NOTHING": (
        "DeniedError",
        "there is no license for {product} on this machine that could be given back",
        "look where it is: hwlock status",
    ),
    "HWL-RETURN-WHICH": (
        "UsageError",
        "there are several licenses for {product} on this machine: {ids}",
        "choose one with --license ID",
    ),
    "HWL-RETURN-KEY": (
        "DeniedError",
        "the key that the license for {product} names is not on this machine",
        "give the license back on the machine that was activated, "
        "or ask the vendor to book it as lost",
    ),
    "HWL-DENIED": (
        "DeniedError",
        "{product} is not licensed on this machine",
        "",
    ),
    "HWL-LICENSE-WAITING": (
        "Finding",
        "there is no license for {product} on this machine; a request waits for its answer",
        "when the vendor's response is here: hwlock activate RESPONSE",
    ),
    "HWL-LICENSE-NONE": (
        "Finding",
        "there is no license for {product} on this machine",
        "make a request with: hwlock request --product FILE --key ACTIVATION-KEY -o REQUEST",
    ),
    "HWL-FEATURE-MISSING": (
        "DeniedError",
        "the license does not include the feature {feature}",
        "ask the vendor for a license with {feature}",
    ),
    "HWL-CLOCK-SLACK": (
        "Finding",
        "the clock is a little behind {seen}, which this machine has seen before",
        "",
    ),
    "HWL-CLOCK-BACK": (
        "Finding",
        "the clock says {now}, but this machine has already seen {seen}",
        "set the clock right; if it is right, activate again with a new request: "
        "the answer sets the time",
    ),
    "HWL-TERM-ENDED": (
        "Finding",
        "the license ended on {day}",
        "ask the vendor to renew it, then send a new request",
    ),
    "HWL-TERM-ENDING": (
        "Finding",
        "the license ends on {day}; {days} days left",
        "ask the vendor to renew it",
    ),
    "HWL-ANCHOR-OTHER": (
        "Finding",
        "the {anchor} here is not the one that the license is bound to",
        "this license belongs to another machine: request one for this machine",
    ),
    "HWL-ANCHOR-PROOF": (
        "Finding",
        "the {anchor} did not prove that it holds the key of the license",
        "restart the machine; if this stays, request a new license for it",
    ),
    "HWL-HOST-CHANGED": (
        "Finding",
        "this machine has changed ({changed}); it still fits, and {spare} of {tolerance} "
        "points of tolerance are left",
        "if more parts will be replaced, ask the vendor for a new response first",
    ),
    "HWL-HOST-TOO-CHANGED": (
        "Finding",
        "too much of this machine has changed: {changed}; still the same: {same} "
        "({score} of {needed} points)",
        "if it was repaired, make a new request and tell the vendor which parts were replaced",
    ),
    "HWL-HOST-OTHER": (
        "Finding",
        "this is another machine: only {score} of {needed} points match (the same: {same}; "
        "different: {changed})",
        "activate this machine with a request of its own, or return the license on the other first",
    ),
    "HWL-CLOCK-RANGE": (
        "DeviceError",
        "the clock of this computer says {now}, which cannot be",
        "set the clock right and try again",
    ),
    "HWL-CLOCK-EARLY": (
        "Finding",
        "the clock says {now}, but the license was issued at {issued}",
        "set the clock right; if it is right, ask the vendor for a new response",
    ),
    "HWL-DONGLE-ABSENT": (
        "Finding",
        "{label} is not plugged in",
        "plug in {label}",
    ),
    "HWL-DONGLE-INSTEAD": (
        "Finding",
        "{label} is not plugged in; what is plugged in is {others}",
        "plug in {label}: the license names no other",
    ),
    "HWL-DONGLE-OTHER": (
        "Finding",
        "what is plugged in as {label} is another device, or its key was replaced",
        "plug in {label} itself; if its key was replaced, request a new license",
    ),
    "HWL-DONGLE-PROOF": (
        "Finding",
        "{label} did not prove that it is the device that the license names",
        "pull it out and plug it in again; if this stays, request a new license",
    ),
    "HWL-DONGLE-IDENTITY": (
        "UntrustedError",
        "what says that it is {label} is another device",
        "plug in {label}",
    ),
    "HWL-REQUEST-TWICE": (
        "UsageError",
        "two of the devices that were named are one and the same: {label}",
        "name each by its own URI, such as {uri}; see: hwlock device list",
    ),
    "HWL-REQUEST-LARGE": (
        "UsageError",
        "with all these devices the request would have {size} bytes, and {limit} is the most",
        "name fewer devices with --device",
    ),
    "HWL-CLOCK-ZONE": (
        "Finding",
        "the clock says {now}, which is {hours} hours too early",
        "set date, time and time zone right; a second system on this machine may keep local time",
    ),
    "HWL-CLOCK-RESUMED": (
        "Finding",
        "the clock says {now}, which is {days} days too early",
        "set the clock right, or wait until the network has done it; what is counted waits as well",
    ),
    "HWL-CLOCK-AHEAD": (
        "Finding",
        "the clock says {now}, {days} days after all that this machine has seen",
        "if that is wrong, set the clock right: nothing else is needed",
    ),
    "HWL-CLOCK-TURNS": (
        "Finding",
        "the clock of this machine was set back {times} times, more often than can be believed",
        "set the clock right and activate again with a new request: the answer sets the time",
    ),
    "HWL-MEMORY-LOST": (
        "Finding",
        "this machine has lost what it remembered of the license; its TPM knows of more",
        "activate again with a new request",
    ),
    "HWL-MEMORY-RESTORED": (
        "Finding",
        "what this machine remembers of the license comes from an earlier day; "
        "its TPM knows that there was more",
        "if a backup was restored, activate again with a new request",
    ),
    "HWL-MEMORY-TPM": (
        "Finding",
        "the TPM has forgotten what it counted for this license",
        "if the TPM was cleared or a virtual machine put back, activate again with a new request",
    ),
    "HWL-TERM-GRACE": (
        "Finding",
        "the license ended on {day}; it still runs until {last}, {days} days left",
        "ask the vendor to renew it now, then send a new request",
    ),
    "HWL-TRIAL-ENDING": (
        "Finding",
        "the trial ends on {day}; {days} days left",
        "to go on after that day, buy a license from the vendor",
    ),
    "HWL-TRIAL-ENDED": (
        "Finding",
        "the trial ended on {day}",
        "buy a license from the vendor, or ask for more time",
    ),
    "HWL-MAINTENANCE-ENDED": (
        "Finding",
        "this version was released on {released}, and maintenance ended on {until}",
        "use a version that was released until {until}, or renew the maintenance",
    ),
    "HWL-MAINTENANCE-UNKNOWN": (
        "Finding",
        "the license is for versions released until {until}; this program does not say when it was",
        "",
    ),
    "HWL-FLOATING-LEASE": (
        "Finding",
        "the license is a floating one, and this machine holds no lease of a seat",
        "ask the administrator for the address of the license server",
    ),
    "HWL-FEATURE-ENDED": (
        "Finding",
        "the feature {feature} ended on {day}",
        "ask the vendor to renew {feature}",
    ),
    "HWL-FEATURE-ENDING": (
        "Finding",
        "the feature {feature} ends on {day}; {days} days left",
        "ask the vendor to renew {feature}",
    ),
    "HWL-ADDON-BASE": (
        "Finding",
        "a license here only adds to {base}, which is not licensed on this machine",
        "activate {base} as well, or ask the vendor what the add-on belongs to",
    ),
    "HWL-COUNTER-SPENT": (
        "DeniedError",
        "{counter} is used up: {limit} were licensed {period}",
        "ask the vendor for more",
    ),
    "HWL-COUNTER-LEFT": (
        "DeniedError",
        "{amount} of {counter} are wanted, and {left} are left",
        "ask the vendor for more, or do with less",
    ),
    "HWL-COUNTER-AMOUNT": (
        "UsageError",
        "{amount} of a counter cannot be used up",
        "this is a mistake in the program: at least 1 must be counted",
    ),
    "HWL-COUNTER-MISSING": (
        "DeniedError",
        "the license does not include {counter}",
        "ask the vendor for a license with {counter}",
    ),
    "HWL-COUNTER-CLOCK": (
        "DeniedError",
        "{counter} cannot be counted while the clock is wrong",
        "set the clock right and try again",
    ),
    "HWL-REVOKED-LICENSE": (
        "Finding",
        "the vendor took this license back on {day}",
        "ask the vendor why, and for a new one",
    ),
    "HWL-REVOKED-SOON": (
        "Finding",
        "the vendor takes this license back on {day}",
        "ask the vendor why, and for a new one before that day",
    ),
    "HWL-REVOKED-ISSUER": (
        "Finding",
        "{issuer} issued this license after its key was taken back on {day}",
        "ask the vendor for a new license, and say where this one came from",
    ),
    "HWL-REVOKED-DEVICE": (
        "Finding",
        "the vendor took back the device {device}, so that it proves nothing any more",
        "use another device of the license, or ask the vendor for a new one",
    ),
    "HWL-REVOKED-LIST": (
        "Finding",
        "the vendor's revocation list {known} was here, and now there is an older one or none "
        "(number {found})",
        "ask the vendor for the list, then: hwlock import FILE",
    ),
    "HWL-REVOKED-NUMBER": (
        "FormatError",
        "the revocation list {number} contradicts itself",
        _HARM,
    ),
    "HWL-REVOKED-SIGNER": (
        "UntrustedError",
        "revocation list {number} is signed by {issuer}, whose key was taken back",
        "ask the vendor for the list again",
    ),
    "HWL-REVOKED-GAP": (
        "DeniedError",
        "revocation list {number} does not fit the one that is known here, {known}",
        "ask the vendor for the full list",
    ),
    "HWL-REVOKED-OLD": (
        "DeniedError",
        "revocation list {number} is older than the one that this machine has seen, {known}",
        "ask the vendor for the newest list",
    ),
    "HWL-RETURN-DEAD": (
        "Finding",
        "this license was given back: the TPM of this machine knows it",
        "make a new request; the seat is free again for whoever asks",
    ),
    "HWL-REQUEST-RECEIPTS": (
        "UsageError",
        "a request takes at most {most} receipts",
        "send the others to the vendor as they are",
    ),
    # --- devices: any --------------------------------------------------------------
    "HWL-DEVICE-KIND": (
        "UsageError",
        "{uri} does not name {wanted}",
        "see: hwlock device list",
    ),
    "HWL-DEVICE-CANCELLED": (
        "Cancelled",
        "{device} was not used: the person said no, or did not touch it in time",
        "try again, and confirm on the device when it asks",
    ),
    "HWL-DEVICE-EXTRA": (
        "UnsupportedError",
        "{kind} devices need the Python package {package}, which is not installed",
        "install it with: pip install 'hwlock[{extra}]'",
    ),
    "HWL-DEVICE-GONE": (
        "Removed",
        "{device} was unplugged while it was in use",
        "plug it in again; nothing is lost",
    ),
    "HWL-DEVICE-NONE": (
        "NotFound",
        "{device} is not plugged in",
        "plug it in; if it is, try another socket, and see: hwlock doctor",
    ),
    "HWL-DEVICE-PIN": (
        "PinRequired",
        "{device} asks for its PIN",
        "start the program where it can ask you for the PIN",
    ),
    "HWL-DEVICE-PIN-BLOCKED": (
        "AccessDenied",
        "the PIN of {device} is blocked: it was wrong too often",
        "unblock it with the PUK and the maker's tool; hwlock never tries a PIN twice",
    ),
    "HWL-DEVICE-PIN-WRONG": (
        "PinRequired",
        "the PIN of {device} was wrong; it can be tried {attempts_left} more times",
        "try again with the right PIN; it is blocked when none is left",
    ),
    "HWL-DEVICE-URI": (
        "UsageError",
        "{uri} does not name a device",
        "a device is named by its kind and perhaps more: {kinds}; see: hwlock device list",
    ),
    "HWL-DEVICE-URI-ESCAPE": (
        "UsageError",
        "{uri} does not name a device: {part!r} holds a broken escape",
        "write a special character as % and two hexadecimal digits, such as %20",
    ),
    "HWL-DEVICE-URI-PART": (
        "UsageError",
        "{uri} does not name a device: {part!r} means nothing there",
        "write {kind}:NAME=VALUE;… with these names, each once: {names}",
    ),
    "HWL-DEVICE-EVENTS": (
        "DeviceError",
        "the system does not tell any more which {kind} devices come and go: {detail}",
        "nothing to do: they are looked at from time to time instead",
    ),
    "HWL-DEVICE-AGREE": (
        "UnsupportedError",
        "{kind}: this device signs, and cannot open sealed files",
        "bind the license to a TPM, a PIV card with a P-256 key or the machine as well",
    ),
    # --- devices: tpm2 -------------------------------------------------------------
    "HWL-TPM-BETWEEN": (
        "BadAnswer",
        "an answer of the TPM was changed on its way, or another TPM gave it",
        "somebody may have opened this machine: have it looked at",
    ),
    "HWL-TPM-URI": (
        "UsageError",
        "{uri} does not name a TPM",
        "a TPM is named by one of: {forms}",
    ),
    "HWL-TPM-NONE": (
        "NotFound",
        "this machine shows no TPM 2.0",
        "it may be switched off in the firmware setup (TPM, PTT, fTPM or security device)",
    ),
    "HWL-TPM-ABSENT": ("NotFound", "there is no TPM at {path}", "see: hwlock device list"),
    "HWL-TPM-NODE": ("NotFound", "{path} is not a TPM device", "see: hwlock device list"),
    "HWL-TPM-SWTPM": (
        "NotFound",
        "no software TPM answers at {where}",
        "start swtpm there, or name another host and port",
    ),
    "HWL-TPM-TBS": (
        "UnsupportedError",
        "TPM Base Services are not available in this system",
        "",
    ),
    "HWL-TPM-DENIED": (
        "AccessDenied",
        "the TPM at {path} is here, but this user may not use it",
        "let an administrator run: usermod -aG {group} USER, then log in again",
    ),
    "HWL-TPM-BLOCKED": (
        "AccessDenied",
        "the system does not let this user send this command to the TPM",
        "run it once as administrator",
    ),
    "HWL-TPM-AUTH": (
        "AccessDenied",
        "the TPM is protected by a password that hwlock does not have: {meaning}",
        "clear the TPM in the firmware setup, or ask whoever manages this machine",
    ),
    "HWL-TPM-LOCKOUT": (
        "Busy",
        "the TPM is locked: {meaning}",
        "leave the machine switched on; the lock ends by itself after some hours",
    ),
    "HWL-TPM-NOT-NOW": ("Busy", "the TPM cannot do it now: {meaning}", "try again in a moment"),
    "HWL-TPM-BUSY": (
        "Busy",
        "the TPM at {where} is in use by another program",
        "try again in a moment",
    ),
    "HWL-TPM-GONE": (
        "Removed",
        "the TPM at {where} does not answer any more",
        "try again; if this stays, restart the machine",
    ),
    "HWL-TPM-IO": (
        "BadAnswer",
        "the TPM at {where} cannot be reached: {detail}",
        "try again; if this stays, restart the machine",
    ),
    "HWL-TPM-ANSWER": (
        "BadAnswer",
        "the TPM gave an answer that makes no sense: {fault}",
        "try again; if this stays, the machine's firmware may need an update",
    ),
    "HWL-TPM-REFUSED": (
        "BadAnswer",
        "the TPM refuses: {meaning}",
        "please report this sentence to whoever supports the program",
    ),
    "HWL-TPM-OTHER": (
        "NotFound",
        "the keys of this installation are of another TPM, or this TPM was cleared since",
        "activate this machine again with a new request",
    ),
    "HWL-TPM-COUNTER": (
        "BadAnswer",
        "the NV index {index} of the TPM is used by something else",
        "ask whoever manages this machine",
    ),
    "HWL-TPM-EK-POLICY": (
        "UnsupportedError",
        "the endorsement key of this TPM has a policy that hwlock does not know",
        "please report the maker and model of this machine's TPM",
    ),
    "HWL-TPM-EK-NONE": (
        "Finding",
        "this TPM carries no certificate of its maker, so its keys cannot be attested",
        "",
    ),
    "HWL-TPM-VIRTUAL": (
        "Finding",
        "this TPM is a virtual one, made by {maker}: whoever runs the host can copy it",
        "",
    ),
    "HWL-TPM-CREDENTIAL": (
        "UntrustedError",
        "the credential in the response was not made for this TPM, or was changed",
        "use the response to the last request of this machine, or make a new request",
    ),
    "HWL-TPM-SIGN": (
        "UsageError",
        "a proof is not made by signing its text as a message",
        "",
    ),
    "HWL-TPM-INSTALL": (
        "UnsupportedError",
        "the software TPM is not installed: {program} is missing",
        "install the packages swtpm and swtpm-tools",
    ),
    "HWL-TPM-START": (
        "NotFound",
        "the software TPM did not start: {detail}",
        "",
    ),
    # --- devices: smartcard ------------------------------------------------------
    "HWL-SMARTCARD-SERVICE": (
        "NotFound",
        "the smartcard service of this computer does not run",
        "{fix}",
    ),
    "HWL-SMARTCARD-READER": (
        "NotFound",
        "there is no smartcard reader",
        "plug the reader or the token in; if it is, see: hwlock doctor",
    ),
    "HWL-SMARTCARD-EMPTY": (
        "NotFound",
        "there is no such card in {reader}",
        "put the right card in, with the chip first",
    ),
    "HWL-SMARTCARD-SEVERAL": (
        "UsageError",
        "there are several cards of the kind {kind}: in {readers}",
        "name one by its serial, as `hwlock device list` shows it, or take the others out",
    ),
    "HWL-SMARTCARD-SLOT": (
        "UsageError",
        "{uri} does not name a key: there is no slot {slot}",
        "the slots are 9a, 9c, 9d, 9e, and 82 to 95",
    ),
    "HWL-SMARTCARD-BUSY": (
        "Busy",
        "the card in {reader} is held by {who} alone",
        "close that program; GnuPG shares a card when ~/.gnupg/scdaemon.conf has the line "
        "pcsc-shared",
    ),
    "HWL-SMARTCARD-RESET": (
        "Busy",
        "another program reset the card in {reader} in this moment",
        "try again",
    ),
    "HWL-SMARTCARD-DENIED": (
        "AccessDenied",
        "this user may not use the smartcard service",
        "let an administrator allow it (polkit: org.debian.pcsc-lite.access_pcsc and access_card)",
    ),
    "HWL-SMARTCARD-PROTOCOL": (
        "BadAnswer",
        "the card in {reader} speaks a language that its reader does not",
        "try another reader",
    ),
    "HWL-SMARTCARD-MUTE": (
        "BadAnswer",
        "the card in {reader} does not answer",
        "take it out, see that the chip is clean, and put it in again, with the chip first",
    ),
    "HWL-SMARTCARD-IO": (
        "BadAnswer",
        "the reader {reader} reports {meaning}",
        "plug the reader out and in again",
    ),
    "HWL-SMARTCARD-ANSWER": (
        "BadAnswer",
        "the card gave an answer that makes no sense: {fault}",
        "try again; if this stays, try another reader or card",
    ),
    "HWL-SMARTCARD-REFUSED": (
        "BadAnswer",
        "the card refuses: {meaning}",
        "please report this sentence to whoever supports the program",
    ),
    "HWL-SMARTCARD-SIGNATURE": (
        "BadAnswer",
        "the signature of {device} is not of the key that it shows",
        "try again; if this stays, the card is broken, or not what it says that it is",
    ),
    "HWL-SMARTCARD-KEY": (
        "NotFound",
        "the card has no key in slot {slot}",
        "make one with the maker's tool, such as: ykman piv keys generate --algorithm ECCP256 "
        "--pin-policy never {slot} key.pem; a card without such a tool needs a certificate there",
    ),
    "HWL-SMARTCARD-ALGORITHM": (
        "BadKey",
        "the key on the card is {algorithm}: P-256, Ed25519 and RSA from 2048 bits are accepted",
        "use another slot, or make another key with the maker's tool",
    ),
    "HWL-SMARTCARD-OTHER": (
        "NotFound",
        "{device} has not the key that was enrolled: it is another card, or the key was replaced",
        "plug the right one in; if the key was replaced, ask the vendor for a new license",
    ),
    "HWL-SMARTCARD-PIN-LENGTH": (
        "PinRequired",
        "a PIN of {device} has {least} to {most} characters; this one was not tried",
        "type it again",
    ),
    "HWL-TESTING-INSTALL": (
        "UnsupportedError",
        "the virtual smartcard reader is not installed: {program} is missing",
        "install the packages pcscd and vsmartcard-vpcd (Debian)",
    ),
    "HWL-TESTING-START": (
        "NotFound",
        "the virtual smartcard reader does not work: {detail}",
        "",
    ),
    "HWL-TESTING-SERVICE": (
        "UsageError",
        "a process can have one virtual smartcard service at a time",
        "",
    ),
    "HWL-SMARTCARD-OPENPGP-KEY": (
        "NotFound",
        "{device} has no key for authentication",
        "make one: gpg --card-edit, admin, generate; or ykman openpgp keys import AUT",
    ),
    # --- devices: pkcs11 ---------------------------------------------------------
    "HWL-PKCS11-ANSWER": (
        "BadAnswer",
        "the PKCS#11 token {device} gave an answer that cannot be right: {fault}",
        "plug it in again and try once more; see: hwlock doctor",
    ),
    "HWL-PKCS11-ARCHITECTURE": (
        "UnsupportedError",
        "the PKCS#11 module {path} is made for another kind of processor than this Python",
        "install the maker's module of the same kind, mostly the 64-bit one",
    ),
    "HWL-PKCS11-BUSY": (
        "Busy",
        "{device} is in use by another part of this program",
        "wait until that is done, and try again",
    ),
    "HWL-PKCS11-INSTALL": (
        "UnsupportedError",
        "the software token needs {program}, which is not installed",
        "install it with: apt install softhsm2 opensc",
    ),
    "HWL-PKCS11-KEY": (
        "NotFound",
        "the key that is wanted is not on {device}",
        "plug in the token of the license, or look at its keys with the maker's tool",
    ),
    "HWL-PKCS11-LOAD": (
        "BadAnswer",
        "the PKCS#11 module {path} cannot be used: {detail}",
        "install the maker's module again, or set HWLOCK_PKCS11_MODULE to another one",
    ),
    "HWL-PKCS11-MODULE": (
        "NotFound",
        "there is no PKCS#11 module at {path}",
        "set HWLOCK_PKCS11_MODULE to the library that came with the token",
    ),
    "HWL-PKCS11-NO-MODULE": (
        "NotFound",
        "no PKCS#11 module was found on this computer",
        "install the software of the token, and set {variable} to the library that came with it",
    ),
    "HWL-PKCS11-PIN-UNUSABLE": (
        "AccessDenied",
        "the PIN of {device} cannot be used: it is not set yet, or must be changed",
        "set a new PIN with the maker's tool",
    ),
    "HWL-PKCS11-PIN-WRONG": (
        "PinRequired",
        "the PIN of {device} was wrong; {left}",
        "try again with the right PIN; the token blocks itself after some wrong ones",
    ),
    "HWL-PKCS11-RECORD": (
        "FormatError",
        "the record of a PKCS#11 key is of version {version}, which is not known here",
        "install a newer version of this program",
    ),
    "HWL-PKCS11-REFUSED": (
        "BadAnswer",
        "the PKCS#11 token {device} refused: {meaning}",
        "plug it in again and try once more; see: hwlock doctor",
    ),
    "HWL-PKCS11-SEVERAL": (
        "UsageError",
        "several keys of this token could be used: {uris}",
        "name the one that you want",
    ),
    "HWL-PKCS11-SHARED": (
        "Busy",
        "another part of this program uses the PKCS#11 module {path} already",
        "use another module for the license, such as that of p11-kit",
    ),
    "HWL-PKCS11-TOKENS": (
        "UsageError",
        "several tokens fit: {uris}",
        "name the one that you want, or leave only that one",
    ),
    # --- devices: fido2 ----------------------------------------------------------
    "HWL-FIDO2-ANSWER": (
        "BadAnswer",
        "{device} gave an answer that cannot be right: {fault}",
        "plug it in again and try once more; if it stays, the key is of no use here",
    ),
    "HWL-FIDO2-BUSY": (
        "Busy",
        "{device} is busy: another program waits for it",
        "finish or close what asks for the key, such as a page in a browser, and try again",
    ),
    "HWL-FIDO2-DENIED": (
        "AccessDenied",
        "this user may not use the security key at {path}",
        "log in at the computer itself, or ask an administrator for a udev rule; "
        "see: docs/howto/fido2.md",
    ),
    "HWL-FIDO2-NODE": (
        "NotFound",
        "a security key is plugged in, but its device {path} is not here",
        "in a container, pass the device in: --device {path}",
    ),
    "HWL-FIDO2-OLD": (
        "DeviceError",
        "{device} speaks only U2F, the predecessor of FIDO2",
        "use a key that speaks FIDO2",
    ),
    "HWL-FIDO2-OTHER": (
        "NotFound",
        "a security key is plugged in, but not the one of this license",
        "plug in the key that the license was requested with",
    ),
    "HWL-FIDO2-PIN-BLOCKED": (
        "AccessDenied",
        "the PIN of the security key {device} is blocked: it was wrong too often",
        "the key must be reset, which makes its license void: request a new one afterwards",
    ),
    "HWL-FIDO2-PIN-PAUSE": (
        "AccessDenied",
        "{device} wants to be plugged in again: its PIN was wrong three times",
        "pull it out, plug it in again, and use the right PIN",
    ),
    "HWL-FIDO2-RECORD": (
        "FormatError",
        "the record of a security key is of version {version}, which is not known here",
        "install a newer version of this program",
    ),
    "HWL-FIDO2-REFUSED": (
        "BadAnswer",
        "{device} refused: {meaning}",
        "plug it in again and try once more; see: hwlock doctor",
    ),
    "HWL-FIDO2-SEVERAL": (
        "UsageError",
        "several security keys are plugged in: {uris}",
        "leave only the one that you want to use, or name it",
    ),
    "HWL-FIDO2-SILENT": (
        "BadAnswer",
        "{device} does not answer",
        "pull it out and plug it in again",
    ),
    "HWL-FIDO2-NO-APPLET": (
        "NotFound",
        "the card in {reader} is no security key",
        "put the security key on the reader",
    ),
    # --- devices: yubikey --------------------------------------------------------
    # --- devices: usb ------------------------------------------------------------
    # --- devices: host -------------------------------------------------------------
    "HWL-HOST-TOO-FEW": (
        "DeviceError",
        "this machine has too little that tells it from others: found {found}; left out: {left}",
        "bind the license to a TPM or a dongle instead: hwlock device list shows what is there",
    ),
    "HWL-HOST-URI": (
        "UsageError",
        "{uri} names no machine: write host: or host:root=/FOLDER",
        "",
    ),
    "HWL-HOST-ROOT": (
        "NotFound",
        "{root} holds no system to read: there is no folder sys in it",
        "give the folder under which the sys, proc and etc of the machine are mounted",
    ),
    "HWL-HOST-SYSTEM": (
        "UnsupportedError",
        "the fingerprint of this machine cannot be read on {system}: {detail}",
        "bind the license to a dongle instead: hwlock device list shows what is there",
    ),
    "HWL-HOST-SMBIOS": (
        "BadAnswer",
        "the firmware's table (SMBIOS) cannot be read: {detail}",
        "update the computer's firmware, or bind the license to a dongle instead",
    ),
    "HWL-HOST-STORAGE": (
        "BadAnswer",
        "what a disk says of itself cannot be read: {detail}",
        "update the driver of the disks, or bind the license to a dongle instead",
    ),
    "HWL-HOST-NETWORK": (
        "BadAnswer",
        "the system's list of network adapters cannot be read: {detail}",
        "update the drivers of the network adapters, or bind the license to a dongle instead",
    ),
    "HWL-HOST-ROOT-ONLY": (
        "Finding",
        "left out: {what}; only an administrator can read it, and the fingerprint is the same "
        "for everybody",
        "",
    ),
    "HWL-HOST-PLACEHOLDER": (
        "Finding",
        "left out: {what}; many machines say the same",
        "",
    ),
    "HWL-HOST-NO-SERIAL": (
        "Finding",
        "left out: {what}; no serial number that everybody can read",
        "",
    ),
    "HWL-HOST-SOFTWARE": (
        "Finding",
        "left out: {what}; made by software, not a part of the machine",
        "",
    ),
    "HWL-HOST-MAC": (
        "Finding",
        "left out: {what}; its address was made up or set by software",
        "",
    ),
    "HWL-HOST-REMOVABLE": (
        "Finding",
        "left out: {what}; it can be unplugged",
        "",
    ),
    "HWL-HOST-SHARED": (
        "Finding",
        "left out: {what}; it is reached over a network, other machines may see it too",
        "",
    ),
    "HWL-HOST-IMAGE": (
        "Finding",
        "left out: {what}; this is a container ({detail}), and it belongs to the image",
        "",
    ),
    "HWL-HOST-FLEETING": (
        "Finding",
        "left out: {what}; {detail} makes it anew or shares it",
        "",
    ),
    "HWL-HOST-MANY": (
        "Finding",
        "left out: {what}; eight of a kind are enough",
        "",
    ),
    "HWL-HOST-VIRTUAL": (
        "Finding",
        "this is a virtual machine ({detail}): a copy of it can have the same fingerprint",
        "for a stronger binding use a dongle or a TPM",
    ),
    "HWL-HOST-TREE": (
        "UsageError",
        "{root} is not empty, and an imaginary machine needs a folder of its own",
        "",
    ),
    # --- enforce -------------------------------------------------------------------
    "HWL-FILES-ADDED": (
        "Finding",
        "{count} files were not shipped with the program: {paths}",
        "",
    ),
    "HWL-FILES-CHANGED": (
        "Finding",
        "{count} files are not as the vendor shipped them: {paths}",
        "install the program again; if they change again, look for malware",
    ),
    "HWL-FILES-DENIED": (
        "DeniedError",
        "the files of {product} are not as the vendor shipped them",
        "install the program again",
    ),
    "HWL-FILES-FOLDER": (
        "StoreError",
        "{path} cannot be looked into: {detail}",
        "name the folder in which the program is installed",
    ),
    "HWL-FILES-MISSING": (
        "Finding",
        "{count} files of the program are missing: {paths}",
        "install the program again",
    ),
    "HWL-REDEEM-WRONG": (
        "DeniedError",
        "the code opens nothing in the licenses of this machine",
        "ask the vendor which license it is for; `hwlock status` shows the ids of those here",
    ),
    "HWL-REDEEM-WAIT": (
        "DeniedError",
        "there were too many wrong codes: the next one is read in {minutes} minutes",
        "check with the vendor that the code is for this license, and try again then",
    ),
    "HWL-REDEEM-NONE": (
        "DeniedError",
        "no license on this machine has a change that a code could open",
        "ask the vendor for another answer: make a request with `hwlock request`",
    ),
    "HWL-REDEEM-USED": (
        "DeniedError",
        "this code was used here before: {change}",
        "each code works once; ask the vendor for the next one",
    ),
    "HWL-REDEEM-ORDER": (
        "DeniedError",
        "another code comes before this one: {before}",
        "use the code that you were given first, then this one",
    ),
    "HWL-REDEEM-HOST": (
        "DeniedError",
        "this machine has too few parts of its own for a license to be moved to it",
        "ask the vendor for a dongle, or for an answer to a request of this machine",
    ),
    # --- store ---------------------------------------------------------------------
    "HWL-STORE-KEY": (
        "StoreError",
        "the key of the store {path} is gone",
        "activate again with a new request",
    ),
    "HWL-STORE-FORGED": (
        "StoreError",
        "what this machine remembers of {product} was changed by something else than hwlock",
        "activate again with a new request: that costs no new seat",
    ),
    "HWL-STORE-PRODUCT": (
        "StoreError",
        "the store has no product file of {product}",
        "make a new request with --product FILE",
    ),
    "HWL-STORE-BROKEN": (
        "StoreError",
        "the disk failed at {path}",
        "check the disk; licenses can be activated again from their response files",
    ),
    "HWL-STORE-DENIED": (
        "StoreError",
        "this user may not use {path}",
        "run it as the user who activated the license, as administrator if that was for all users, "
        "or set HWLOCK_HOME to a folder of your own",
    ),
    "HWL-STORE-FULL": (
        "StoreError",
        "there is no room left to write {path}",
        "free some space on that disk and try again; what was kept before is still there",
    ),
    "HWL-STORE-GONE": (
        "StoreError",
        "{path} disappeared while it was in use",
        "see what else cleans up that folder, then try again",
    ),
    "HWL-STORE-HOME": (
        "StoreError",
        "there is no place to keep licenses: {reason}",
        "set HWLOCK_HOME to the folder where this user's licenses shall be kept",
    ),
    "HWL-STORE-KIND": (
        "StoreError",
        "{path} is not what should stand there ({reason})",
        "move it away and try again",
    ),
    "HWL-STORE-LINK": (
        "StoreError",
        "{path} is a link, and links are not followed where licenses are kept",
        "put the real file or folder in its place, or set HWLOCK_HOME to the real folder",
    ),
    "HWL-STORE-LOCKED": (
        "StoreError",
        "{path} was in use by {holder} for more than {within_s} s",
        "wait until that is done, or end it, and try again",
    ),
    "HWL-STORE-MANY": (
        "StoreError",
        "{path} holds more than {limit} files",
        "delete those that are no longer needed",
    ),
    "HWL-STORE-MODE": (
        "StoreError",
        "other users may change {path}, so it cannot be believed",
        "if its content is yours, take that right away: chmod go-w {path}",
    ),
    "HWL-STORE-NAME": (
        "StoreError",
        "{name} cannot be a {what}: {rule}",
        "use the name exactly as the vendor wrote it",
    ),
    "HWL-STORE-OS": (
        "StoreError",
        "{path}: {reason}",
        "",
    ),
    "HWL-STORE-OWNER": (
        "StoreError",
        "{path} belongs to another user ({owner})",
        "run it as that user, or set HWLOCK_HOME to a folder of your own",
    ),
    "HWL-STORE-READONLY": (
        "StoreError",
        "{path} is on a disk that cannot be written",
        "make that disk writable, or set HWLOCK_HOME to a folder that is",
    ),
    "HWL-STORE-SIZE": (
        "StoreError",
        "{path} is larger than {max_bytes} bytes",
        "no file of hwlock is that large: move it away",
    ),
    # --- issue: the vendor's desk --------------------------------------------------
    "HWL-DESK-NONE": (
        "UsageError",
        "there is no desk at {path}",
        "make one with: hwlock vendor init; or set HWLOCK_VENDOR to the folder of yours",
    ),
    "HWL-DESK-HOME": (
        "UsageError",
        "there is no place for a desk: {reason}",
        "set HWLOCK_VENDOR to the folder of the desk",
    ),
    "HWL-DESK-EXISTS": (
        "UsageError",
        "there is something at {path} already",
        "set HWLOCK_VENDOR to another folder; a desk that exists is never made again",
    ),
    "HWL-DESK-SETTINGS": (
        "StoreError",
        "{path} is not readable as the settings of a desk",
        "put the file back from a backup of the desk",
    ),
    "HWL-DESK-PASSPHRASE": (
        "UntrustedError",
        "the passphrase does not open {path}",
        "type it again; if it is certainly right, put the file back from a backup of the desk",
    ),
    "HWL-DESK-PASSPHRASE-EMPTY": (
        "UsageError",
        "the passphrase of a desk must not be empty",
        "choose one and keep it somewhere safe: nobody can recover it",
    ),
    "HWL-DESK-PASSPHRASE-NONE": (
        "UsageError",
        "this needs the passphrase of the desk",
        "set HWLOCK_PASSPHRASE, or run it at a terminal",
    ),
    "HWL-DESK-KEY": (
        "StoreError",
        "{path} does not hold the key that this desk was made with",
        "put the file back from a backup of the desk",
    ),
    "HWL-DESK-KEY-MISSING": (
        "StoreError",
        "this needs {path}, and it is not there",
        "put the file back from where it is kept; products and renewals need root.key, "
        "answers issuer.key",
    ),
    "HWL-DESK-KEY-PLAIN": (
        "StoreError",
        "{path} holds a key without a passphrase",
        "put the file back from a backup of the desk; a key that lay open should be replaced",
    ),
    "HWL-DESK-REGISTRY": (
        "StoreError",
        "the registry {path} cannot be used: {reason}",
        "check the disk and the permissions of the folder, or put the file back from a backup",
    ),
    "HWL-DESK-BUSY": (
        "StoreError",
        "the registry {path} was in use by others for more than {seconds} s",
        "try again in a moment",
    ),
    "HWL-DESK-NEWER": (
        "StoreError",
        "the registry {path} has version {theirs}, and this hwlock knows up to {ours}",
        "update hwlock on this computer",
    ),
    "HWL-DESK-TEXT": (
        "UsageError",
        "the {what} must be one line of 1 to {limit} bytes",
        "shorten it, and leave out line breaks and invisible characters",
    ),
    "HWL-DESK-NUMBER": ("UsageError", "the {what} must be from {least} to {most}", ""),
    "HWL-DESK-PAST": (
        "UsageError",
        "the term would have ended already ({when})",
        "choose a later date; it counts to the end of that day in UTC",
    ),
    "HWL-DESK-PRODUCT-ID": (
        "UsageError",
        "{id!r} cannot be the id of a product",
        "use 1 to 64 of a-z 0-9 . _ - with a letter or digit in front, such as acme-cad",
    ),
    "HWL-DESK-PRODUCT-TWICE": (
        "UsageError",
        "there is a product {product} already",
        "see: hwlock vendor product list",
    ),
    "HWL-DESK-PRODUCT-NONE": (
        "UsageError",
        "this desk has no product {product}",
        "see: hwlock vendor product list",
    ),
    "HWL-DESK-ENTITLEMENT-NONE": (
        "UsageError",
        "this desk has no entitlement {id}",
        "see: hwlock vendor entitlement list",
    ),
    "HWL-DESK-RELEASE": (
        "UsageError",
        "{license} is not the id of a license that holds a seat",
        "the ids stand in: hwlock vendor entitlement show ENTITLEMENT",
    ),
    "HWL-DESK-ISSUER-ENDED": (
        "DeniedError",
        "this desk may not sign for {product}: its delegation has ended, or there is none",
        "put {file} into the desk's folder and try again: that renews it; an agent needs a new key",
    ),
    "HWL-DESK-REQUEST-PRODUCT": (
        "DeniedError",
        "the request is for {product}, which is no product of this desk",
        "the customer used another product file, or wrote to the wrong vendor; "
        "send them the file from: hwlock vendor product export",
    ),
    "HWL-DESK-REQUEST-KEY": (
        "DeniedError",
        "the request was made with an activation key that this desk never gave out for {product}",
        "ask the customer which key they used; theirs is in: hwlock vendor entitlement show",
    ),
    "HWL-DESK-PROOF": (
        "UntrustedError",
        "whoever made the request did not have the activation key of {entitlement}, "
        "although the request names it",
        "do not answer it; ask the customer for a new request, made with their key",
    ),
    "HWL-DESK-SALT": (
        "UntrustedError",
        "the fingerprint in the request was made for another activation key",
        "ask the customer for a new request; if that fails too, for a newer hwlock",
    ),
    "HWL-DESK-TPM-KEY": (
        "UntrustedError",
        "the request is signed by another key than the one that its TPM speaks of",
        "do not answer it; ask the customer for a new request",
    ),
    "HWL-DESK-TPM-MAKER": (
        "Finding",
        "the TPM of the request was made by {maker}; {authority} vouches for it",
        "",
    ),
    "HWL-DESK-TPM-EXPIRED": (
        "Finding",
        "the certificate of its endorsement key is past its time, which makers do not renew",
        "",
    ),
    "HWL-DESK-TPM-BARE": (
        "Finding",
        "the TPM of the request has no certificate of its maker, so its key is not attested",
        "",
    ),
    "HWL-DESK-TPM-ROOTS": (
        "Finding",
        "the TPM of the request counts as 'key' and not as 'attested': {reason}",
        "if you trust its maker, put the maker's certificate into {folder}",
    ),
    "HWL-DESK-TPM-ROOT-FILE": (
        "StoreError",
        "{path} is not readable as a certificate",
        "put certificates there in DER or PEM form, and nothing else",
    ),
    "HWL-DESK-REQUEST-RETURNED": (
        "DeniedError",
        "the request was answered on {answered}, and its license was returned on {ended}",
        "ask the customer for a new request: the old one is used up",
    ),
    "HWL-DESK-REQUEST-LOST": (
        "DeniedError",
        "the request was answered on {answered}, and its seat was released on {ended}",
        "ask the customer for a new request: the old one is used up",
    ),
    "HWL-DESK-REQUEST-REPLACED": (
        "DeniedError",
        "the request was answered on {answered}, and on {ended} a newer one of that machine was",
        "use the response to the newer request, or ask the customer for a new one",
    ),
    "HWL-DESK-REFUSED": (
        "DeniedError",
        "the request of {customer} is refused",
        "",
    ),
    "HWL-DESK-SUSPENDED": (
        "Finding",
        "the entitlement {entitlement} is suspended",
        "when the reason is gone: hwlock vendor entitlement resume {entitlement}",
    ),
    "HWL-DESK-ENDED": (
        "Finding",
        "the term of the entitlement {entitlement} ended on {when}",
        "the customer can renew: sell a new entitlement and send them its activation key",
    ),
    "HWL-DESK-SEATS": (
        "Finding",
        "all seats of {entitlement} are taken: {taken} of {seats}",
        "the customer can free one with hwlock return, or buy more; who holds them: "
        "hwlock vendor entitlement show {entitlement}",
    ),
    "HWL-DESK-RECEIPT-UNKNOWN": (
        "DeniedError",
        "this desk never issued the license {license} that the receipt is for",
        "the receipt belongs to another vendor or another desk",
    ),
    "HWL-DESK-RECEIPT-REPLACED": (
        "DeniedError",
        "the receipt is for a license that a newer one of the same machine replaced on {when}",
        "no seat is freed: ask the customer to make a new request, activate the answer and return "
        "that",
    ),
    "HWL-AUDIT-MISSING": (
        "UntrustedError",
        "the audit is broken: record {sequence} is missing",
        "somebody changed the registry: keep a copy of it, and compare with a backup",
    ),
    "HWL-AUDIT-CHANGED": (
        "UntrustedError",
        "the audit is broken: record {sequence} was changed",
        "somebody changed the registry: keep a copy of it, and compare with a backup",
    ),
    "HWL-AUDIT-JOIN": (
        "UntrustedError",
        "the audit is broken: record {sequence} does not continue the one before it",
        "somebody changed the registry: keep a copy of it, and compare with a backup",
    ),
    "HWL-AUDIT-SIGNATURE": (
        "UntrustedError",
        "the audit is broken: record {sequence} is not signed by this desk",
        "somebody changed the registry: keep a copy of it, and compare with a backup",
    ),
    "HWL-AUDIT-CUT": (
        "UntrustedError",
        "the audit is broken: it ends at record {count}, "
        "and the license {license} was issued by record {sequence}",
        "somebody changed the registry: keep a copy of it, and compare with a backup",
    ),
    "HWL-AUDIT-EXPORT": (
        "UntrustedError",
        "the audit does not continue the earlier export: record {sequence} is another or missing",
        "the registry was changed or put back to an earlier day: compare with a backup",
    ),
    "HWL-AUDIT-LINE": (
        "UsageError",
        "line {number} of the file is no line of an exported audit",
        "choose a file that was written by: hwlock vendor audit export",
    ),
    "HWL-DESK-MANIFEST-EMPTY": (
        "UsageError",
        "there are no files under {folder}",
        "name the folder that holds what you ship",
    ),
    "HWL-DESK-MANIFEST-NAME": (
        "UsageError",
        "{path} cannot stand in a manifest: a link, unreadable, or a name for some systems only",
        "ship a readable file, under a name without colon, backslash or control characters",
    ),
    "HWL-DESK-DONGLE": (
        "UntrustedError",
        "{label} does not answer for this request: {reason}",
        "do not answer it; ask the customer for a new request, with the device plugged in",
    ),
    "HWL-DESK-DONGLE-MAKER": (
        "Finding",
        "{label} was made by {maker}; {authority} vouches for it",
        "",
    ),
    "HWL-DESK-DONGLE-EXPIRED": (
        "Finding",
        "the certificate of {label} is past its time, which makers do not renew",
        "",
    ),
    "HWL-DESK-DONGLE-ROOTS": (
        "Finding",
        "{label} counts as 'key' and not as 'attested': {reason}",
        "if you trust its maker, put the maker's certificate into {folder}",
    ),
    "HWL-DESK-DONGLE-KEY": (
        "UntrustedError",
        "{label} has a kind of key that its maker never attests",
        "",
    ),
    "HWL-DESK-DONGLE-SERIAL": (
        "UntrustedError",
        "the request calls the card {uri}, but its maker says that its serial number is {serial}",
        "do not answer it; ask the customer for a new request",
    ),
    "HWL-DESK-MODEL": (
        "UsageError",
        "this cannot be sold: {why}",
        "see the kinds of license in: hwlock vendor entitlement add --help",
    ),
    "HWL-DESK-EXTEND": (
        "UsageError",
        "this cannot be extended: {why}",
        "look at what was sold: hwlock vendor entitlement show ID",
    ),
    "HWL-DESK-TRIAL-USED": (
        "Finding",
        "this machine has had its trial from {began} to {ended}",
        "to give more time: hwlock vendor entitlement extend {entitlement} --days N",
    ),
    "HWL-DESK-SEAL-CHANGED": (
        "UsageError",
        "the file changed while it was being sealed for {name}",
        "seal it again when nothing writes into it",
    ),
    "HWL-DESK-AMEND-WORD": (
        "UsageError",
        "no unlock codes for {said!r}: {why}",
        "say for example --amend 'extend:30d*2' --amend 'clock*2', or --amend none",
    ),
    "HWL-DESK-AMEND-KIND": (
        "UsageError",
        "{kind!r} is no kind of change",
        "choose one of: {kinds}",
    ),
    "HWL-DESK-AMEND-LICENSE": (
        "UsageError",
        "there is no license {license!r} in use",
        "`hwlock vendor entitlement show ID` lists the licenses of an entitlement",
    ),
    "HWL-DESK-AMEND-NONE": (
        "UsageError",
        "this license has no unlock code of kind {kind} for you: it had {had}, {given} were given",
        "--again gives the newest one again; else let the customer make a request, and answer it",
    ),
    "HWL-DESK-LOSSES": (
        "DeniedError",
        "no more losses can be booked for {entitlement} now: {losses} in a year are agreed, "
        "{days} days apart",
        "the next one can be booked: {next}; sooner with --force, which the audit tells",
    ),
    "HWL-DESK-RENEW": (
        "UsageError",
        "the license {license} cannot be renewed: {why}",
        "look at what was sold: hwlock vendor entitlement show",
    ),
    "HWL-DESK-REVOKE-ID": (
        "UsageError",
        "there is no {kind} {id} that could be taken back, or it was before",
        "see the ids in: hwlock vendor entitlement show ID; hwlock inspect FILE",
    ),
    "HWL-DESK-REVOKE-OWN": (
        "UsageError",
        "{id} is a key of this desk that is in use, and signs the revocation list",
        "hwlock vendor key rotate issuer, then take the old one back",
    ),
    "HWL-DESK-REVOKE-SINCE": (
        "UsageError",
        "only an issuer can be taken back from a moment in the past on",
        "name a day that is over, and no --after-days; see hwlock vendor key list",
    ),
    "HWL-DESK-KEY-NAME": (
        "UsageError",
        "this desk has no issuer key in use of the name {name!r}",
        "see: hwlock vendor key list",
    ),
    "HWL-DESK-KEY-ID": (
        "UsageError",
        "this desk has no key {id}",
        "see: hwlock vendor key list",
    ),
    "HWL-DESK-KEY-CHANGED": (
        "UsageError",
        "the key {kid} was replaced by another command meanwhile; nothing was signed",
        "run the same command again",
    ),
    "HWL-DESK-KEY-MANY": (
        "UsageError",
        "this root key has already appointed {limit} issuer keys",
        "hwlock vendor key rotate root, then try again",
    ),
    "HWL-DESK-KEY-FORMER": (
        "UsageError",
        "the product file of {product} holds {limit} former root keys, and no more fit",
        "drop the oldest: hwlock vendor key list, hwlock vendor key drop ID",
    ),
    "HWL-DESK-KEY-DROP": (
        "UsageError",
        "{kid} is no former root key of any product",
        "see: hwlock vendor key list; a root key in use is replaced first, by rotate root",
    ),
    "HWL-DESK-ISSUER-ENDS": (
        "Finding",
        "this desk may sign for {product} until {day}, and nothing here renews that",
        "put {file} into the desk's folder and answer a request; for an agent make a new key",
    ),
    "HWL-DESK-REVOKE-NONE": (
        "UsageError",
        "nothing of {product} was taken back since list {base}",
        "",
    ),
    "HWL-DESK-REVOKE-MANY": (
        "UsageError",
        "more of {product} was taken back than one list holds: {limit}",
        "write only what was added: --since N",
    ),
    "HWL-DESK-REVOKED": (
        "Finding",
        "this machine's TPM or device was taken back on {day}: {reason}",
        "talk to the customer; another machine or device can be licensed",
    ),
    "HWL-DESK-REQUEST-REVOKED": (
        "DeniedError",
        "the request was answered on {answered}, and that license was taken back",
        "ask the customer for a new request, if this machine may have a license again",
    ),
    "HWL-DESK-RENEW-NONE": (
        "UsageError",
        "no license of {entitlement} holds a seat, so there is nothing to renew",
        "machines that ask get its present terms: hwlock respond REQUEST",
    ),
    "HWL-DESK-TRANSFERS": (
        "Finding",
        "the seat may not move to another machine now: {transfers} in a year are agreed for "
        "{entitlement}, {days} days apart",
        "the next one is free {next}; to move it all the same, answer with --transfer, which the "
        "audit tells",
    ),
    "HWL-DESK-TRANSFER-OTHER": (
        "Finding",
        "the receipt is for the license {license}, which is none of {entitlement}",
        "book it by itself: hwlock vendor receive; then ask for a request without it",
    ),
    "HWL-DESK-REUSED": (
        "Finding",
        "this machine still has license {license}, which was returned on {day}",
        "somebody put a backup back: ask the customer, and let them give it back again",
    ),
    "HWL-DESK-REUSED-LOST": (
        "Finding",
        "this machine still has license {license}, which was booked as lost on {day}",
        "the machine was found, or its disk lives on: ask the customer, and let them give it back",
    ),
    "HWL-DESK-REUSED-AGAIN": (
        "Finding",
        "license {license} was returned on {day}, and after that given back once more",
        "between the two it ran from a backup: ask the customer",
    ),
    "HWL-DESK-REUSED-REVOKED": (
        "Finding",
        "license {license} is on the revocation list, which travels in every answer",
        "",
    ),
    # --- cli -----------------------------------------------------------------------
    "HWL-PRODUCT-NONE": (
        "UsageError",
        "this machine knows no product yet",
        "make a request with: hwlock request --product FILE --key ACTIVATION-KEY -o REQUEST",
    ),
    "HWL-PRODUCT-WHICH": (
        "UsageError",
        "this machine knows several products: {products}",
        "choose one with --product ID",
    ),
    "HWL-PRODUCT-UNKNOWN": (
        "UsageError",
        "this machine knows no product {product}",
        "see: hwlock status, or give the product file with --product FILE",
    ),
    "HWL-INSPECT-KIND": (
        "FormatError",
        "the file says that it is of the kind {typ}, which hwlock does not know",
        "a newer hwlock may know it",
    ),
    "HWL-USAGE": ("UsageError", "{detail}", "see: {command} --help"),
    "HWL-USAGE-ABORTED": (
        "UsageError",
        "stopped before it was done",
        "run the same command again: it goes on from wherever this one was stopped",
    ),
    "HWL-EXTRA-MISSING": (
        "UnsupportedError",
        "this needs {module}, which is not installed",
        "pip install 'hwlock[{extra}]'",
    ),
    "HWL-FILE-READ": (
        "UsageError",
        "{path} cannot be read: {detail}",
        "check the name and the permissions of the file",
    ),
    "HWL-FILE-BOTH": (
        "UsageError",
        "the file and its QR codes cannot both go to standard output",
        "give a file name to -o or to --qr",
    ),
    "HWL-FILE-NOWHERE": (
        "UsageError",
        "it is not said where to write",
        "add -o FILE for a file, --qr FILE.png for QR codes, or --qr - to show them here",
    ),
    "HWL-FILE-SEVERAL": (
        "UsageError",
        "{count} files were given, and they are not pictures or parts of one",
        "give one file, or all pictures of its QR codes",
    ),
    "HWL-FILE-LARGE": (
        "UsageError",
        "{path} is larger than {limit} bytes, and no file of hwlock is",
        "check that this is the right file",
    ),
    "HWL-FILE-WRITE": (
        "UsageError",
        "{path} cannot be written: {detail}",
        "choose another place with -o",
    ),
    "HWL-DEMO-FOLDER": (
        "UsageError",
        "{path} is not empty",
        "name a folder that is new or empty: hwlock demo --keep DIR",
    ),
    "HWL-VENDOR-TERM": (
        "UsageError",
        "a right has one term: --days, --until or --perpetual",
        "give one of the three",
    ),
    "HWL-VENDOR-KIND": (
        "UsageError",
        "a license is of one kind, and these are several: {kinds}",
        "sell two entitlements, or leave one of the options out",
    ),
    "HWL-VENDOR-FEATURE": (
        "UsageError",
        "{said!r} is not readable as a feature",
        "examples: sim, max-points=5000, 'solver=cores:8,mode:fast', sim@2027-12-31",
    ),
    "HWL-VENDOR-COUNTER": (
        "UsageError",
        "{said!r} is not readable as a counter",
        "examples: exports=100/month, jobs=5000",
    ),
    "HWL-IMPORT-KIND": (
        "FormatError",
        "a file of kind {typ} is not for import",
        _OTHER,
    ),
    "HWL-VENDOR-RENEW": (
        "UsageError",
        "say which license is renewed, or all of which entitlement, into a file",
        "hwlock vendor renew LICENSE -o FILE, or hwlock vendor renew --entitlement ID -o FILE",
    ),
    "HWL-DOCTOR-INSTALLED": ("Finding", "{version}, Python {python}, {system}", ""),
    "HWL-DOCTOR-STORE": ("Finding", "licenses are kept in {path}", ""),
    "HWL-DOCTOR-STORE-CLOSED": (
        "Finding",
        "{path} cannot be written by this user",
        "give the user the folder, or set HWLOCK_HOME to another one",
    ),
    "HWL-DOCTOR-LICENSED": ("Finding", "it is licensed", ""),
    "HWL-DOCTOR-NOTHING": (
        "Finding",
        "there is nothing here that a license could be bound to",
        "enable the TPM in the firmware setup, or ask the vendor for a dongle",
    ),
    "HWL-DOCTOR-DEVICE": ("Finding", "{name}, assurance {assurance}", ""),
    "HWL-DOCTOR-PLUGGED": ("Finding", "{count} plugged in", ""),
    "HWL-DOCTOR-WANTED": (
        "Finding",
        "a license for {product} names one, and none is plugged in",
        "plug it in, directly and not through a hub, and run this again",
    ),
    "HWL-DOCTOR-REMOTE": (
        "Finding",
        "this is a remote desktop: Windows shows it the cards of the computer in front of you, "
        "and hides those that are plugged in here",
        "plug the dongle in where you sit and allow smart cards in the client, "
        "or log in at this computer",
    ),
    "HWL-DOCTOR-SSH": (
        "Finding",
        "this is an SSH session: pcscd and udev may keep dongles for who sits here",
        "log in at this computer, or let an administrator allow the group",
    ),
    "HWL-DOCTOR-CONTAINER": (
        "Finding",
        "this is a container, which sees only the devices that were passed in",
        "for cards: -v /run/pcscd/pcscd.comm:/run/pcscd/pcscd.comm; "
        "for USB: --device /dev/bus/usb; for security keys: --device /dev/hidraw0",
    ),
    # --- enforce: watch --------------------------------------------------------------
    "HWL-WATCH-TIME": (
        "UsageError",
        "a watch cannot work with {name}={value}: it takes a number of seconds from {least} up",
        "the maker of this program must set it right",
    ),
    "HWL-WATCH-BEFORE": (
        "UsageError",
        "the watch was not started yet, so it has seen nothing",
        "the maker of this program must start it first",
    ),
    "HWL-WATCH-ENDING": (
        "Busy",
        "the watch was stopped and is still ending: a check or a callback of it goes on",
        "try again in a moment",
    ),
    # --- devices: usb and yubikey --------------------------------------------------
    "HWL-USB-BUSY": (
        "Busy",
        "another program is using the {device}",
        "close the other program, or try again in a moment",
    ),
    "HWL-USB-DENIED": (
        "AccessDenied",
        "this user may not open the {device}",
        "an administrator can allow it with a udev rule; see: docs/howto/usb.md",
    ),
    "HWL-USB-IO": (
        "BadAnswer",
        "the {device} did not answer as a USB device should: {detail}",
        "unplug it, plug it into another socket without a hub, and try again",
    ),
    "HWL-USB-LIBRARY": (
        "UnsupportedError",
        "USB devices need the library libusb-1.0, which this system does not have",
        "apt install libusb-1.0-0 (Debian, Ubuntu), brew install libusb (macOS), or put "
        "libusb-1.0.dll beside the program (Windows)",
    ),
    "HWL-USB-SEVERAL": (
        "UsageError",
        "{uri} could mean several devices: {found}",
        "name one of them",
    ),
    "HWL-USB-SYSTEM": (
        "UnsupportedError",
        "this operating system does not let programs use the {device} in this way",
        "use another kind of dongle here; see: docs/platforms.md",
    ),
    "HWL-USB-TWICE": (
        "Finding",
        "{count} devices here say the same serial number",
        "a license cannot tell them apart; ask their maker for a unique one",
    ),
    "HWL-USB-UNREAD": (
        "Finding",
        "its serial number is only known when it is opened",
        "name it by vid and pid, and hwlock reads it",
    ),
    "HWL-USB-URI": (
        "UsageError",
        "{uri} does not name a USB device: {part!r} is not four lower-case hexadecimal digits",
        "write it as hwlock device list does",
    ),
    "HWL-YUBIKEY-ANSWER": (
        "BadSignature",
        "the answer does not fit the slot that the license was made for",
        "plug in the YubiKey that the license names; if its slot was programmed anew, make a new "
        "request",
    ),
    "HWL-YUBIKEY-BAD": (
        "BadAnswer",
        "the YubiKey answered with {fault}",
        "unplug it, plug it in again, and try again",
    ),
    "HWL-YUBIKEY-CONSTANT": (
        "BadKey",
        "the slot of the {device} gives the same answer to everything: it is no HMAC-SHA1 slot",
        "program the slot for HMAC-SHA1 challenge and response; see: docs/howto/yubikey.md",
    ),
    "HWL-YUBIKEY-INDEX": (
        "BadSignature",
        "the answer is not the one that was asked for",
        "plug in the YubiKey that the license names",
    ),
    "HWL-YUBIKEY-RECORD": (
        "FormatError",
        "the record of a YubiKey has {found} commitments; it takes at least 2",
        "ask the vendor for a new response",
    ),
    "HWL-YUBIKEY-REFUSED": (
        "BadAnswer",
        "the YubiKey refused: its slot is empty, or not made for challenge and response",
        "program the slot, or name the other one; see: docs/howto/yubikey.md",
    ),
    "HWL-YUBIKEY-SERIAL": (
        "BadAnswer",
        "the YubiKey does not tell its serial number",
        "let it be visible to programs, with Yubico's own tool",
    ),
    "HWL-YUBIKEY-URI": (
        "UsageError",
        "{uri} does not name a slot of a YubiKey",
        "write yubikey:serial=NUMBER;slot=2, the slot 1 or 2",
    ),
}
