"""A program in C reads every file as one in Python does: the same claims, the same refusals."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import armor_model
import cbor_model
import cose_model
import native_reader
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hwlock.codec import armor, cbor, cose, cwt
from hwlock.codec.fields import numeric_date
from hwlock.crypto.keys import sign_file
from hwlock.crypto.trust import DELEGATION_TYP, Product
from hwlock.errors import BadKey, FormatError, HwlockError
from hwlock.evidence import host
from hwlock.license.license import License, UnverifiedLicense
from hwlock.license.revocation import UnverifiedList

from . import near
from .values import VALUES, places, with_value

EXAMPLES = settings().max_examples
SLOW = settings(max_examples=2 * EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
KINDS = (
    "product",
    "product-former",
    "license",
    "license-nested",
    "license-model",
    "license-amended",
    "license-dongles",
)


def outcome(read: Callable[..., Any], *arguments: Any) -> tuple[object, ...]:
    """Return what a reader says, or the code, stage and offset of its refusal."""
    try:
        return ("read", read(*arguments))
    except native_reader.Refused as exc:
        return (exc.code, exc.stage, exc.offset)
    except HwlockError as exc:
        stage = "key" if isinstance(exc, BadKey) else getattr(exc, "stage", "trust")
        offset = exc.offset if isinstance(exc, FormatError) else None
        return (exc.code, stage, offset)


def items_of(value: cbor.Value) -> Any:
    """Return a value as the core names its items, places left out."""
    if value is None or isinstance(value, bool):
        return [(7, {False: 0xF4, True: 0xF5, None: 0xF6}[value])]
    if isinstance(value, int):
        return [(0, value) if value >= 0 else (1, -1 - value)]
    if isinstance(value, bytes | str):
        return [(2, len(value)) if isinstance(value, bytes) else (3, len(value.encode()))]
    if isinstance(value, tuple):
        return [(4, len(value)), *(item for each in value for item in items_of(each))]
    if isinstance(value, dict):
        pairs = (items_of(key) + items_of(each) for key, each in value.items())
        return [(5, len(value)), *(item for pair in pairs for item in pair)]
    assert isinstance(value, cbor.Tag)
    return [(6, 18), *items_of(value.value)]


def python_product(raw: bytes) -> dict[str, Any]:
    """Return what a product file says, read by Python."""
    product = Product.parse(armor.decode(raw, expected_label="PRODUCT")[1])
    return {
        "id": product.id,
        "name": product.name,
        "vendor": product.vendor,
        "issued_at": numeric_date(product.issued_at),
        "roots": [key.raw for key in product.roots],
        "former": [(one.key.raw, list(one.appointed)) for one in product.former],
    }


def python_license(raw: bytes, product: bytes) -> dict[str, Any]:
    """Return what a license says, read and verified by Python."""
    binary = armor.decode(raw, expected_label="LICENSE")[1]
    license = UnverifiedLicense.parse(binary).verify(Product.parse(product))
    terms = license.terms
    model = terms.model
    return {
        "product": terms.product_id,
        "customer": terms.customer,
        "entitlement": terms.entitlement_id,
        "issuer": license.issuer.name,
        "issued_at": numeric_date(terms.issued_at),
        "expires_at": -1 if terms.expires_at is None else numeric_date(terms.expires_at),
        "seats": terms.seats,
        "id": terms.id,
        "key": terms.key.raw,
        "features": list(terms.features),
        "model": (model.kind.replace("node-locked", ""), model.grace_days, model.edition),
        "amendments": len(terms.amendments),
        "anchors": [said(anchor) for anchor in terms.binding.anchors],
    }


def said(anchor: Any) -> tuple[object, ...]:
    """Return kind, maker, URI, label, record and key of an anchor, empty what it has not."""
    texts = (getattr(anchor, name, "") for name in ("kind", "maker", "uri", "label"))
    key = anchor.key.raw if hasattr(anchor, "key") else b""
    return (*texts, getattr(anchor, "record", b""), key)


def python_list(raw: bytes, product: bytes) -> dict[str, Any]:
    """Return what a revocation list says, read and verified by Python."""
    binary = armor.decode(raw, expected_label="REVOCATION")[1]
    signed = UnverifiedList.parse(binary).verify(Product.parse(product))
    listed = signed.listed
    return {
        "product": listed.product_id,
        "issuer": signed.name,
        "kid": signed.signer,
        "issued_at": numeric_date(listed.issued_at),
        "number": listed.number,
        "base": listed.base,
        "entries": len(listed.entries),
        "bytes": len(binary),
    }


def assert_same(kind: str, raw: bytes, product: bytes) -> None:
    """Compare both readers on one file of a kind."""
    if kind.startswith("product"):
        ours = outcome(lambda: native_reader.Product(raw).says())
        assert ours == outcome(python_product, raw)
        return
    shipped = native_reader.Product(product)
    if kind == "revocation":
        ours = outcome(lambda: native_reader.List(raw, shipped).says())
        assert ours == outcome(python_list, raw, product)
        return
    ours = outcome(lambda: native_reader.License(raw, shipped).says())
    assert ours == outcome(python_license, raw, product)


@given(st.binary(max_size=60) | VALUES.map(cbor.encode))
def test_values_are_read_as_the_model_reads_them(data: bytes) -> None:
    """Items of the core, values of the codec and the plain model agree, faults included."""
    limits = {"max_bytes": 50, "max_depth": 4, "max_items": 20}
    model = outcome(lambda: cbor_model.decode(data, **limits))
    assert outcome(lambda: cbor.decode(data, **limits)) == model
    core = outcome(lambda: native_reader.cbor(data, **limits))
    if model[0] == "read":
        assert [item[:2] for item in core[1]] == items_of(model[1])  # type: ignore[attr-defined]
    else:
        assert core == model


def edit(data: bytearray, random: Random) -> None:
    """Change `data` at one place."""
    at, other = random.randint(0, len(data)), random.randint(0, len(data))
    what = random.randrange(5)
    if what == 0:
        data[at : at + 1] = random.randbytes(1)
    elif what == 1:
        data[at:at] = random.randbytes(random.randint(1, 4))
    elif what == 2:
        del data[at : at + random.randint(1, 8)]
    elif what == 3:
        data[at:at] = data[other : other + 40]
    else:
        data[at : at + 1] = bytes([data[at] ^ 1 << random.randrange(8)]) if at < len(data) else b""


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_are_refused_alike(kinds, genuine, kind: str) -> None:
    """Files that were changed at random: the same code at the same stage and offset."""
    raw = kinds[kind].raw
    assert_same(kind, raw, genuine.PRODUCT)
    for number in range(10 * EXAMPLES):
        random = Random(f"{kind} {number}")
        data = bytearray(raw)
        for _ in range(random.randint(1, 4)):
            edit(data, random)
        changed = bytes(data)
        assert outcome(cose.parse, changed) == outcome(cose_model.parse, changed)
        assert_same(kind, changed, genuine.PRODUCT)


@pytest.mark.parametrize("kind", KINDS)
@SLOW
@given(where=st.integers(0, 1 << 16), new=VALUES)
def test_signed_statements_are_judged_alike(kinds, genuine, kind, where, new) -> None:
    """Any value in any place of a payload, signed by the right key."""
    says = cbor.decode(cose.parse(kinds[kind].raw).payload)
    paths = places(says)
    changed = with_value(says, paths[where % len(paths)], new)
    assert_same(kind, genuine.signed(kinds[kind].signer, kinds[kind].raw, changed), genuine.PRODUCT)


@SLOW
@given(where=st.integers(0, 1 << 16), new=VALUES)
def test_delegations_are_judged_alike(genuine, where, new) -> None:
    """Any value in any place of a delegation, signed by the root."""
    vendor = genuine.VENDOR
    says = cbor.decode(cose.parse(vendor.delegation).payload)
    paths = places(says)
    changed = with_value(says, paths[where % len(paths)], new)
    delegation = sign_file(vendor.root, DELEGATION_TYP, changed)
    assert_same(
        "license", vendor.license(vendor.terms(), delegation=delegation), vendor.product.raw
    )


@settings(SLOW, max_examples=4 * EXAMPLES)
@given(
    model=near.GOOD_MODELS | near.MODELS | near.SAID,
    ends=st.sampled_from([None, 1803816000, 253370764800 - 3650 * 86400, 253402300799]),
    keys=st.none() | near.CONTENT_KEYS | near.SAID,
    changes=st.none() | near.AMENDMENTS | near.SAID,
)
def test_licenses_near_to_good_ones_are_judged_alike(genuine, model, ends, keys, changes) -> None:
    """Models, content keys and changes: of several faults both tell the same."""
    says = genuine.payload(genuine.LICENSE)
    said = {5: model, 6: changes, 7: keys}
    says[cwt.HWLOCK] |= {key: value for key, value in said.items() if value is not None}
    del says[cwt.EXP]
    if ends is not None:
        says[cwt.EXP] = ends
    raw = genuine.signed(genuine.VENDOR.issuer, genuine.LICENSE, says)
    assert_same("license", raw, genuine.PRODUCT)


@SLOW
@given(number=near.NUMBERS, base=st.none() | near.NUMBERS, entries=near.ENTRIES | near.JUNK)
def test_lists_near_to_good_ones_are_judged_alike(kinds, genuine, number, base, entries) -> None:
    """Numbers and entries of every form."""
    says = cbor.decode(cose.parse(kinds["revocation"].raw).payload)
    own = {1: number, 3: entries} | ({} if base is None else {2: base})
    changed = says | {cwt.HWLOCK: own}  # type: ignore[operator]
    raw = genuine.signed(genuine.VENDOR.issuer, kinds["revocation"].raw, changed)
    assert_same("revocation", raw, genuine.PRODUCT)


PIECES = st.sampled_from(
    [
        "-----BEGIN HWLOCK REQUEST-----",
        "-----END HWLOCK REQUEST-----",
        "-----BEGIN HWLOCK LICENSE-----",
        "-----END HWLOCK LICENSE-----",
        "-BEGIN HWLOCK A",
        "\u2014begin hwlock request\u2014",
        "&mdash;", "&#45;", "&#x2014;", "&#150", "&plus;", "&nbsp", "&ampx", "&fjlig;", "&notit;",
        "&#;", "=2D", "=\r\n", "=E2=80=94", "=96", "==", "=", "\r", "\n", "> ", " ", "-", "\u200b",
        "\u00e9",
    ]
)  # fmt: skip
BLOCKS = st.builds(
    armor.encode, st.binary(min_size=1, max_size=200), st.sampled_from(["REQUEST", "LICENSE"])
)
ENCODINGS = st.sampled_from(["utf-8", "utf-16", "utf-8-sig", "cp1252"])


@settings(max_examples=4 * EXAMPLES)
@given(
    st.lists(PIECES | BLOCKS | st.text(max_size=5), max_size=6),
    st.lists(
        st.tuples(st.integers(0, 400), st.sampled_from(["", "A", "-", "=", "&gt;"])), max_size=3
    ),
    ENCODINGS,
    st.sampled_from([None, "REQUEST"]),
)
def test_texts_are_read_as_the_model_reads_them(pieces, edits, encoding, wanted) -> None:
    """Blocks, pieces of blocks and what mail makes of them: label and data, or code and line."""
    text = "".join(pieces)
    for at, new in edits:
        text = text[:at] + new + text[at + 1 :]
    raw = text.encode(encoding, "replace")
    try:
        expected: Any = armor_model.decode(raw, expected_label=wanted, max_bytes=300)
    except FormatError as exc:
        expected = (exc.code, exc.details)
    try:
        found: Any = armor.decode(raw, expected_label=wanted, max_bytes=300)
    except FormatError as exc:
        found = (exc.code, exc.details)
    assert found == expected


def test_lines_are_explained_as_the_model_explains_them(kinds) -> None:
    """Lines lost, moved, repeated and damaged: the same code, line and count."""
    block = armor.encode(kinds["license"].raw * 3, "LICENSE").splitlines()
    for number in range(5 * EXAMPLES):
        random = Random(number)
        lines = [*block]
        for _ in range(random.randint(1, 3)):
            at, other = random.randrange(1, len(lines) - 1), random.randrange(1, len(lines))
            what = random.randrange(4)
            if what == 0:
                del lines[at]
            elif what == 1:
                lines.insert(other, lines[at])
            elif what == 2:
                lines.insert(other, lines.pop(at))
            else:
                line = bytearray(lines[at].encode())
                edit(line, random)
                lines[at] = line.decode("latin-1")
        raw = "\n".join(lines).encode()
        both = []
        for decode in (armor.decode, armor_model.decode):
            try:
                both.append((decode(raw), None))
            except FormatError as exc:
                both.append((exc.code, exc.details))  # type: ignore[arg-type]
        assert both[0] == both[1]


PARTS = st.lists(
    st.tuples(st.sampled_from(sorted(host.WEIGHTS)), st.binary(min_size=1, max_size=12)),
    min_size=1,
    max_size=14,
)


@SLOW
@given(parts=PARTS, gone=st.sets(st.integers(0, 13)), new=PARTS, needed=st.integers(1, 120))
def test_machines_match_alike(genuine, parts, gone, new, needed) -> None:
    """The same score, threshold and total for every machine."""
    mine = host.weigh(parts)
    anchor = genuine.host_anchor()
    claims = host.claim(mine, anchor.salt)
    total = sum(each.weight for each in mine)
    bound = type(anchor)(salt=anchor.salt, components=claims.components, needed=min(needed, total))
    if host.threshold(claims.components) > total:
        return
    vendor = genuine.VENDOR
    terms = vendor.terms(genuine.Binding(anchors=(bound,), policy=0))
    product = native_reader.Product(vendor.product.raw)
    license = native_reader.License(vendor.license(terms), product)
    present = [part for at, part in enumerate(mine) if at not in gone] + [*host.weigh(new)]
    expected = host.match(bound.components, bound.salt, bound.needed, present)
    score, floor, of, same = license.match(0, [(each.kind, each.value) for each in present])
    assert (score, floor, of) == (expected.score, expected.needed, expected.total)
    kinds = [each.kind for at, each in enumerate(bound.components) if same >> at & 1]
    assert sorted(kinds) == list(expected.same)


def test_a_license_that_python_made_says_the_same_in_c(genuine) -> None:
    """Nothing is lost on the way from the desk to a program in C."""
    assert isinstance(
        UnverifiedLicense.parse(genuine.LICENSE).verify(genuine.VENDOR.product), License
    )
    assert_same("license", genuine.LICENSE, genuine.PRODUCT)
    text = armor.encode(genuine.LICENSE, "LICENSE").encode()
    shipped = native_reader.Product(armor.encode(genuine.PRODUCT, "PRODUCT").encode())
    read = native_reader.License(text, shipped)
    assert read.says() == python_license(genuine.LICENSE, genuine.PRODUCT)
