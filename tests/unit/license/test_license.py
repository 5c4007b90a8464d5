"""The license: what it says, who says it, and when that is believed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hwlock.crypto.trust import Limits
from hwlock.errors import FormatError, UntrustedError
from hwlock.license.license import LICENSE_TYP, License, Terms, UnverifiedLicense
from hwlock.record import replace
from hwlock.testing.vendor import SOLD_AT, Vendor


@pytest.fixture
def vendor() -> Vendor:
    """The vendor of acme-cad."""
    return Vendor()


def test_a_license_is_read_without_being_believed(vendor):
    """What a file says and what is true are two types."""
    terms = vendor.terms()
    license = UnverifiedLicense.parse(vendor.license(terms))
    assert license.says == terms
    assert not isinstance(license, License)
    assert license.signed.header.typ == LICENSE_TYP


def test_a_genuine_license_keeps_the_bytes_that_were_signed(vendor):
    """Nothing is encoded again: raw is what came."""
    raw = vendor.license(vendor.terms())
    license = UnverifiedLicense.parse(raw).verify(vendor.product)
    assert (license.raw, license.terms, license.issuer.name) == (raw, vendor.terms(), "desk")


def test_another_product_is_said_before_anything_else(vendor):
    """A file of another product and another vendor is named as that, not as a forgery."""
    other = Vendor("acme-cam", name="somebody else")
    with pytest.raises(UntrustedError) as caught:
        UnverifiedLicense.parse(other.license(other.terms())).verify(vendor.product)
    assert caught.value.code == "HWL-PRODUCT-OTHER"
    assert caught.value.details == {"file": "license", "theirs": "acme-cam", "ours": "acme-cad"}


def test_the_signer_names_another_product_than_the_issuer_may_sell(vendor):
    """The product in the file does not widen what its delegation allows."""
    delegation = vendor.delegate(Limits(products=("acme-cam",)))
    license = UnverifiedLicense.parse(vendor.license(vendor.terms(), delegation=delegation))
    with pytest.raises(UntrustedError) as caught:
        license.verify(vendor.product)
    assert caught.value.code == "HWL-ISSUER-LIMIT"


@pytest.mark.parametrize(
    ("lasts", "days"),
    [
        (timedelta(days=365), 365),
        (timedelta(days=1, seconds=1), 2),
        (timedelta(seconds=1), 1),
        (timedelta(0), 0),
        (-timedelta(days=1), -1),
    ],
)
def test_the_term_is_counted_in_begun_days(vendor, lasts, days):
    """A second more than a day is two: no term is longer than it says."""
    assert replace(vendor.terms(), expires_at=SOLD_AT + lasts).term_days == days


def test_a_perpetual_license_has_no_term(vendor):
    """Without an expiry there is nothing to count, and none is written."""
    terms = vendor.terms(days=None)
    assert terms.term_days is None
    assert 4 not in terms.encode()
    assert Terms.parse(terms.encode()).expires_at is None


@pytest.mark.parametrize("stretch", [timedelta(seconds=1), timedelta(days=1)])
def test_a_second_over_the_longest_term_is_too_much(vendor, stretch):
    """The limit of an issuer is kept to the second."""
    delegation = vendor.delegate(Limits(products=("acme-cad",), longest_term_days=365))
    terms = vendor.terms()
    raw = vendor.license(terms, delegation=delegation)
    UnverifiedLicense.parse(raw).verify(vendor.product)
    longer = replace(terms, expires_at=terms.expires_at + stretch)
    with pytest.raises(UntrustedError):
        UnverifiedLicense.parse(vendor.license(longer, delegation=delegation)).verify(
            vendor.product
        )


def test_a_request_is_no_license(vendor):
    """The kind of a file is named in the refusal."""
    with pytest.raises(FormatError) as caught:
        UnverifiedLicense.parse(vendor.delegation)
    assert caught.value.code == "HWL-COSE-TYP"
    assert "application/hwlock-delegation" in caught.value.message
