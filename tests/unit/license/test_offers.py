"""Several dongles of one kind: each mention takes another one, and the rest is left out."""

from __future__ import annotations

import pytest

from hwlock.errors import DeniedError
from hwlock.license.binding import Threshold
from hwlock.license.expression import parse
from hwlock.license.offers import Offer, bind
from hwlock.record import replace
from hwlock.testing.dongles import SoftDongle, dongle_anchor
from hwlock.testing.vendor import host_anchor, key_anchor, seeded

RED, BLUE, GREEN = (dongle_anchor(SoftDongle("piv", name)) for name in ("red", "blue", "green"))
GOLD = replace(dongle_anchor(SoftDongle("piv", "gold")), assurance="attested", maker="Yubico AB")
CARD = dongle_anchor(SoftDongle("openpgp", "card"))
STICK = dongle_anchor(SoftDongle("usb", "stick"))
TPM, HOST = key_anchor(seeded("tpm"), assurance="key"), host_anchor()


def bound(text, *anchors):
    """Return the anchors and the policy that `text` becomes where these are offered."""
    binding = bind(parse(text), tuple(offered(anchor) for anchor in anchors))
    return binding.anchors, binding.policy


def offered(one):
    """Return the offer of an anchor."""
    return one if isinstance(one, Offer) else Offer(anchor=one)


def missing(text, *anchors):
    """Return the findings of what is missing."""
    with pytest.raises(DeniedError) as caught:
        bound(text, *anchors)
    assert caught.value.code == "HWL-BIND-UNMET"
    return [(found.code, found.details) for found in caught.value.findings]


def of(needed, *parts):
    """Return a policy."""
    return Threshold(needed=needed, parts=parts)


def test_each_mention_takes_another_dongle():
    """Two mentions are two devices, in the order in which they were named."""
    assert bound("piv or piv", RED, BLUE) == ((RED, BLUE), of(1, 0, 1))
    assert bound("1 of (piv, piv)", RED, BLUE) == ((RED, BLUE), of(1, 0, 1))
    assert bound("piv and piv", RED, BLUE) == ((RED, BLUE), of(2, 0, 1))
    assert bound("2 of (piv, piv, openpgp)", RED, CARD, BLUE) == (
        (RED, BLUE, CARD),
        of(2, 0, 1, 2),
    )
    assert bound("piv", RED, BLUE) == ((RED,), 0)


def test_what_is_not_there_is_left_out():
    """One card of two is enough for `or`; for two of three one may be missing."""
    assert bound("piv or piv", RED) == ((RED,), 0)
    assert bound("2 of (piv, piv, openpgp)", RED, CARD) == ((RED, CARD), of(2, 0, 1))
    fewer = {"anchor": "piv", "offered": 1, "wanted": 2}
    assert missing("piv and piv", RED) == [("HWL-BIND-FEWER", fewer)]
    assert (
        missing("2 of (piv, piv, openpgp)", CARD)
        == [("HWL-BIND-NOT-OFFERED", {"anchor": "piv"})] * 2
    )


def test_a_device_is_given_up_for_another_that_will_do():
    """Whoever wants less takes what the one who wants more cannot use."""
    assert bound("piv and piv@attested", GOLD, RED) == ((RED, GOLD), of(2, 0, 1))
    assert bound("piv@attested and piv", RED, GOLD) == ((GOLD, RED), of(2, 0, 1))
    assert bound("piv or piv or piv@attested", GOLD, RED, BLUE)[0] == (BLUE, RED, GOLD)


def test_two_keys_of_one_card_are_one_card():
    """A card with two slots does not stand for two cards."""
    first, second = (Offer(anchor=anchor, device="serial 1") for anchor in (RED, BLUE))
    assert [code for code, _ in missing("piv and piv", first, second)] == ["HWL-BIND-FEWER"]
    assert bound("piv or piv", first, second) == ((RED,), 0)
    assert bound("piv and piv", first, second, GREEN) == ((RED, GREEN), of(2, 0, 1))


def test_what_fails_anyway_takes_no_device():
    """An alternative that lacks something else does not hold a dongle from the next one."""
    text = "(piv and tpm2) or (piv and host)"
    assert bound(text, RED, HOST) == ((RED, HOST), of(2, 0, 1))
    assert bound(text, RED, HOST, TPM) == ((RED, TPM), of(2, 0, 1))
    assert bound("2 of ((piv or host), (piv))", RED, HOST) == ((HOST, RED), of(2, 0, 1))
    assert bound("(piv and openpgp) or (piv and tpm2) or host", RED, TPM, HOST)[0] == (
        RED,
        TPM,
        HOST,
    )


def test_else_takes_the_first_that_can_be_met():
    """And the next one where the device is needed elsewhere."""
    assert bound("piv else host", RED, HOST) == ((RED,), 0)
    assert bound("piv else host", HOST) == ((HOST,), 0)
    assert bound("(piv else host) and piv", RED, HOST) == ((HOST, RED), of(2, 0, 1))
    assert bound("piv@attested else piv", RED) == ((RED,), 0)


def test_the_tpm_and_the_fingerprint_are_one_each():
    """A machine has one of them, however often they are mentioned."""
    assert bound("tpm2 and tpm2@key and piv", TPM, RED) == ((TPM, RED), of(2, 0, 1))


def test_a_usb_number_is_sold_by_that_name_only():
    """It must be asked for as an identifier, and is refused where more is asked for."""
    assert bound("usb@identifier", STICK) == ((STICK,), 0)
    reached = {"anchor": "usb", "reached": "identifier", "wanted": "key"}
    assert missing("usb@key", STICK) == [("HWL-BIND-LIMIT", reached)]


def test_what_a_maker_attests_of_a_card_can_be_asked_for():
    """Firmware, PIN and touch; what nobody attests is not there."""
    proven = Offer(anchor=GOLD, firmware=(5, 7, 1), pin=True)
    assert bound("piv(5.7)", proven) == ((GOLD,), 0)
    assert bound("piv(5.7.1, pin)@attested", proven) == ((GOLD,), 0)
    for text, what in (
        ("piv(5.7.2)", "firmware 5.7.2 or later"),
        ("piv(5.10)", "firmware 5.10 or later"),
        ("piv(pin, touch)", "that its key asks for a touch"),
    ):
        ((code, details),) = missing(text, proven)
        assert (code, details["what"]) == ("HWL-BIND-UNPROVEN", what)
    ((code, _),) = missing("piv(4.0)", RED)
    assert code == "HWL-BIND-UNPROVEN"


def test_sixteen_mentions_and_eight_devices_are_decided_soon():
    """No customer's request keeps the desk busy, whether it is met or not."""
    eight = [dongle_anchor(SoftDongle("piv", str(number))) for number in range(8)]
    mentions = ", ".join(["piv"] * 15)
    assert len(bound(f"8 of ({mentions}, host)", *eight)[0]) == 8
    assert [code for code, _ in missing(f"9 of ({mentions}, tpm2)", *eight)] == [
        "HWL-BIND-NOT-OFFERED"
    ]
    assert [code for code, _ in missing(f"9 of ({mentions})", *eight)] == ["HWL-BIND-FEWER"]
