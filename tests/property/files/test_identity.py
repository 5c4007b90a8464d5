"""What is written is read as the same value, and what is read is written as the same bytes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hwlock.check.state import State
from hwlock.codec import cbor, cose
from hwlock.crypto.trust import Limits, Product, verify_delegation
from hwlock.enforce.pending import Pending
from hwlock.enforce.returning import Gone
from hwlock.errors import HwlockError
from hwlock.evidence.dongle import DongleClaims
from hwlock.evidence.host import ComponentDigest, HostClaims, threshold
from hwlock.evidence.tpm2.claims import Tpm2Claims
from hwlock.exchange import receipt, renewal, request, response
from hwlock.exchange.activation_key import ActivationKey
from hwlock.license.anchors import HostAnchor, IdentifierAnchor, KeyAnchor, SharedAnchor
from hwlock.license.binding import Binding, Threshold
from hwlock.license.license import Terms
from hwlock.license.model import Counter, Feature, Model
from hwlock.license.revocation import Listed
from hwlock.testing.dongles import RsaSigner
from hwlock.testing.vendor import CardSigner, Vendor, seeded

from .values import VALUES, places, with_value

TEXTS = st.sampled_from(("", "a", "acme-cad", "Zoë Müller", "製品", "x" * 60))
TIMES = st.integers(0, 253402300799).map(
    lambda seconds: datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds)
)
KEYS = st.sampled_from([seeded(str(number)).key for number in range(3)]) | st.sampled_from(
    [CardSigner(str(number)).key for number in range(3)]
)
COMPONENTS = st.lists(
    st.builds(
        ComponentDigest,
        kind=st.sampled_from(("disk", "nic", "cpu", "of-the-future")),
        digest=st.binary(min_size=16, max_size=16),
        weight=st.integers(1, 100),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda component: component.digest,
).map(tuple)
HOSTS = st.builds(HostClaims, salt=st.binary(min_size=16, max_size=16), components=COMPONENTS)
TPMS = st.builds(
    Tpm2Claims,
    ek_certificate=st.none() | st.binary(min_size=1, max_size=100),
    ek_public=st.binary(max_size=50),
    ak_public=st.binary(max_size=50),
    key_public=st.binary(max_size=50),
    attest=st.binary(max_size=50),
    signature=st.binary(min_size=64, max_size=64),
)
RSA = RsaSigner().key
LABELS = TEXTS.filter(bool)
KEY_ANCHORS = st.builds(
    KeyAnchor,
    kind=st.just("tpm2"),
    key=KEYS,
    assurance=st.sampled_from(("key", "attested")),
    maker=TEXTS,
)


def carried(kind: str, **more: Any) -> Any:
    """Return what is said of a dongle of `kind`."""
    return {"uri": st.just(f"{kind}:") | st.just(f"{kind}:serial=1"), "label": LABELS, **more}


CARRIED_ANCHORS = (
    st.sampled_from(("piv", "openpgp", "pkcs11", "fido2")).flatmap(
        lambda kind: st.builds(
            KeyAnchor,
            kind=st.just(kind),
            key=KEYS | st.just(RSA),
            assurance=st.sampled_from(("key", "attested")),
            maker=TEXTS,
            **carried(kind, record=st.binary(max_size=9)),
        )
    )
    | st.builds(SharedAnchor, **carried("yubikey", record=st.binary(min_size=1, max_size=9)))
    | st.builds(IdentifierAnchor, **carried("usb"))
)
DONGLES = st.lists(
    st.sampled_from(("piv", "openpgp", "pkcs11", "fido2", "yubikey", "usb")).flatmap(
        lambda kind: st.builds(
            DongleClaims,
            kind=st.just(kind),
            **carried(kind, record=st.binary(max_size=9)) | {"label": TEXTS},
            key=st.none() if kind in ("yubikey", "usb") else KEYS | st.just(RSA),
            signature=st.binary(max_size=9),
            data=st.binary(max_size=9),
            attestation=st.binary(max_size=9),
        )
    ),
    max_size=8,
    unique_by=lambda one: one.identity,
).map(tuple)
HOST_ANCHORS = HOSTS.filter(
    lambda host: threshold(host.components) <= sum(part.weight for part in host.components)
).flatmap(
    lambda host: st.builds(
        HostAnchor,
        salt=st.just(host.salt),
        components=st.just(host.components),
        needed=st.integers(1, sum(part.weight for part in host.components)),
    )
)


@st.composite
def policies(draw: Any, anchors: int, depth: int = 0) -> Any:
    """Draw a policy over `anchors`, as a license can hold it."""
    if depth == 4 or draw(st.booleans()):
        return draw(st.integers(0, anchors - 1))
    parts = draw(st.lists(policies(anchors, depth + 1), min_size=1, max_size=4, unique=True))
    return Threshold(needed=draw(st.integers(1, len(parts))), parts=tuple(parts))


@st.composite
def bindings(draw: Any) -> Binding:
    """Draw a binding whose policy names every anchor."""
    anchors = draw(
        st.lists(
            KEY_ANCHORS | CARRIED_ANCHORS | HOST_ANCHORS,
            min_size=1,
            max_size=4,
            unique_by=lambda anchor: anchor.identity,
        )
    )
    some = draw(policies(len(anchors), 1))
    rest = [number for number in range(len(anchors)) if number != some]
    parts = (some, *rest)
    policy = Threshold(needed=draw(st.integers(1, len(parts))), parts=parts)
    return Binding(anchors=tuple(anchors), policy=policy)


def digests(size: int) -> Any:
    """Return bytes of `size`."""
    return st.binary(min_size=size, max_size=size)


JUST_NOW = datetime(2026, 3, 1, tzinfo=timezone.utc)
QUICK = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
COUNTERS = st.lists(
    st.builds(
        Counter,
        name=TEXTS,
        limit=st.integers(0, 2**32 - 1),
        period=st.sampled_from(("", "day", "month", "year")),
    ),
    unique_by=lambda one: one.name,
    max_size=3,
).map(lambda found: tuple(sorted(found, key=lambda one: one.name)))
PARAMETERS = st.dictionaries(TEXTS, TEXTS | st.integers(0, 2**32 - 1), min_size=1, max_size=3)


@st.composite
def models(draw: Any, features: tuple[str, ...], *, ends: bool) -> Model:
    """Return a model that fits a license with these features."""
    kinds = ["node-locked", "floating", "subscription" if ends else "maintenance"]
    kind = draw(st.sampled_from([*kinds, *(["trial"] if ends else [])]))
    days = st.integers(0, 3650) if kind == "subscription" else st.just(0)
    described = draw(st.lists(st.sampled_from(features), unique=True)) if features else []
    return Model(
        kind=kind,
        renew_days=draw(days),
        grace_days=draw(days),
        maintained_until=draw(TIMES) if kind == "maintenance" else None,
        edition=draw(st.text("abcß", max_size=9)),
        features=tuple(
            Feature(
                name=name,
                expires_at=draw(st.none() | TIMES),
                parameters=tuple(sorted(draw(PARAMETERS).items())),
            )
            for name in sorted(described)
        ),
        counters=draw(COUNTERS),
        level=draw(st.sampled_from(("enforce", "warn", "advisory"))),
        addon_to=draw(st.text("E-1", max_size=9)),
    )


@QUICK
@given(st.data(), st.lists(TEXTS, unique=True, max_size=4).map(tuple), st.booleans())
def test_model(data, features, ends):
    """A model says after the journey what it said before, and has one form."""
    model = data.draw(models(features, ends=ends))
    model.refuse_contradiction(features, JUST_NOW if ends else None)
    if model == Model():
        assert model.encode() == {}
    else:
        assert again(Model, model) == model


FEATURES = st.lists(TEXTS, unique=True, max_size=4).map(tuple)


def again(kind: Any, value: Any) -> Any:
    """Return what `kind` reads of the bytes of `value`, having compared those bytes."""
    raw = cbor.encode(value.encode())
    read = kind.parse(cbor.decode(raw))
    assert cbor.encode(read.encode()) == raw
    return read


@QUICK
@given(
    st.builds(
        Terms,
        id=digests(16),
        product_id=TEXTS,
        entitlement_id=TEXTS,
        customer=TEXTS,
        features=FEATURES,
        seats=st.integers(0, 2**32 - 1),
        issued_at=TIMES,
        expires_at=st.none() | TIMES,
        binding=bindings(),
        key=KEYS,
    )
)
def test_license(terms):
    """A license says after the journey what it said before."""
    assert again(Terms, terms) == terms


@QUICK
@given(
    st.builds(
        request.Asking,
        product_id=TEXTS,
        asked_at=TIMES,
        nonce=digests(32),
        key=KEYS,
        key_id=digests(16),
        key_proof=digests(32),
        host=HOSTS,
        tpm2=st.none() | TPMS,
        software=TEXTS,
        note=TEXTS,
        dongles=DONGLES,
    )
)
def test_request(asking):
    """So does a request."""
    assert again(request.Asking, asking) == asking


SEALED = st.builds(
    response.Sealed,
    credential=st.binary(max_size=50),
    iv=digests(12),
    ciphertext=st.binary(min_size=16, max_size=50),
)


@given(
    st.builds(
        response.Answer,
        product_id=TEXTS,
        nonce=digests(32),
        request=digests(32),
        issued_at=TIMES,
        expires_at=TIMES,
        sealed=SEALED,
    )
    | st.builds(
        response.Answer,
        product_id=TEXTS,
        nonce=digests(32),
        request=digests(32),
        issued_at=TIMES,
        expires_at=TIMES,
        license=st.binary(max_size=50),
    )
)
def test_response(answer):
    """So does a response, plain or sealed."""
    assert again(response.Answer, answer) == answer


@given(
    st.builds(
        receipt.Returning,
        product_id=TEXTS,
        license_id=digests(16),
        license_digest=digests(32),
        returned_at=TIMES,
    )
)
def test_receipt(returning):
    """So does a receipt."""
    assert again(receipt.Returning, returning) == returning


@given(name=TEXTS, vendor=TEXTS, issued_at=TIMES, more=st.lists(KEYS, max_size=3).map(tuple))
def test_product(name, vendor, issued_at, more):
    """A product file says what it was made of, and its bytes are kept as they came."""
    root = seeded("root")
    made = Product.make(
        root, id="acme", name=name, vendor=vendor, issued_at=issued_at, more_roots=more
    )
    assert Product.parse(made.raw) == made
    assert (made.name, made.vendor, made.issued_at) == (name, vendor, issued_at)
    assert made.roots == (root.key, *more)


@given(
    st.builds(
        Limits,
        products=FEATURES,
        features=st.none() | FEATURES,
        longest_term_days=st.none() | st.integers(0, 36500),
        most_seats=st.none() | st.integers(0, 2**32 - 1),
    ),
    KEYS,
    TIMES,
    TIMES,
)
def test_delegation(limits, key, since, until):
    """A delegation appoints whom it was made for, within its limits and times."""
    vendor = Vendor()
    raw = vendor.delegate(limits, key=key, since=since, until=until)
    issuer = verify_delegation(raw, vendor.product)
    assert (issuer.limits, issuer.key) == (limits, key)
    assert (issuer.valid_from, issuer.valid_until) == (since, until)


@given(TIMES, digests(32), digests(32), digests(16), KEYS)
def test_private_records(moment, nonce, digest, license_id, key):
    """What the store keeps is read back as it was kept."""
    pending = Pending(nonce=nonce, digest=digest, asked_at=moment, state=digest)
    gone = Gone(
        product_id="acme",
        license_id=license_id,
        license_digest=digest,
        key=key.raw,
        returned_at=moment,
    )
    state = State.begin(moment)
    for record in (pending, gone, state):
        assert type(record).parse(record.encode()) == record


@given(st.integers(0, 2**100 - 1))
def test_activation_key(number):
    """An activation key is what its typed code says."""
    key = ActivationKey(number=number)
    assert ActivationKey.parse(str(key)) == key


READERS = {
    "license-nested": Terms,
    "request-tpm": request.Asking,
    "response": response.Answer,
    "response-sealed": response.Answer,
    "receipt": receipt.Returning,
    "license-changes": Terms,
    "revocation": Listed,
    "response-renewal": renewal.Renewing,
}


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=5 * settings().max_examples, suppress_health_check=[HealthCheck.too_slow])
@given(new=VALUES | TEXTS | st.integers(0, 4), where=st.integers(0, 1 << 16))
def test_whatever_is_read_is_written_back(kinds, kind, new, where):
    """One statement has one form: a payload that is read is the one that would be written."""
    says = cbor.decode(cose.parse(kinds[kind].raw).payload)
    paths = places(says)
    changed = with_value(says, paths[where % len(paths)], new)
    try:
        read = READERS[kind].parse(changed)
    except HwlockError:
        return
    assert cbor.encode(read.encode()) == cbor.encode(changed)
