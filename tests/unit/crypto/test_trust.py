"""From a product's root to whoever signed a file: the numbered rules of hwlock.crypto.trust."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hwlock.codec import cbor, cose, cwt
from hwlock.codec.fields import numeric_date
from hwlock.crypto.keys import sign_file
from hwlock.crypto.trust import (
    DELEGATION_TYP,
    PRODUCT_TYP,
    Former,
    Limits,
    Product,
    Replaced,
    verify_delegation,
    verify_issued,
)
from hwlock.errors import BadSignature, FormatError, UntrustedError
from hwlock.testing.vendor import SOLD_AT, Vendor, seeded

TYP = "application/hwlock-license"
SECOND = timedelta(seconds=1)


@pytest.fixture
def vendor() -> Vendor:
    """A vendor with one root and one issuer."""
    return Vendor()


def issued(vendor, *, signer=None, delegation=None, at=SOLD_AT):
    """Return some file of an issuer, dated `at`."""
    payload = {cwt.IAT: numeric_date(at)}
    raw = sign_file(signer or vendor.issuer, TYP, payload, delegation or vendor.delegation)
    return cose.parse(raw)


def refusal(vendor, signed):
    """Return the code with which a file is refused."""
    with pytest.raises(UntrustedError) as caught:
        verify_issued(signed, vendor.product, where="license")
    return caught.value.code


def test_a_file_of_an_issuer_is_verified(vendor):
    """The outcome names the issuer, and holds what the file says."""
    found = verify_issued(issued(vendor), vendor.product, where="license")
    assert found.issuer.key == vendor.issuer.key
    assert found.issuer.name == "desk"
    assert found.payload == {cwt.IAT: numeric_date(SOLD_AT)}


def test_rule_1_there_is_a_delegation(vendor):
    """A file that does not say who allowed its signer to sign is refused."""
    signed = cose.parse(sign_file(vendor.issuer, TYP, {cwt.IAT: 0}))
    assert refusal(vendor, signed) == "HWL-TRUST-CHAIN"


def test_rule_1_a_root_signed_the_delegation(vendor):
    """A delegation by somebody else is refused, and one with a root's name and no signature."""
    assert (
        refusal(vendor, issued(vendor, delegation=vendor.delegate(root=seeded("pirate"))))
        == "HWL-TRUST-ROOT"
    )
    changed = bytearray(vendor.delegation)
    changed[-1] ^= 1
    assert refusal(vendor, issued(vendor, delegation=bytes(changed))) == "HWL-SIGNATURE-BAD"


def test_rule_1_every_root_may_delegate(vendor):
    """Each root of the product file counts, not only the first that signed it."""
    second = seeded("second root")
    product = Product.make(
        vendor.root,
        id="acme-cad",
        name="ACME CAD",
        vendor="ACME",
        issued_at=SOLD_AT,
        more_roots=(second.key,),
    )
    signed = issued(vendor, delegation=vendor.delegate(root=second))
    assert verify_issued(signed, product, where="license").issuer.key == vendor.issuer.key
    assert refusal(vendor, signed) == "HWL-TRUST-ROOT"


def test_rule_2_the_key_of_the_delegation_signed_the_file(vendor):
    """Another key's file is refused, even a root's."""
    for signer in (seeded("pirate"), vendor.root):
        assert refusal(vendor, issued(vendor, signer=signer)) == "HWL-KEY-OTHER"


def test_rule_3_issued_from_the_first_second_to_the_last(vendor):
    """The delegation counts from its issue on and before its expiry, to the second."""
    since, until = SOLD_AT, SOLD_AT + timedelta(days=10)
    delegation = vendor.delegate(since=since, until=until)
    for at in (since, until - SECOND):
        verify_issued(issued(vendor, delegation=delegation, at=at), vendor.product, where="x")
    for at in (since - SECOND, until):
        signed = issued(vendor, delegation=delegation, at=at)
        assert refusal(vendor, signed) == "HWL-ISSUER-TERM"


def test_rule_3_what_was_issued_in_time_stays_good(vendor):
    """An issuer that has since expired does not harm what it signed: no clock enters."""
    delegation = vendor.delegate(since=SOLD_AT.replace(year=1990), until=SOLD_AT.replace(year=1991))
    at = SOLD_AT.replace(year=1990, month=6)
    verify_issued(issued(vendor, delegation=delegation, at=at), vendor.product, where="license")


def test_rule_3_a_file_without_a_date_is_refused(vendor):
    """Without the time of issue nothing can be said of rule 3."""
    signed = cose.parse(sign_file(vendor.issuer, TYP, {}, vendor.delegation))
    with pytest.raises(FormatError):
        verify_issued(signed, vendor.product, where="license")


def test_rule_4_the_delegation_names_the_product(vendor):
    """One of several products will do; none is none."""
    several = vendor.delegate(Limits(products=("acme-cam", "acme-cad")))
    verify_issued(issued(vendor, delegation=several), vendor.product, where="license")
    for products in (("acme-cam",), ("acme-ca",), ()):
        delegation = vendor.delegate(Limits(products=products))
        assert refusal(vendor, issued(vendor, delegation=delegation)) == "HWL-ISSUER-LIMIT"


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        ({"features": ("cad",)}, "the feature 'sim'"),
        ({"features": ()}, "the feature 'cad'"),
        ({"longest_term_days": 364}, "a term of more than 364 days"),
        ({"most_seats": 2}, "more than 2 seats"),
    ],
)
def test_a_grant_beyond_its_limits_is_refused_by_name(limits, what):
    """The error says which limit it was."""
    with pytest.raises(UntrustedError) as caught:
        Limits(products=("p",), **limits).refuse(features=("cad", "sim"), term_days=365, seats=3)
    assert caught.value.code == "HWL-ISSUER-LIMIT"
    assert what in caught.value.message


def test_a_grant_at_its_limits_is_allowed():
    """Limits are the most that may be granted, so exactly that much may."""
    limits = Limits(products=("p",), features=("cad", "sim"), longest_term_days=365, most_seats=3)
    limits.refuse(features=("cad", "sim"), term_days=365, seats=3)
    limits.refuse(features=(), term_days=0, seats=0)


def test_no_limit_is_no_limit():
    """What a delegation does not say does not bind."""
    Limits(products=("p",)).refuse(features=("x",) * 60, term_days=None, seats=2**32 - 1)


def test_a_limited_term_allows_no_perpetual_grant():
    """For good is longer than any number of days."""
    with pytest.raises(UntrustedError):
        Limits(products=("p",), longest_term_days=36500).refuse(
            features=(), term_days=None, seats=1
        )


def test_a_product_file_is_signed_by_its_first_root(vendor):
    """The second root, or a changed byte, will not do."""
    assert Product.parse(vendor.product.raw) == vendor.product
    at = vendor.product.raw.index(b"ACME CAD")
    changed = bytearray(vendor.product.raw)
    changed[at] ^= 1
    with pytest.raises(BadSignature):
        Product.parse(bytes(changed))
    says = dict(cbor.decode(cose.parse(vendor.product.raw).payload))
    second = seeded("second")
    says[cwt.HWLOCK] = says[cwt.HWLOCK] | {2: (vendor.root.key.cose_key(), second.key.cose_key())}
    with pytest.raises(UntrustedError) as caught:
        Product.parse(sign_file(second, PRODUCT_TYP, says))
    assert caught.value.code == "HWL-KEY-OTHER"


def test_a_product_names_its_roots_by_kid(vendor):
    """Any other kid is somebody else's."""
    assert vendor.product.appointing(vendor.root.key.kid) == (vendor.root.key, None)
    with pytest.raises(UntrustedError) as caught:
        vendor.product.appointing(bytes(16))
    assert caught.value.code == "HWL-TRUST-ROOT"


def test_rule_1_a_former_root_appoints_nobody_new(vendor):
    """Whom it had appointed goes on; a key that it appoints later is refused, at whatever date."""
    product = Product.make(
        seeded("next root"),
        id="acme-cad",
        name="ACME CAD",
        vendor="ACME",
        issued_at=SOLD_AT,
        replaced=Replaced(
            former=(Former(key=vendor.root.key, appointed=(vendor.issuer.key.kid,)),)
        ),
    )
    assert verify_delegation(vendor.delegation, product).key == vendor.issuer.key
    later = vendor.delegate(key=seeded("pirate").key)
    with pytest.raises(UntrustedError) as caught:
        verify_delegation(later, product)
    assert caught.value.code == "HWL-TRUST-FORMER"


def test_a_delegation_holds_no_delegation(vendor):
    """Chains have two links: a root, an issuer."""
    says = cbor.decode(cose.parse(vendor.delegation).payload)
    raw = sign_file(vendor.root, DELEGATION_TYP, says, vendor.delegation)
    with pytest.raises(UntrustedError) as caught:
        verify_delegation(raw, vendor.product)
    assert caught.value.code == "HWL-KEY-DELEGATION"
