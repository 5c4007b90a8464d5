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
    # --- evidence, license, exchange: files ----------------------------------------
    # --- check: verdicts -----------------------------------------------------------
    # --- devices: any --------------------------------------------------------------
    # --- devices: tpm2 -------------------------------------------------------------
    # --- devices: host -------------------------------------------------------------
    # --- store ---------------------------------------------------------------------
    # --- issue: the vendor's desk --------------------------------------------------
    # --- cli -----------------------------------------------------------------------
}
