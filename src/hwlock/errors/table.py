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
    "HWL-KEY-OTHER": (
        "UntrustedError",
        "the file is signed by key {kid}, not by {mine}",
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
    # --- devices: any --------------------------------------------------------------
    # --- devices: tpm2 -------------------------------------------------------------
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
    # --- store ---------------------------------------------------------------------
    # --- issue: the vendor's desk --------------------------------------------------
    # --- cli -----------------------------------------------------------------------
}
