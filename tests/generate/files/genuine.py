"""Every kind of file as the library writes it (docs/spec/files.md).

The other programs of this folder take these files and put one fault into each.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from hwlock.codec import cbor, cose
from hwlock.codec.fields import numeric_date
from hwlock.crypto import sha2
from hwlock.crypto.succession import endorse
from hwlock.crypto.trust import Former, Limits, Replaced
from hwlock.evidence.tpm2.claims import Tpm2Claims
from hwlock.exchange import receipt, request, response
from hwlock.exchange.activation_key import ActivationKey
from hwlock.license.amendment import Amendment
from hwlock.license.anchors import SharedAnchor
from hwlock.license.binding import Binding, Threshold
from hwlock.license.content_keys import WrappedKeys
from hwlock.license.model import Counter, Feature, Model
from hwlock.license.revocation import (
    DEVICE,
    ISSUER,
    Entry,
    Listed,
    device_subject,
    publish,
)
from hwlock.license.revocation import (
    LICENSE as ONE_LICENSE,
)
from hwlock.license.sealed_share import Share
from hwlock.record import replace
from hwlock.testing.customer import Customer
from hwlock.testing.dongles import RsaSigner, SoftDongle, dongle_anchor
from hwlock.testing.vendor import SOLD_AT, CardSigner, Vendor, host_anchor, key_anchor, seeded

KEY = ActivationKey(number=0x0123456789ABCDEF012345678)
ROOT_TOO = seeded("second root of ACME")
CARD = CardSigner("tpm of alpha")
MACHINE = seeded("machine alpha")
CREDENTIAL = bytes(range(200))  # what a TPM would open; opaque here
CONTENT_KEY = sha2.sha256(b"content key")
IV = bytes(range(12))

VENDOR = Vendor()
PRODUCT = VENDOR.product.raw
ROOT_NEW = seeded("next root of ACME")
ENDORSEMENT = endorse(VENDOR.root, ROOT_NEW.key, at=SOLD_AT + timedelta(days=30))
FORMER = Former(key=VENDOR.root.key, appointed=(VENDOR.issuer.key.kid,))
PRODUCT_NEW = VENDOR.product.make(
    ROOT_NEW,
    id="acme-cad",
    name="ACME CAD",
    vendor="ACME",
    issued_at=SOLD_AT + timedelta(days=30),
    replaced=Replaced(
        former=(FORMER, Former(key=CARD.key, appointed=(bytes(16), MACHINE.key.kid))),
        endorsements=(ENDORSEMENT,),
    ),
).raw

BOTH = Binding(
    anchors=(key_anchor(CARD), host_anchor()),
    policy=Threshold(needed=1, parts=(0, Threshold(needed=2, parts=(1, 0)))),
)


DONGLES = (
    SoftDongle("piv", "red", serial="1234567"),
    SoftDongle("openpgp", "old", signer=RsaSigner()),
    SoftDongle("pkcs11", "token"),
    SoftDongle("usb", "stick"),
)
CARRIED = (
    *(dongle_anchor(dongle) for dongle in DONGLES),
    SharedAnchor(uri="yubikey:serial=7654321;slot=2", label="YubiKey", record=bytes(range(64))),
)
ANY_TWO = Binding(anchors=CARRIED, policy=Threshold(needed=2, parts=tuple(range(len(CARRIED)))))


def asking(tpm: bool) -> request.Asking:
    """Return what a machine asks, by its software key or by the key of a TPM."""
    customer = Customer(VENDOR.product, KEY, name="alpha")
    says = customer.asking()
    signer = CARD if tpm else MACHINE
    public = bytes(range(90))  # a TPMT_PUBLIC in form only: its content is the desk's to read
    tpm2 = Tpm2Claims(
        ek_certificate=b"\x30\x82" + bytes(40),
        ek_public=public,
        ak_public=public,
        key_public=public,
        attest=bytes(120),
        signature=bytes(64),
    )
    return request.Asking(
        product_id=says.product_id,
        asked_at=says.asked_at,
        nonce=says.nonce,
        key=signer.key,
        key_id=KEY.id,
        key_proof=KEY.proof(says.nonce, signer.key.kid),
        host=says.host,
        tpm2=tpm2 if tpm else None,
        software="hwlock 0.1",
        note="desk of Zoë" if tpm else "",
        usage=(request.Total(entitlement_id="E-1", name="exports", total=42),) if tpm else (),
    )


def moving() -> request.Asking:
    """Return what a machine asks that has a license, used a code, and brings a receipt."""
    says = asking(tpm=False)
    held = bytes(range(16))
    used = ((3, request.use_proof(says.nonce, held, 3, KEY.number)),)
    return replace(
        says,
        held=(request.Held(license_id=bytes(16)), request.Held(license_id=held, used=used)),
        receipts=(RECEIPT,),
    )


def carrying(*dongles: SoftDongle) -> request.Asking:
    """Return what a machine asks that shows these dongles and nothing else."""
    says = replace(asking(tpm=False), host=None)
    shown = tuple(dongle.claims(dongle.enroll(), says.challenge) for dongle in dongles)
    return replace(says, dongles=shown)


REQUEST = request.ask(asking(tpm=False), MACHINE)
REQUEST_TPM = request.ask(asking(tpm=True), CARD)
REQUEST_DONGLES = request.ask(carrying(*DONGLES), MACHINE)
NONCE = asking(tpm=False).nonce
DIGEST = request.digest(REQUEST)
LICENSE = VENDOR.license(VENDOR.terms())
LICENSE_BOTH = VENDOR.license(
    VENDOR.terms(BOTH, key=CARD.key, days=None),
    delegation=VENDOR.delegate(Limits(products=("acme-cad", "acme-cam"), features=("cad", "sim"))),
)
LICENSE_DONGLES = VENDOR.license(VENDOR.terms(ANY_TWO))
SUBSCRIPTION = Model(
    kind="subscription",
    renew_days=30,
    grace_days=14,
    edition="Pro",
    features=(
        Feature(name="cad", parameters=(("max-points", 5000), ("solver", "fast"))),
        Feature(name="sim", expires_at=SOLD_AT + timedelta(days=90)),
    ),
    counters=(Counter(name="exports", limit=100, period="month"), Counter(name="jobs", limit=7)),
    level="warn",
    addon_to="E-0",
)
SEALED = response.Sealed.close(
    LICENSE_BOTH,
    key=CONTENT_KEY,
    iv=IV,
    credential=CREDENTIAL,
    request=request.digest(REQUEST_TPM),
)
RESPONSE = VENDOR.answer(LICENSE, nonce=NONCE, request=DIGEST)
RESPONSE_SEALED = VENDOR.answer(sealed=SEALED, nonce=NONCE, request=request.digest(REQUEST_TPM))
RETURNING = receipt.Returning(
    product_id="acme-cad",
    license_id=VENDOR.terms().id,
    license_digest=sha2.sha256(LICENSE),
    returned_at=SOLD_AT + timedelta(days=40),
)
RECEIPT = receipt.give_back(RETURNING, MACHINE)

CONTENT_KEYS = WrappedKeys(  # nobody opens them: the form alone
    keys=((bytes(range(16)), "models", bytes(48)), (bytes(range(1, 17)), "plugins", bytes(48))),
    shares=(Share(), Share(ephemeral=bytes(32), sealed=(bytes(32), bytes(17), bytes(1024)))),
)
LICENSE_KEYS = VENDOR.license(
    replace(VENDOR.terms(), model=SUBSCRIPTION, content_keys=CONTENT_KEYS)
)
LICENSE_MODEL = VENDOR.license(replace(VENDOR.terms(), model=SUBSCRIPTION))
LOCKS = tuple(sha2.sha256(bytes([number])) for number in range(5))
AMENDMENTS = (
    Amendment(kind="extend", lock=LOCKS[0], days=30),
    Amendment(kind="extend", lock=LOCKS[1], days=3650, after=0),
    Amendment(kind="clock", lock=LOCKS[2]),
    Amendment(kind="transfer", lock=LOCKS[3]),
    Amendment(kind="counter", lock=LOCKS[4], counter="exports", amount=2**32 - 101),
)
LICENSE_AMENDED = VENDOR.license(replace(VENDOR.terms(), model=SUBSCRIPTION, amendments=AMENDMENTS))
TAKEN_BACK = (
    Entry(kind=ONE_LICENSE, subject=VENDOR.terms().id, since=SOLD_AT),
    Entry(kind=DEVICE, subject=device_subject(CARD.key.raw), since=SOLD_AT),
    Entry(kind=ISSUER, subject=bytes(range(16)), since=SOLD_AT + timedelta(days=1)),
)


def listed(*entries: Entry, number: int = 7, base: int = 0, **other: object) -> Listed:
    """Return what a revocation list of the vendor says."""
    said = {"product_id": "acme-cad", "issued_at": SOLD_AT} | other
    return Listed(number=number, base=base, entries=entries, **said)


REVOCATION = publish(listed(*TAKEN_BACK), VENDOR.issuer, VENDOR.delegation)

# what a verifier is given besides the file
GIVEN: dict[str, dict[str, object]] = {
    "product": {},
    "license": {"product": PRODUCT.hex()},
    "request": {"key": str(KEY)},
    "response": {
        "product": PRODUCT.hex(),
        "nonce": NONCE.hex(),
        "request": DIGEST.hex(),
        "now": numeric_date(SOLD_AT + timedelta(days=1)),
    },
    "receipt": {"key": MACHINE.key.raw.hex(), "license_digest": sha2.sha256(LICENSE).hex()},
    # the programs of these say what is given
    "revocation": {},
    "renewal": {},
    "code": {},
    "diagnostic": {},
}
FILES = {
    "product": PRODUCT,
    "license": LICENSE,
    "request": REQUEST,
    "response": RESPONSE,
    "receipt": RECEIPT,
}


def case(kind: str, comment: str, raw: bytes, code: str = "", stage: str = "", **given: object):
    """Return one case: what is read, what is given, and where it must be caught."""
    return {
        "comment": comment,
        "read": kind,
        "stage": stage or None,
        "code": f"HWL-{code}" if code else None,
        **GIVEN[kind],
        **given,
        "hex": raw.hex(),
    }


def payload(raw: bytes) -> dict:
    """Return what `raw` says, to be changed."""
    return dict(cbor.decode(cose.parse(raw).payload))


def signed(signer, raw: bytes, says: cbor.Value, **changes) -> bytes:
    """Return `raw` with another payload, signed by `signer` for it; `changes` are of the header."""
    header = cose.parse(raw).header
    new = {"alg": signer.key.alg, "kid": signer.key.kid, "typ": header.typ}
    new |= {"delegation": header.delegation}
    return cose.assemble(cose.Header(**(new | changes)), cbor.encode(says), signer.sign)


def cases() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield every kind of file, plain and with everything in it."""
    for kind, raw in FILES.items():
        yield kind, case(kind, f"a genuine {kind}", raw)
    two = VENDOR.product.make(
        VENDOR.root,
        id="acme-cad",
        name="ACME CAD",
        vendor="ACME",
        issued_at=SOLD_AT,
        more_roots=(ROOT_TOO.key, CARD.key),
    )
    yield "product-roots", case("product", "three roots, one of them P-256", two.raw)
    yield (
        "product-former",
        case("product", "a new root, two former ones, an endorsement", PRODUCT_NEW),
    )
    yield (
        "license-former-root",
        case("license", "by whom the former root appointed", LICENSE, product=PRODUCT_NEW.hex()),
    )
    raw = VENDOR.license(VENDOR.terms(), delegation=VENDOR.delegate(root=ROOT_NEW))
    yield (
        "license-new-root",
        case("license", "appointed again, by the new root", raw, product=PRODUCT_NEW.hex()),
    )
    limits = Limits(
        products=("acme-cad",), features=("cad", "sim"), longest_term_days=365, most_seats=3
    )
    raw = VENDOR.license(VENDOR.terms(), delegation=VENDOR.delegate(limits))
    yield "license-limits", case("license", "exactly at every limit of its issuer", raw)
    raw = VENDOR.license(
        replace(VENDOR.terms(), model=Model(kind="subscription", grace_days=14)),
        delegation=VENDOR.delegate(Limits(products=("acme-cad",), longest_term_days=379)),
    )
    yield "license-limit-grace", case("license", "a year and its grace, as long as it may be", raw)
    raw = VENDOR.license(VENDOR.terms(), delegation=VENDOR.delegate(root=ROOT_TOO))
    yield (
        "license-second-root",
        case("license", "its issuer was appointed by the second root", raw, product=two.raw.hex()),
    )
    raw = VENDOR.license(VENDOR.terms(), signer=CARD, delegation=VENDOR.delegate(key=CARD.key))
    yield "license-es256", case("license", "its issuer's key is P-256", raw)
    yield (
        "license-nested",
        case("license", "a key or both, for good, for a key of P-256", LICENSE_BOTH),
    )
    yield "license-dongles", case("license", "any two of five dongles", LICENSE_DONGLES)
    yield (
        "request-dongles",
        case("request", "dongles of every kind that signs, and a USB stick", REQUEST_DONGLES),
    )
    raw = request.ask(moving(), MACHINE)
    yield "request-moving", case("request", "with licenses, a used code, and a receipt", raw)
    words = "a subscription with all that a model can say"
    yield "license-model", case("license", words, LICENSE_MODEL)
    words = "with changes of every kind for unlock codes"
    yield "license-amended", case("license", words, LICENSE_AMENDED)
    yield "license-keys", case("license", "with two content keys", LICENSE_KEYS)
    maintained = Model(kind="maintenance", maintained_until=SOLD_AT + timedelta(days=365))
    raw = VENDOR.license(replace(VENDOR.terms(days=None), model=maintained))
    yield "license-maintenance", case("license", "for good, with maintenance for a year", raw)
    yield "request-tpm", case("request", "by a key of P-256, with claims of a TPM", REQUEST_TPM)
    yield (
        "response-sealed",
        case(
            "response",
            "sealed; the key is what the machine's TPM takes out of the credential",
            RESPONSE_SEALED,
            request=request.digest(REQUEST_TPM).hex(),
            content_key=CONTENT_KEY.hex(),
            license=LICENSE_BOTH.hex(),
        ),
    )
    receipt_tpm = receipt.give_back(RETURNING, CARD)
    yield (
        "receipt-es256",
        case("receipt", "by a key of P-256", receipt_tpm, key=CARD.key.raw.hex()),
    )
