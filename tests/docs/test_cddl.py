"""The schema of docs/spec accepts what the library writes, and refuses what it should.

The validator knows `.cbor` only outside of arrays, so envelope, header and payload are
validated each for itself, and the envelope without the contents of its byte strings.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pycddl import Schema, ValidationError

from hwlock.check.redeeming import Codes
from hwlock.check.state import State
from hwlock.check.timeline import Timeline, TpmMark
from hwlock.check.usage import Usage
from hwlock.codec import armor, cbor, cose
from hwlock.crypto.chunked import Header
from hwlock.crypto.keys import VerificationKey
from hwlock.devices.fido2 import enrollment as fido2_enrollment
from hwlock.devices.pkcs11 import enrollment as pkcs11_enrollment
from hwlock.enforce.pending import Pending
from hwlock.enforce.returning import Gone
from hwlock.exchange import renewal
from hwlock.exchange.diagnostic import (
    Diagnosed,
    Diagnostic,
    Licensed,
    Remembered,
    diagnose,
    parse_diagnostic,
)
from hwlock.license import manifest, revocation
from hwlock.license.amendment import Amendment, Redeemed
from hwlock.license.model import Counter, Model
from hwlock.record import replace
from hwlock.testing.vendor import SOLD_AT, Vendor, host_anchor

TESTS = Path(__file__).parents[1]
CDDL = (TESTS.parent / "docs" / "spec" / "hwlock.cddl").read_text(encoding="utf-8")
VECTORS = sorted((TESTS / "vectors" / "files").glob("*.json"))

# codes of faults in members that a schema can say, where the value is of the wrong form
SHAPES = {
    "HWL-FIELD-MISSING",
    "HWL-FIELD-TYPE",
    "HWL-FIELD-SIZE",
    "HWL-FIELD-LONG",
    "HWL-FIELD-RANGE",
    "HWL-FIELD-MANY",
    "HWL-FIELD-MAP",
    "HWL-FIELD-UNKNOWN",
    "HWL-FIELD-WORD",
    "HWL-KEY-CURVE",
}


def schema(rule: str) -> Schema:
    """Return the schema whose root is `rule`."""
    return Schema(f"start = {rule}\n" + CDDL.replace(" .cbor protected-header", ""))


SCHEMAS = {
    rule: schema(rule)
    for rule in (
        "hwlock-file",
        "protected-header",
        "product",
        "endorsement-claims",
        "delegation-claims",
        "license",
        "request",
        "response",
        "receipt",
        "manifest",
        "diagnostic",
        "renewal",
        "revocation",
        "revocations",
        "sealed-header",
        "state",
        "pending",
        "gone",
        "fido2-record",
        "fido2-attestation",
        "pkcs11-record",
    )
}


def validate(kind: str, raw: bytes) -> None:
    """Validate a file, layer by layer; ValidationError."""
    kind = "product" if kind == "successor" else kind
    kind = "license" if kind == "code" else kind  # which a license's changes wait for
    SCHEMAS["hwlock-file"].validate_cbor(raw)
    envelope = cbor.decode(raw)
    protected, _, payload, _ = envelope.value
    SCHEMAS["protected-header"].validate_cbor(protected)
    SCHEMAS[kind].validate_cbor(payload)
    delegation = cose.parse(raw).header.delegation
    if delegation is not None and kind != "delegation-claims":
        validate("delegation-claims", delegation)
    if kind == "product":
        for endorsement in cbor.decode(payload)[-70000].get(4, ()):
            validate("endorsement-claims", endorsement)


def cases(*, genuine: bool) -> list[Path]:
    """Return the vectors without a fault, or those with a fault that a schema can say."""
    chosen = []
    for path in VECTORS:
        case = json.loads(path.read_text(encoding="ascii"))
        if case["code"] is None if genuine else case["code"] in SHAPES:
            chosen.append(path)
    return chosen


@pytest.mark.parametrize("path", cases(genuine=True), ids=lambda path: path.stem)
def test_a_genuine_file_follows_the_schema(path):
    """What the library writes is what the schema says."""
    case = json.loads(path.read_text(encoding="ascii"))
    validate(case["read"], bytes.fromhex(case["hex"]))


RULED = {
    "members-license-host-needed-more",  # a bound that depends on other members
    # The validator takes bytes and numbers for text of a bounded size,
    "members-product-id-bytes",
    "members-license-feature-number",
    "members-product-former-kid-text",
    "diagnostics-details-bytes",
    "changes-license-no-counter",
    # and lets unknown members of a map inside an array pass.
    "members-product-root-private",
    "members-product-former-unknown",
    "dongles-license-yubikey-key",
    "dongles-license-yubikey-assurance",
    "dongles-license-usb-record",
    "dongles-license-tpm-uri",
    "amendments-days-of-clock",
    "dongles-license-rsa-private",
    "dongles-request-unknown",
    "dongles-request-usb-key",
    "changes-license-unknown",
    "changes-license-days-clock",
    "lists-entry-unknown",
    # The schema does not say how a URI begins, nor what the exponent of RSA is.
    "dongles-license-uri-kind",
    "dongles-license-usb-uri",
    "dongles-request-uri-kind",
    "dongles-license-rsa-exponent",
    # Nor does it see unknown members where all known ones are optional, or bytes in a table.
    "members-license-model-unknown",
    "members-license-model-parameter",
}


@pytest.mark.parametrize(
    "path",
    [path for path in cases(genuine=False) if path.stem not in RULED],
    ids=lambda path: path.stem,
)
def test_a_malformed_file_does_not(path):
    """Where the library names a missing, unknown or wrong member, the schema refuses as well."""
    case = json.loads(path.read_text(encoding="ascii"))
    with pytest.raises(ValidationError):
        validate(case["read"], bytes.fromhex(case["hex"]))


def test_private_records_follow_the_schema():
    """The part of the schema that is not for interchange is true, too."""
    key = Vendor().root.key.raw
    SCHEMAS["state"].validate_cbor(State.begin(SOLD_AT).encode())
    mark = TpmMark(at=SOLD_AT, clock_ms=2**63, resets=3, restarts=0)
    time = replace(Timeline.begin(SOLD_AT), tpm=mark, counter=2**40)
    usage = Usage().spent("E-1", Counter(name="jobs", limit=9, period="day"), 2, SOLD_AT)
    moved = Redeemed(license_id=bytes(16), index=3, number=7, anchor=host_anchor())
    codes = Codes().added(moved).added(replace(moved, index=0, anchor=None)).missed(SOLD_AT)
    full = State(time=time, usage=usage, heard_at=SOLD_AT, revoked=3, codes=codes)
    SCHEMAS["state"].validate_cbor(full.encode())
    pending = Pending(nonce=bytes(32), digest=bytes(32), asked_at=SOLD_AT, state=bytes(32))
    SCHEMAS["pending"].validate_cbor(pending.encode())
    gone = Gone(
        product_id="acme-cad",
        license_id=bytes(16),
        license_digest=bytes(32),
        key=key,
        returned_at=SOLD_AT,
    )
    SCHEMAS["gone"].validate_cbor(gone.encode())


def test_a_license_with_amendments_follows_the_schema() -> None:
    """Each kind has its own members."""
    vendor = Vendor()
    changes = (
        Amendment(kind="clock", lock=bytes(32)),
        Amendment(kind="extend", lock=bytes(32), days=30, after=0),
        Amendment(kind="transfer", lock=bytes(32)),
        Amendment(kind="counter", lock=bytes(32), counter="jobs", amount=5),
    )
    model = Model(counters=(Counter(name="jobs", limit=9),))
    terms = replace(vendor.terms(), model=model, amendments=changes)
    validate("license", vendor.license(terms))


def test_a_diagnostic_file_follows_the_schema() -> None:
    """With a line and a license."""
    signer = Vendor().root
    line = Diagnosed(
        what="store",
        mark="no",
        code="HWL-STORE-MANY",
        details=(("limit", 64), ("path", "/home/ada/.hwlock")),
    )
    license = Licensed(
        product_id="acme-cad",
        license_id=bytes(16),
        entitlement_id="E-1",
        allowed=False,
        standing="ended",
        bound=("host",),
        findings=(line,),
        waiting=("clock", "clock"),
        memory=Remembered(seen_at=SOLD_AT, began_at=SOLD_AT, turns=2, answers=1),
    )
    says = Diagnostic(
        made_at=SOLD_AT,
        key=signer.key,
        software="hwlock 1",
        system="Linux",
        lines=(line,),
        licenses=(license,),
    )
    raw = diagnose(says, signer)
    validate("diagnostic", raw)
    assert parse_diagnostic(raw) == says


def test_the_header_of_a_sealed_file_is_that_of_the_schema() -> None:
    """Behind the mark and the length."""
    header = Header.make(
        product_id="acme-cad", key_id=bytes(16), salt=bytes(32), size=70_000, name="model.bin"
    )
    SCHEMAS["sealed-header"].validate_cbor(header.raw[10:])


def test_the_claims_of_a_manifest_are_those_of_the_schema() -> None:
    """In the block behind the list."""
    vendor = Vendor()
    data = manifest.sign(
        "acme-cad",
        (("a", bytes(32)),),
        (),
        issued_at=SOLD_AT,
        signer=vendor.issuer,
        delegation=vendor.delegation,
    )
    raw = armor.decode(data[data.index(b"-----BEGIN") :])[1]
    SCHEMAS["manifest"].validate_cbor(cose.parse(raw).payload)


def test_a_renewal_follows_the_schema() -> None:
    """With and without a revocation list."""
    vendor = Vendor()
    for listed in (None, b"list"):
        says = renewal.Renewing(
            product_id="acme-cad",
            renews=bytes(16),
            issued_at=SOLD_AT,
            license=b"license",
            revocations=listed,
        )
        raw = renewal.renew(says, vendor.issuer, vendor.delegation)
        assert renewal.UnverifiedRenewal.parse(raw).verify(vendor.product) == says
        validate("renewal", raw)


def test_a_revocation_list_follows_the_schema() -> None:
    """Full and delta, and what a store keeps of them."""
    vendor = Vendor()
    subjects = (("license", bytes(16)), ("device", bytes(32)), ("issuer", bytes(16)))
    entries = tuple(
        revocation.Entry(kind=kind, subject=subject, since=SOLD_AT) for kind, subject in subjects
    )
    raws = []
    for number, base in ((1, 0), (2, 1)):
        listed = revocation.Listed(
            product_id="acme-cad", number=number, base=base, issued_at=SOLD_AT, entries=entries
        )
        raws.append(revocation.publish(listed, vendor.issuer, vendor.delegation))
        validate("revocation", raws[-1])
    SCHEMAS["revocations"].validate_cbor(revocation.Revocations.read(raws, vendor.product).encode())


def test_records_of_keys_follow_the_schema():
    """What the drivers of security keys and tokens write is what the schema says."""
    key = VerificationKey(Vendor().issuer.key.raw)
    statement = {"alg": -7, "sig": b"s", "x5c": [b"c"]}
    attestation = cbor.encode({"fmt": "packed", "attStmt": statement, "authData": bytes(37)})
    SCHEMAS["fido2-attestation"].validate_cbor(attestation)
    made = fido2_enrollment.Enrollment(
        credential=b"x", key=key, aaguid=bytes(16), touch=True, attestation=attestation
    )
    for each in (made, made.lean):
        SCHEMAS["fido2-record"].validate_cbor(each.encode())
    token = pkcs11_enrollment.Enrollment(identity=b"", label="", key=key)
    SCHEMAS["pkcs11-record"].validate_cbor(token.encode())
    with pytest.raises(ValidationError):
        SCHEMAS["pkcs11-record"].validate_cbor(made.encode())
