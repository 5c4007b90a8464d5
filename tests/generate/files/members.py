"""One fault in what a file says (stages cose, field, key); its signature is good.

A payload is a map of claims: 1 iss, 2 sub, 3 aud, 4 exp, 6 iat, 7 cti, 8 cnf, and -70000 for
what is ours. A change here names the path of the member; GONE takes it away.
"""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

g = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("genuine.py"))))

OURS = -70000
GONE = object()
ED25519 = {1: 1, -1: 6, -2: g.MACHINE.key.raw}
P256 = {1: 2, -1: 1, -2: g.CARD.key.raw[:32], -3: g.CARD.key.raw[32:]}
DIGEST = {1: "disk", 2: bytes(16), 3: 25}

POLICY = (OURS, 4, 2)
PARTS = (OURS, 4, 1, 1, 5, 2)
SHARED = {1: (), 2: ({1: b"", 2: (bytes(16),)},)}
HELD = {1: bytes(16)}
USED = {1: 0, 2: bytes(32)}
CUT = {1: ({1: bytes(16), 2: "models", 3: bytes(47)},), 2: ()}

Fault = tuple[str, str, tuple[object, ...], object, str]

# kind of file → (name, comment, path, new value, code)
FAULTS: dict[str, tuple[Fault, ...]] = {
    "product": (
        ("no-id", "no product id", (2,), GONE, "FIELD-MISSING"),
        ("id-bytes", "the product id is bytes", (2,), b"acme-cad", "FIELD-TYPE"),
        ("id-long", "a product id of 65 bytes", (2,), "a" * 65, "FIELD-LONG"),
        ("vendor-control", "a control character", (1,), "AC\x1bME", "FIELD-TEXT"),
        ("roots-none", "no root", (OURS, 2), (), "FIELD-EMPTY"),
        ("roots-five", "five roots", (OURS, 2), (ED25519,) * 5, "FIELD-MANY"),
        ("root-text", "a root that is no map", (OURS, 2), ("key",), "FIELD-MAP"),
        ("root-short", "31 bytes", (OURS, 2, 0, -2), bytes(31), "FIELD-SIZE"),
        ("root-private", "a key with a private part", (OURS, 2, 0, -4), b"d", "FIELD-UNKNOWN"),
        ("root-kty", "a key type of nobody", (OURS, 2), (P256 | {1: 0},), "KEY-CURVE"),
        ("root-curve", "X25519", (OURS, 2, 0, -1), 4, "KEY-CURVE"),
        ("root-mixed", "type EC2 with curve Ed25519", (OURS, 2), (P256 | {-1: 6},), "KEY-CURVE"),
        (
            "root-small",
            "the point of order 2",
            (OURS, 2, 0, -2),
            b"\xec" + b"\xff" * 30 + b"\x7f",
            "KEY-BAD",
        ),
        ("root-off-curve", "not on P-256", (OURS, 2), (P256 | {-3: bytes(32)},), "KEY-BAD"),
        ("unknown", "a claim that nobody knows", (5,), 0, "FIELD-UNKNOWN"),
    ),
    "license": (
        ("no-ours", "no member of ours", (OURS,), GONE, "FIELD-MISSING"),
        ("no-key", "no key of the machine", (8,), GONE, "FIELD-MISSING"),
        ("id-short", "an id of 15 bytes", (7,), bytes(15), "FIELD-SIZE"),
        ("issued-text", "a time as text", (6,), "2026-03-01", "FIELD-TYPE"),
        ("issued-negative", "before 1970", (6,), -1, "FIELD-RANGE"),
        ("expires-far", "after the year 9999", (4,), 253402300800, "FIELD-RANGE"),
        ("expires-null", "null instead of no expiry", (4,), None, "FIELD-TYPE"),
        ("customer-turned", "a mark that turns the line around", (2,), "a\u202eb", "FIELD-TEXT"),
        ("customer-nfd", "not in NFC", (2,), "Zoe\u0308", "FIELD-TEXT"),
        ("feature-twice", "a feature twice", (OURS, 2), ("cad", "cad"), "FIELD-TWICE"),
        ("feature-number", "a feature that is no text", (OURS, 2), ("cad", 1), "FIELD-TYPE"),
        ("features-65", "65 features", (OURS, 2), tuple(map(str, range(65))), "FIELD-MANY"),
        ("seats-negative", "less than no seats", (OURS, 3), -1, "FIELD-RANGE"),
        ("seats-true", "true is not a number", (OURS, 3), True, "FIELD-TYPE"),
        ("unknown", "a claim that nobody knows", (9,), 0, "FIELD-UNKNOWN"),
        ("ours-unknown", "a member that nobody knows", (OURS, 99), 0, "FIELD-UNKNOWN"),
        ("model-empty", "a model that says nothing", (OURS, 5), {}, "FIELD-MODEL"),
        ("model-null", "null instead of no model", (OURS, 5), None, "FIELD-MAP"),
        ("model-unknown", "a member of the model", (OURS, 5), {0: 1}, "FIELD-UNKNOWN"),
        (
            "model-two",
            "neither name is good",
            (OURS, 5),
            {6: {"b": 1, "aa": {3: 1}}},
            "FIELD-UNKNOWN",
        ),
        ("model-renew", "zero days", (OURS, 5), {2: 0}, "FIELD-MODEL"),
        ("model-window", "to renew what never ends", (OURS, 5), {2: 9}, "FIELD-MODEL"),
        ("model-idle", "nothing is said of it", (OURS, 5), {6: {"cad": {}}}, "FIELD-MODEL"),
        ("model-until", "maintenance without a day", (OURS, 5), {1: "maintenance"}, "FIELD-MODEL"),
        ("model-name", "a number as a name", (OURS, 5), {7: {1: {1: 5}}}, "FIELD-TYPE"),
        ("model-kind", "a kind of nobody", (OURS, 5), {1: "rental"}, "FIELD-WORD"),
        ("model-said", "what is understood anyway", (OURS, 5), {8: "enforce"}, "FIELD-MODEL"),
        ("model-grace-far", "over ten years", (OURS, 5), {3: 3651}, "FIELD-RANGE"),
        ("model-subscription", "without an end", (OURS, 5), {1: "subscription"}, "FIELD-MODEL"),
        ("model-feature", "of no feature here", (OURS, 5), {6: {"cam": {1: 9}}}, "FIELD-MODEL"),
        ("model-parameter", "bytes", (OURS, 5), {6: {"cad": {2: {"a": b"b"}}}}, "FIELD-TYPE"),
        ("model-limit", "a counter without one", (OURS, 5), {7: {"a": {}}}, "FIELD-MISSING"),
        ("model-period", "a week", (OURS, 5), {7: {"a": {1: 5, 2: "week"}}}, "FIELD-WORD"),
        ("keys-null", "null instead of no content keys", (OURS, 7), None, "FIELD-TYPE"),
        ("keys-none", "content keys without keys", (OURS, 7), {2: ()}, "FIELD-MISSING"),
        ("keys-share", "a share that is too short", (OURS, 7), SHARED, "FIELD-POLICY"),
        ("keys-cut", "a key of 47 bytes", (OURS, 7), CUT, "FIELD-SIZE"),
        ("keys-many", "seventeen keys", (OURS, 7), {1: (0,) * 17, 2: ()}, "FIELD-MANY"),
        ("cnf-two", "two ways to confirm", (8, 3), b"kid", "FIELD-UNKNOWN"),
        ("anchors-none", "no anchor", (OURS, 4, 1), (), "FIELD-POLICY"),
        ("anchor-unnamed", "an anchor that the policy leaves out", POLICY, (1, 0), "FIELD-POLICY"),
        ("anchor-twice", "an anchor that stands there twice", (OURS, 4), "twice", "FIELD-POLICY"),
        ("policy-beyond", "an anchor that is not there", POLICY, 2, "FIELD-POLICY"),
        ("policy-negative", "the anchor before the first", POLICY, -1, "FIELD-POLICY"),
        ("policy-true", "true is not an anchor", POLICY, (1, 0, True), "FIELD-POLICY"),
        ("policy-none-of", "none of two", POLICY, (0, 0, 1), "FIELD-POLICY"),
        ("policy-three-of", "three of two", POLICY, (3, 0, 1), "FIELD-POLICY"),
        ("policy-empty", "one of nothing", POLICY, (1,), "FIELD-POLICY"),
        (
            "policy-counted-twice",
            "an anchor that counts twice",
            POLICY,
            (2, 0, 0, 1),
            "FIELD-POLICY",
        ),
        (
            "policy-deep",
            "five rules inside one another",
            POLICY,
            (1, 0, (1, 1, (1, 0, (1, 1, (1, 0, 1))))),
            "FIELD-POLICY",
        ),
        ("policy-text", "a rule in words", POLICY, "any", "FIELD-POLICY"),
        (
            "anchor-assurance",
            "a key of no known strength",
            (OURS, 4, 1, 0, 2),
            "identifier",
            "FIELD-WORD",
        ),
        ("anchor-no-key", "an anchor without its key", (OURS, 4, 1, 0, 3), GONE, "FIELD-MISSING"),
        (
            "host-needed-none",
            "a fingerprint that needs nothing",
            (OURS, 4, 1, 1, 6),
            0,
            "FIELD-POLICY",
        ),
        ("host-needed-more", "needs more than there is", (OURS, 4, 1, 1, 6), 1000, "FIELD-RANGE"),
        (
            "host-weak",
            "nothing that tells machines apart",
            PARTS,
            ({1: "cpu", 2: bytes(16), 3: 100},),
            "FIELD-POLICY",
        ),
        ("host-empty", "no component", PARTS, (), "HOST-CLAIMS"),
        ("host-same", "one component twice", PARTS, (DIGEST, DIGEST), "HOST-CLAIMS"),
        ("host-kind", "a kind in capitals", PARTS, (DIGEST | {1: "Disk"},), "HOST-CLAIMS"),
        ("host-weightless", "a component without weight", PARTS, (DIGEST | {3: 0},), "HOST-CLAIMS"),
        ("host-salt", "a salt of 15 bytes", (OURS, 4, 1, 1, 5, 1), bytes(15), "FIELD-SIZE"),
    ),
    "request": (
        ("nonce-short", "a nonce of 31 bytes", (7,), bytes(31), "FIELD-SIZE"),
        ("no-evidence", "neither host nor TPM", (OURS, 3), GONE, "FIELD-EMPTY"),
        ("key-id", "a key id of 17 bytes", (OURS, 1), bytes(17), "FIELD-SIZE"),
        ("key-proof", "a proof of 31 bytes", (OURS, 2), bytes(31), "FIELD-SIZE"),
        ("note-empty", "an empty note instead of none", (OURS, 6), "", "FIELD-EMPTY"),
        ("note-lines", "a note of two lines", (OURS, 6), "a\nb", "FIELD-TEXT"),
        ("usage-none", "an empty list instead of none", (OURS, 8), (), "FIELD-EMPTY"),
        ("held-none", "an empty list instead of none", (OURS, 10), (), "FIELD-EMPTY"),
        ("held-short", "a license id of 15 bytes", (OURS, 10), ({1: bytes(15)},), "FIELD-SIZE"),
        ("held-twice", "one license twice", (OURS, 10), (HELD, HELD), "FIELD-TWICE"),
        ("held-unused", "an empty list of codes", (OURS, 10), (HELD | {2: ()},), "FIELD-EMPTY"),
        (
            "held-index",
            "change 32",
            (OURS, 10),
            (HELD | {2: ({1: 32, 2: bytes(32)},)},),
            "FIELD-RANGE",
        ),
        (
            "held-proof",
            "31 bytes",
            (OURS, 10),
            (HELD | {2: ({1: 0, 2: bytes(31)},)},),
            "FIELD-SIZE",
        ),
        ("held-same", "one code twice", (OURS, 10), (HELD | {2: (USED, USED)},), "FIELD-TWICE"),
        ("receipts-none", "an empty list instead of none", (OURS, 11), (), "FIELD-EMPTY"),
        ("receipts-empty", "a receipt without bytes", (OURS, 11), (b"",), "FIELD-SHORT"),
        ("receipts-nine", "nine receipts", (OURS, 11), (b"\0",) * 9, "FIELD-MANY"),
        (
            "usage-cut",
            "a total that is cut",
            (OURS, 8),
            ({1: "E", 2: "x"},),
            "FIELD-MISSING",
        ),
        ("tpm-empty", "claims of a TPM without any", (OURS, 4), {}, "FIELD-MISSING"),
        ("key-bad", "a key off the curve", (8, 1), P256 | {-3: bytes(32)}, "KEY-BAD"),
    ),
    "response": (
        ("nothing", "no license, plain or sealed", (OURS, 2), GONE, "FIELD-EMPTY"),
        (
            "both",
            "a plain license and a sealed one",
            (OURS, 3),
            {1: b"", 2: bytes(12), 3: bytes(16)},
            "FIELD-EMPTY",
        ),
        ("no-expiry", "no expiry", (4,), GONE, "FIELD-MISSING"),
        ("ended-none", "an empty list instead of none", (OURS, 5), (), "FIELD-EMPTY"),
        ("ended-short", "an id of 15 bytes", (OURS, 5), (bytes(15),), "FIELD-SIZE"),
        ("request-short", "a digest of 31 bytes", (OURS, 1), bytes(31), "FIELD-SIZE"),
    ),
    "receipt": (
        ("no-license", "no license id", (7,), GONE, "FIELD-MISSING"),
        ("digest", "a digest of 33 bytes", (OURS, 1), bytes(33), "FIELD-SIZE"),
        ("key-too", "a key, which a receipt does not name", (8,), {1: ED25519}, "FIELD-UNKNOWN"),
    ),
}
SIGNERS = {
    "product": g.VENDOR.root,
    "license": g.VENDOR.issuer,
    "request": g.MACHINE,
    "response": g.VENDOR.issuer,
    "receipt": g.MACHINE,
}
FILES = g.FILES | {"license": g.LICENSE_BOTH}


def changed(value: object, path: tuple[object, ...], new: object) -> object:
    """Return `value` with the member at `path` replaced by `new`."""
    if not path:
        return new
    first, *rest = path
    if isinstance(value, tuple):
        items = list(value)
        items[first] = changed(items[first], tuple(rest), new)
        return tuple(items)
    members = dict(value)
    if new is GONE and not rest:
        del members[first]
    else:
        members[first] = changed(members.get(first), tuple(rest), new)
    return members


def faulty(kind: str, path: tuple[object, ...], new: object) -> bytes:
    """Return the genuine file of this kind with one member changed, signed again."""
    says = g.payload(FILES[kind])
    if new == "twice":
        anchor = says[OURS][4][1][0]
        new = {1: (anchor, anchor), 2: (1, 0, 1)}
    return g.signed(SIGNERS[kind], FILES[kind], changed(says, path, new))


def stage_of(code: str) -> str:
    """Return where the code of a wrong member is caught."""
    return "key" if code.startswith("KEY-") else "field"


def cases() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield one wrong member a case, then each kind of file in the place of each other."""
    for kind, faults in FAULTS.items():
        for name, comment, path, new, code in faults:
            raw = faulty(kind, path, new)
            yield f"{kind}-{name}", g.case(kind, comment, raw, code, stage_of(code))
    raw = g.signed(g.VENDOR.root, g.PRODUCT, ())
    yield "product-array", g.case("product", "an array of claims", raw, "FIELD-MAP", "field")
    for kind in FILES:
        for other, raw in FILES.items():
            if kind != other:
                comment = f"a {other} where a {kind} is wanted"
                yield f"{kind}-is-{other}", g.case(kind, comment, raw, "COSE-TYP", "cose")
    raw = g.VENDOR.delegation
    comment = "a delegation where a license is wanted"
    yield "license-is-delegation", g.case("license", comment, raw, "COSE-TYP", "cose")
    raw = g.VENDOR.license(g.VENDOR.terms(), delegation=g.LICENSE)
    comment = "a license where its delegation is wanted"
    yield "delegation-is-license", g.case("license", comment, raw, "COSE-TYP", "cose")
    yield from delegations()
    yield from successions()


def successions() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield one fault in what a product file says of former roots and endorsements a case."""
    former, kid = (OURS, 3), bytes(16)
    for name, comment, path, new, code in (
        ("former-none", "an empty list of former roots", former, (), "FIELD-EMPTY"),
        ("former-five", "five former roots", former, (0,) * 5, "FIELD-MANY"),
        ("former-text", "a former root that is no map", former, ("key",), "FIELD-MAP"),
        ("former-key", "one without its key", (*former, 0, 1), GONE, "FIELD-MISSING"),
        ("former-key-bad", "a key that is none", (*former, 0, 1, -2), bytes(32), "KEY-BAD"),
        ("former-nobody", "one that appointed nobody", (*former, 0, 2), (), "FIELD-EMPTY"),
        ("former-anybody", "one without that list", (*former, 0, 2), GONE, "FIELD-MISSING"),
        ("former-many", "65 that it appointed", (*former, 0, 2), (kid,) * 65, "FIELD-MANY"),
        ("former-kid-short", "15 bytes", (*former, 0, 2), (kid, kid[1:]), "FIELD-SIZE"),
        ("former-kid-text", "a kid as text", (*former, 0, 2), ("a" * 16,), "FIELD-TYPE"),
        ("former-unknown", "a member that nobody knows", (*former, 0, 3), 0, "FIELD-UNKNOWN"),
        ("endorsements-none", "an empty list of endorsements", (OURS, 4), (), "FIELD-EMPTY"),
        ("endorsements-nine", "nine endorsements", (OURS, 4), (kid,) * 9, "FIELD-MANY"),
        ("endorsement-empty", "one without a byte", (OURS, 4), (b"",), "FIELD-SHORT"),
        ("endorsement-long", "one of 1025 bytes", (OURS, 4), (bytes(1025),), "FIELD-LONG"),
        ("endorsement-map", "one that is no bytes", (OURS, 4), ({},), "FIELD-TYPE"),
    ):
        says = changed(g.payload(g.PRODUCT_NEW), path, new)
        raw = g.signed(g.ROOT_NEW, g.PRODUCT_NEW, says)
        yield f"product-{name}", g.case("product", comment, raw, code, stage_of(code))


def delegations() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield one fault in a delegation a case; the license that carries it is good."""
    root, vendor = g.VENDOR.root, g.VENDOR
    for name, comment, path, new, code in (
        ("no-limits", "no limits", (OURS, 1), GONE, "FIELD-MISSING"),
        ("limit-unknown", "a limit that nobody knows", (OURS, 1, 5), 1, "FIELD-UNKNOWN"),
        ("term-far", "a longest term over 100 years", (OURS, 1, 3), 36501, "FIELD-RANGE"),
        ("no-expiry", "no expiry", (4,), GONE, "FIELD-MISSING"),
        ("key-bad", "a key that is none", (8, 1, -2), bytes(32), "KEY-BAD"),
        ("product-twice", "a product twice", (OURS, 1, 1), ("a", "a"), "FIELD-TWICE"),
    ):
        says = changed(g.payload(vendor.delegation), path, new)
        raw = vendor.license(vendor.terms(), delegation=g.signed(root, vendor.delegation, says))
        yield f"delegation-{name}", g.case("license", comment, raw, code, stage_of(code))
