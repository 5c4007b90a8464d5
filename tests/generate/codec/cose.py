"""COSE_Sign1 (docs/spec/encoding.md section 2): one envelope, and one fault in each other.

The envelopes are written by hand, not by the code under test. The signature is 64 bytes of
55: parsing does not verify.
"""

from __future__ import annotations

from collections.abc import Iterator

KID = "50" + "6b" * 16
TYP = "781a" + b"application/hwlock-license".hex()
HEADER = "a30127" + "04" + KID + "10" + TYP
PAYLOAD = "43010203"
SIGNATURE = "5840" + "55" * 64


def bstr(data: str) -> str:
    """Return hex of a byte string of 24 to 255 bytes."""
    return f"58{len(data) // 2:02x}{data}"


def envelope(
    *,
    tag: str = "d2",
    array: str = "84",
    header: str = HEADER,
    unprotected: str = "a0",
    payload: str = PAYLOAD,
    signature: str = SIGNATURE,
) -> str:
    """Return hex of an envelope made of these pieces."""
    protected = bstr(header) if len(header) > 46 else f"{0x40 + len(header) // 2:02x}{header}"
    return tag + array + protected + unprotected + payload + signature


def header(
    *, alg: str = "0127", kid: str = "04" + KID, typ: str = "10" + TYP, more: str = ""
) -> str:
    """Return hex of a protected map with these members, in this order."""
    count = sum(1 for member in (alg, kid, typ, more) if member)
    return f"a{count}{alg}{kid}{typ}{more}"


KEPT = {
    "eddsa": (envelope(), "the plain form"),
    "es256": (envelope(header=header(alg="0126")), "the other algorithm"),
    "delegation": (envelope(header=header(more="3a0001116f" + "43aabbcc")), "with a delegation"),
    "payload-empty": (envelope(payload="40"), "an empty payload is a payload"),
}

BROKEN = {
    "untagged": (envelope(tag=""), "COSE-SHAPE", "tag 18 is not there"),
    "no-array": ("d2a0", "COSE-SHAPE", "a map instead of the array"),
    "three-members": ("d283" + bstr(HEADER) + "a0" + PAYLOAD, "COSE-SHAPE", "no signature"),
    "five-members": (envelope(array="85") + "00", "COSE-SHAPE", "a fifth member"),
    "payload-detached": (envelope(payload="f6"), "COSE-SHAPE", "the payload is elsewhere"),
    "payload-text": (envelope(payload="63616263"), "COSE-SHAPE", "the payload is text"),
    "protected-map": ("d284" + HEADER + "a0" + PAYLOAD + SIGNATURE, "COSE-SHAPE", "no bstr"),
    "unprotected-member": (
        envelope(unprotected="a10127"),
        "COSE-UNPROTECTED",
        "the algorithm where the signature does not cover it",
    ),
    "unprotected-null": (envelope(unprotected="f6"), "COSE-UNPROTECTED", "null for a map"),
    "signature-63": (envelope(signature="583f" + "55" * 63), "COSE-SIGNATURE", "a byte short"),
    "signature-65": (envelope(signature="5841" + "55" * 65), "COSE-SIGNATURE", "a byte long"),
    "signature-none": (envelope(signature="40"), "COSE-SIGNATURE", "no signature"),
    "protected-empty": (envelope(header=""), "COSE-PROTECTED", "no header at all"),
    "protected-order": (
        envelope(header="a3" + "04" + KID + "0127" + "10" + TYP),
        "COSE-PROTECTED",
        "kid before alg",
    ),
    "protected-long-form": (
        envelope(header="a3" + "013807" + "04" + KID + "10" + TYP),
        "COSE-PROTECTED",
        "-8 in two bytes",
    ),
    "protected-extra": (envelope(header=HEADER + "00"), "COSE-PROTECTED", "a value behind it"),
    "protected-array": (envelope(header="80"), "COSE-HEADER", "an array for the header"),
    "no-alg": (envelope(header=header(alg="")), "COSE-HEADER", "no algorithm"),
    "no-kid": (envelope(header=header(kid="")), "COSE-HEADER", "no key id"),
    "no-typ": (envelope(header=header(typ="")), "COSE-HEADER", "no type"),
    "member-crit": (
        envelope(header="a4" + "0127" + "0281186f" + "04" + KID + "10" + TYP),
        "COSE-HEADER",
        "crit, which asks for what no reader of ours knows",
    ),
    "member-unknown": (
        envelope(header=header(more="1818" + "00")),
        "COSE-HEADER",
        "a member that nobody knows",
    ),
    "alg-ps256": (envelope(header=header(alg="013824")), "COSE-ALG", "an RSA algorithm"),
    "alg-hmac": (envelope(header=header(alg="0105")), "COSE-ALG", "a shared secret's algorithm"),
    "alg-text": (envelope(header=header(alg="01654564445341")), "COSE-ALG", "a name"),
    "alg-null": (envelope(header=header(alg="01f6")), "COSE-ALG", "null for an algorithm"),
    "kid-15": (envelope(header=header(kid="044f" + "6b" * 15)), "COSE-KID", "a byte short"),
    "kid-17": (envelope(header=header(kid="0451" + "6b" * 17)), "COSE-KID", "a byte long"),
    "kid-text": (envelope(header=header(kid="0470" + "6b" * 16)), "COSE-KID", "text"),
    "typ-number": (envelope(header=header(typ="1000")), "COSE-TYP-FORM", "a number"),
    "typ-empty": (envelope(header=header(typ="1060")), "COSE-TYP-FORM", "nothing"),
    "typ-no-slash": (envelope(header=header(typ="106161")), "COSE-TYP-FORM", "no media type"),
    "typ-newline": (envelope(header=header(typ="1063612f0a")), "COSE-TYP-FORM", "a line end in it"),
    "typ-other": (
        envelope(header=header(typ="10781a" + b"application/hwlock-request".hex())),
        "COSE-TYP",
        "a request where a license is wanted",
    ),
    "delegation-text": (
        envelope(header=header(more="3a0001116f" + "6161")),
        "COSE-DELEGATION",
        "a delegation that is text",
    ),
    "cut": (envelope()[:-2], "CBOR-CUT", "the last byte is missing"),
    "extra": (envelope() + "00", "CBOR-EXTRA", "a byte behind the end"),
    "nested": (envelope(unprotected="a1018100"), "CBOR-DEPTH", "deeper than any envelope"),
}


def cases() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the vectors; a license is wanted in all of them."""
    for name, (data, comment) in KEPT.items():
        yield name, {"comment": comment, "read": "cose", "stage": None, "code": None, "hex": data}
    for name, (data, code, comment) in BROKEN.items():
        yield (
            name,
            {
                "comment": comment,
                "read": "cose",
                "stage": code.split("-")[0].lower(),
                "code": f"HWL-{code}",
                "hex": data,
            },
        )
