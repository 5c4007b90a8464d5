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
_OTHER = "choose the right file: `hwlock inspect FILE` tells what a file is"

TABLE: dict[str, tuple[str, str, str]] = {
    # --- anywhere ------------------------------------------------------------------
    "HWL-INTERNAL": (
        "InternalError",
        "hwlock made a mistake: {detail}",
        "please report this with the trace above",
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
    # --- crypto: keys and signatures -----------------------------------------------
    "HWL-KEY-OTHER": (
        "UntrustedError",
        "the file is signed by key {kid}, not by {mine}",
        _HARM,
    ),
    "HWL-KEY-CURVE": (
        "BadKey",
        "the key in the file is on another curve than its type says",
        _HARM,
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
        "examples: 'tpm2 else host', 'tpm2 and host(70%)', 'tpm2@attested'",
    ),
    "HWL-BIND-UNMET": (
        "DeniedError",
        "the machine does not offer the hardware that this license must be bound to",
        "send the customer the list above, or sell an entitlement with another --bind",
    ),
    "HWL-BIND-NOT-OFFERED": (
        "Finding",
        "the request offers no {anchor}",
        "the customer can add it with: hwlock request --device {anchor}:",
    ),
    "HWL-BIND-WEAK": (
        "Finding",
        "the {anchor} of the request reaches assurance '{reached}', and '{wanted}' is asked for",
        "put the maker's root certificates into the desk's folder tpm-roots, or ask for less",
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
        "UntrustedError",
        "the response answers another request than the one that waits here",
        "use the response to the last request of this machine, or make a new request",
    ),
    "HWL-RESPONSE-EXPIRED": (
        "UntrustedError",
        "the response was to be used until {when}",
        "if this machine's clock is right, make a new request and send it in",
    ),
    "HWL-RECEIPT-OTHER": (
        "UntrustedError",
        "the receipt is for another license than the one in the books",
        "ask the customer for the receipt of this activation",
    ),
    # --- check: verdicts -----------------------------------------------------------
    "HWL-DENIED": (
        "DeniedError",
        "{product} is not licensed on this machine",
        "",
    ),
    "HWL-LICENSE-NONE": (
        "Finding",
        "there is no license for {product} on this machine",
        "make a request with: hwlock request --product FILE --key ACTIVATION-KEY -o REQUEST",
    ),
    "HWL-FEATURE-MISSING": (
        "DeniedError",
        "the license does not include {feature}",
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
        "the license ends on {day}, in {days} days",
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
    # --- devices: any --------------------------------------------------------------
    "HWL-DEVICE-URI": (
        "UsageError",
        "{uri} does not name a device",
        "a device is named by its kind and perhaps more: {kinds}; see: hwlock device list",
    ),
    # --- devices: tpm2 -------------------------------------------------------------
    # --- devices: host -------------------------------------------------------------
    # --- store ---------------------------------------------------------------------
    # --- issue: the vendor's desk --------------------------------------------------
    # --- cli -----------------------------------------------------------------------
    "HWL-USAGE": ("UsageError", "{detail}", "see: {command} --help"),
    "HWL-USAGE-ABORTED": ("UsageError", "stopped before anything was done", ""),
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
}
