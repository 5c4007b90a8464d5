"""The one table of everything that hwlock can say when something is not as it should be.

A row: code → (class that raises it, sentence, hint). "Finding" marks a code that only
stands in verdicts. Sentences start small and end without a full stop; `{names}` are
particulars given by the place that raises. Hints say the next step for this person and
may be empty. docs/errors.md is generated from here. Codes are stable: a code whose meaning
changes gets a new name.
"""

from __future__ import annotations

_HARM = "ask for the file again, best as an attachment"

TABLE: dict[str, tuple[str, str, str]] = {
    # --- anywhere ------------------------------------------------------------------
    "HWL-INTERNAL": (
        "InternalError",
        "hwlock made a mistake: {detail}",
        "please report this with the trace above",
    ),
    # --- codec: bytes --------------------------------------------------------------
    # --- crypto: keys and signatures -----------------------------------------------
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
        "a {algorithm} public key has {expected} bytes, not {length}",
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
        "an {algorithm} signature has {expected} bytes, not {length}",
        "the file was cut or changed; " + _HARM,
    ),
    "HWL-TAG-BAD": (
        "BadSignature",
        "the authentication tag does not belong to this content and key",
        "what is stored on this machine was changed; activate again",
    ),
    # --- evidence, license, exchange: files ----------------------------------------
    # --- check: verdicts -----------------------------------------------------------
    # --- devices: any --------------------------------------------------------------
    # --- devices: tpm2 -------------------------------------------------------------
    # --- devices: host -------------------------------------------------------------
    # --- store ---------------------------------------------------------------------
    # --- issue: the vendor's desk --------------------------------------------------
    # --- cli -----------------------------------------------------------------------
}
