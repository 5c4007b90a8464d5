"""One fault in what a file says of a dongle; the file's own signature is good.

Of a license the anchors 0 to 4 are piv, openpgp (RSA), pkcs11, usb and yubikey; of a request
the dongles 0 to 3 are the first four of them.
"""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

from hwlock.crypto import sha2
from hwlock.exchange import request
from hwlock.record import replace

HERE = Path(__file__)
g = SimpleNamespace(**runpy.run_path(str(HERE.with_name("genuine.py"))))
members = SimpleNamespace(**runpy.run_path(str(HERE.with_name("members.py"))))

GONE, OURS = members.GONE, members.OURS
ANCHORS = (OURS, 4, 1)
SHOWN = (OURS, 7)
RSA = g.DONGLES[1].claims(b"", bytes(32)).key.cose_key()
# 65537^7 mod the product of the primes by which ROCA keys are known, made odd and 2048 bits long
_ROCA_PRIMES = (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)

MODULE, QUERY = "pkcs11:token=t;module-path=/tmp/evil.so", "pkcs11:token=t?module-path=/tmp/evil.so"


def roca() -> bytes:
    """Return a modulus that has the fingerprint of ROCA, and belongs to nobody."""
    step = 2
    for prime in _ROCA_PRIMES:
        step *= prime
    start = (1 << 2047) - (1 << 2047) % step + step
    return next(
        found.to_bytes(256, "big")
        for found in (start + pow(65537, power, step) for power in range(1, 99))
        if found % 2
    )


LICENSES = (
    ("no-uri", "a card without a URI", (*ANCHORS, 0, 7), GONE, "FIELD-MISSING"),
    ("no-label", "a card without a label", (*ANCHORS, 0, 8), GONE, "FIELD-MISSING"),
    ("label-empty", "an empty label", (*ANCHORS, 0, 8), "", "FIELD-EMPTY"),
    ("label-long", "a label of 101 bytes", (*ANCHORS, 0, 8), "a" * 101, "FIELD-LONG"),
    ("label-control", "a control character", (*ANCHORS, 0, 8), "a\x1b", "FIELD-TEXT"),
    ("uri-kind", "the URI of another kind", (*ANCHORS, 0, 7), "openpgp:", "FIELD-WORD"),
    ("uri-local", "the reader of one machine", (*ANCHORS, 0, 7), "piv:reader=A", "FIELD-DEVICE"),
    ("uri-module", "a library to load", (*ANCHORS, 2, 7), MODULE, "FIELD-DEVICE"),
    ("uri-query", "the same as RFC 7512 has it", (*ANCHORS, 2, 7), QUERY, "FIELD-DEVICE"),
    ("record-empty", "an empty record instead of none", (*ANCHORS, 0, 9), b"", "FIELD-SHORT"),
    ("record-long", "a record of 8193 bytes", (*ANCHORS, 0, 9), bytes(8193), "FIELD-LONG"),
    ("assurance", "a key that is merely shared", (*ANCHORS, 0, 2), "shared", "FIELD-WORD"),
    ("yubikey-record", "a shared secret without record", (*ANCHORS, 4, 9), GONE, "FIELD-MISSING"),
    ("yubikey-key", "a shared secret with a key", (*ANCHORS, 4, 3), RSA, "FIELD-UNKNOWN"),
    ("yubikey-assurance", "said twice", (*ANCHORS, 4, 2), "shared", "FIELD-UNKNOWN"),
    ("usb-record", "a number with a record", (*ANCHORS, 3, 9), b"x", "FIELD-UNKNOWN"),
    ("usb-uri", "the URI of another kind", (*ANCHORS, 3, 7), "piv:", "FIELD-WORD"),
    ("tpm-uri", "a TPM with a URI", (*ANCHORS, 0, 1), "tpm2", "FIELD-UNKNOWN"),
    ("rsa-short", "RSA of 1024 bits", (*ANCHORS, 1, 3, -1), b"\xff" * 128, "KEY-RSA"),
    ("rsa-zero", "a zero in front", (*ANCHORS, 1, 3, -1), b"\0" + RSA[-1], "KEY-RSA"),
    ("rsa-exponent", "the exponent 3", (*ANCHORS, 1, 3, -2), b"\x03", "KEY-CURVE"),
    ("rsa-roca", "the fingerprint of ROCA", (*ANCHORS, 1, 3, -1), roca(), "KEY-ROCA"),
    ("rsa-private", "a private part", (*ANCHORS, 1, 3, -3), b"d", "FIELD-UNKNOWN"),
)
REQUESTS = (
    ("none", "an empty list instead of none", SHOWN, (), "FIELD-EMPTY"),
    ("text", "a dongle that is no map", SHOWN, ("piv",), "FIELD-MAP"),
    ("kind", "a kind that nobody knows", (*SHOWN, 0, 1), "rs232", "FIELD-WORD"),
    ("host", "the machine is no dongle", (*SHOWN, 0, 1), "host", "FIELD-WORD"),
    ("uri-kind", "the URI of another kind", (*SHOWN, 0, 2), "usb:", "FIELD-WORD"),
    ("uri-module", "a library to load", (*SHOWN, 2, 2), MODULE, "FIELD-DEVICE"),
    ("uri-query", "the same as RFC 7512 has it", (*SHOWN, 2, 2), QUERY, "FIELD-DEVICE"),
    ("uri-pin", "a PIN", (*SHOWN, 2, 2), "pkcs11:pin-value=1234", "FIELD-DEVICE"),
    ("no-key", "a card without its key", (*SHOWN, 0, 4), GONE, "FIELD-MISSING"),
    ("usb-key", "a number with a key", (*SHOWN, 3, 4), RSA, "FIELD-UNKNOWN"),
    ("no-record", "no record, not even an empty one", (*SHOWN, 0, 5), GONE, "FIELD-MISSING"),
    ("no-signature", "no signature", (*SHOWN, 0, 6), GONE, "FIELD-MISSING"),
    ("data-empty", "empty data instead of none", (*SHOWN, 0, 7), b"", "FIELD-SHORT"),
    ("attest-empty", "an empty attestation", (*SHOWN, 0, 8), b"", "FIELD-SHORT"),
    ("attest-long", "an attestation of 16385 bytes", (*SHOWN, 0, 8), bytes(16385), "FIELD-LONG"),
    ("unknown", "a member that nobody knows", (*SHOWN, 0, 9), 0, "FIELD-UNKNOWN"),
)


def license_case(name: str, comment: str, path: tuple, new: object, code: str):
    """Return a license with one wrong member of an anchor."""
    raw = members.changed(g.payload(g.LICENSE_DONGLES), path, new)
    raw = g.signed(g.VENDOR.issuer, g.LICENSE_DONGLES, raw)
    return f"license-{name}", g.case("license", comment, raw, code, members.stage_of(code))


def request_case(name: str, comment: str, says: object, code: str, stage: str = ""):
    """Return a request that says this."""
    raw = g.signed(g.MACHINE, g.REQUEST_DONGLES, says)
    stage = stage or members.stage_of(code)
    return f"request-{name}", g.case("request", comment, raw, code, stage)


def asked(name: str, comment: str, asking: request.Asking, code: str, stage: str):
    """Return a request that the library writes."""
    raw = request.ask(asking, g.MACHINE)
    return f"request-{name}", g.case("request", comment, raw, code, stage)


def cases() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield one wrong member a case, then what is well formed and proves nothing."""
    for fault in LICENSES:
        yield license_case(*fault)
    says = g.payload(g.LICENSE_DONGLES)
    first = says[OURS][4][1][0]
    twice = (first, first | {7: "piv:serial=2", 8: "another name"})
    yield license_case(
        "twice", "one key under two names", (OURS, 4), {1: twice, 2: (2, 0, 1)}, "FIELD-POLICY"
    )
    says = g.payload(g.REQUEST_DONGLES)
    for name, comment, path, new, code in REQUESTS:
        yield request_case(name, comment, members.changed(says, path, new), code)
    one = says[OURS][7][0]
    many = tuple(one | {2: f"piv:serial={number}"} for number in range(9))
    nine = members.changed(says, SHOWN, many)
    yield request_case("nine", "nine dongles", nine, "FIELD-MANY")
    again = members.changed(says, SHOWN, (one, one))
    yield request_case("twice", "a dongle that stands there twice", again, "FIELD-TWICE")
    asking = g.carrying(*g.DONGLES)
    stale = replace(asking, nonce=sha2.sha256(b"another nonce"))
    stale = replace(stale, key_proof=g.KEY.proof(stale.nonce, stale.key.kid))
    comment = "dongles that answered another request"
    yield asked("stale", comment, stale, "SIGNATURE-BAD", "trust")
    (usb,) = asking.dongles[3:]
    lies = replace(asking, dongles=(replace(usb, data=b"usb:serial=other"),))
    comment = "a USB stick that says it is another one"
    yield asked("usb-lies", comment, lies, "DONGLE-IDENTITY", "trust")
