"""What each kind of anchor takes for a proof, and what it says where there is none."""

from __future__ import annotations

import pytest

from hwlock.codec.fields import Fields
from hwlock.errors import Finding, FormatError
from hwlock.evidence.claims import Evidence
from hwlock.license.anchors import IdentifierAnchor, parse_anchor
from hwlock.license.binding import Binding, Threshold, appraise
from hwlock.record import replace
from hwlock.testing.dongles import RsaSigner, SoftDongle, dongle_anchor

CHALLENGE = bytes(range(32))
DONGLES = [
    SoftDongle("piv", "red"),
    SoftDongle("openpgp", "old", signer=RsaSigner()),
    SoftDongle("pkcs11", "token"),
    SoftDongle("usb", "stick"),
]


def shown(*dongles, challenge=CHALLENGE, absent=()):
    """Return the evidence of these dongles, over `challenge`."""
    proofs = tuple(dongle.prove(dongle.enroll(), challenge) for dongle in dongles)
    return Evidence(challenge=CHALLENGE, proofs=proofs, absent=absent)


def codes(anchor, evidence):
    """Return whether the anchor is satisfied, and the codes of what it found."""
    good, findings = anchor.appraise(evidence)
    return good, [found.code for found in findings]


@pytest.mark.parametrize("dongle", DONGLES, ids=lambda dongle: dongle.kind)
def test_a_dongle_that_is_here_proves_itself(dongle):
    """P-256, RSA and Ed25519 sign, a USB device says its number."""
    assert codes(dongle_anchor(dongle), shown(dongle)) == (True, [])


@pytest.mark.parametrize("dongle", DONGLES, ids=lambda dongle: dongle.kind)
def test_a_dongle_that_is_not_here_is_named(dongle):
    """The person reads the label of what to plug in."""
    good, findings = dongle_anchor(dongle).appraise(shown())
    assert not good
    assert [found.code for found in findings] == ["HWL-DONGLE-ABSENT"]
    assert dongle.label in findings[0].message and dongle.label in findings[0].hint


@pytest.mark.parametrize("dongle", DONGLES[:3], ids=lambda dongle: dongle.kind)
def test_an_old_answer_is_none(dongle):
    """What was signed for another challenge proves nothing now."""
    stale = shown(dongle, challenge=bytes(32))
    assert codes(dongle_anchor(dongle), stale) == (False, ["HWL-DONGLE-PROOF"])


def test_another_dongle_of_the_kind_does_not_do():
    """Neither with another serial number nor with the same one."""
    red = dongle_anchor(DONGLES[0])
    blue = SoftDongle("piv", "blue")
    forged = SoftDongle("piv", "forged", serial=DONGLES[0].serial)
    assert codes(red, shown(blue)) == codes(red, shown(forged)) == (False, ["HWL-DONGLE-ABSENT"])
    assert codes(red, shown(blue, DONGLES[0])) == (True, [])


def test_a_number_can_be_copied():
    """A USB device with the number of another one is that one: hence `identifier`."""
    copy = SoftDongle("usb", "copy", serial=DONGLES[3].serial)
    assert codes(dongle_anchor(DONGLES[3]), shown(copy)) == (True, [])
    other = dongle_anchor(SoftDongle("usb", "other"))
    assert codes(other, shown(copy)) == (False, ["HWL-DONGLE-PROOF"])
    assert codes(other, shown(copy, SoftDongle("usb", "other"))) == (True, [])


def test_why_one_dongle_did_not_answer_is_said_of_that_one():
    """Of two cards, each has reasons of its own."""
    red, blue = (dongle_anchor(SoftDongle("piv", name)) for name in ("red", "blue"))
    binding = Binding(anchors=(red, blue), policy=Threshold(needed=1, parts=(0, 1)))
    pulled = Finding("HWL-DONGLE-ABSENT", "deny", anchor="piv", anchor_uri=red.uri, label="red")
    busy = Finding("HWL-TPM-NONE", "deny", anchor="piv", anchor_uri=blue.uri)
    appraisal = appraise(binding, shown(absent=(pulled, busy)))
    assert appraisal.findings == (pulled, busy)
    appraisal = appraise(binding, shown(SoftDongle("piv", "blue"), absent=(pulled,)))
    assert appraisal.satisfied
    assert [(found.code, found.level) for found in appraisal.findings] == [
        ("HWL-DONGLE-ABSENT", "warn")
    ]


def test_one_key_under_two_names_is_one_device():
    """A license that counted it twice would be read by nobody."""
    red = dongle_anchor(DONGLES[0])
    assert replace(red, uri="piv:serial=other", label="other").identity == red.identity
    usb = IdentifierAnchor(uri="usb:serial=1", label="one")
    assert replace(usb, label="two").identity == usb.identity


@pytest.mark.parametrize(
    "uri",
    [
        "pkcs11:module-path=/tmp/evil.so",
        "pkcs11:token=t;module-path=/tmp/evil.so",
        "pkcs11:token=t?module-path=/tmp/evil.so",
        "pkcs11:?module-name=evil",
        "pkcs11:?",
        "pkcs11:token=t?pin-source=file:/etc/passwd",
        "pkcs11:pin-value=1234",
        "pkcs11:token=t;;serial=1",
        "pkcs11:token",
    ],
)
def test_a_license_names_no_library(uri):
    """Who signs a license, or changes a request, must not choose what code a machine loads."""
    anchor = replace(dongle_anchor(DONGLES[2]), uri=uri)
    with pytest.raises(FormatError) as caught:
        parse_anchor(Fields(anchor.encode(), "anchor"))
    assert caught.value.code == "HWL-FIELD-DEVICE"


@pytest.mark.parametrize(
    "uri",
    ["pkcs11:", "pkcs11:token=t;serial=1;id=%01%FF", "pkcs11:token=a%3Fmodule-path%3D;object=o"],
)
def test_a_license_names_a_token(uri):
    """By what tells it from others; what is escaped is part of a name."""
    anchor = replace(dongle_anchor(DONGLES[2]), uri=uri)
    assert parse_anchor(Fields(anchor.encode(), "anchor")) == anchor
