"""Dongles at the desk: what they prove, what they are worth, and whose seat it is."""

from __future__ import annotations

import pytest

from hwlock.errors import DeniedError, FormatError, UntrustedError
from hwlock.evidence.claims import claims_challenge
from hwlock.issue.responder import NEW, REACTIVATED, respond
from hwlock.record import replace
from hwlock.testing.dongles import RsaSigner, SoftDongle

RED, BLUE = SoftDongle("piv", "red"), SoftDongle("piv", "blue")
OLD, STICK = SoftDongle("openpgp", "old", signer=RsaSigner()), SoftDongle("usb", "stick")


def bound_to(customer, answered):
    """Return the labels of what the license in an answer names, "" for the machine."""
    terms = customer.open(answered.response).terms
    return [getattr(anchor, "label", "") for anchor in terms.binding.anchors]


@pytest.mark.parametrize(
    ("bind", "dongle", "assurance"),
    [
        ("piv", RED, "key"),
        ("openpgp@key", OLD, "key"),
        ("usb@identifier", STICK, "identifier"),
        ("piv else host", RED, "key"),
    ],
)
def test_a_license_names_the_dongle_that_was_shown(desk, sell, machine, bind, dongle, assurance):
    """With its URI, its label and its record, so that any machine can ask it."""
    customer = machine(sell(bind=bind), dongles=[dongle])
    answered = respond(desk, customer.ask())
    (anchor,) = customer.open(answered.response).terms.binding.anchors
    assert (anchor.uri, anchor.label) == (dongle.uri, dongle.label)
    assert getattr(anchor, "record", b"") == dongle.enroll()
    assert (anchor.assurance, answered.activation.assurance) == (assurance, assurance)


def test_a_request_may_show_dongles_alone(desk, sell, machine):
    """A machine that has nothing of its own is no hindrance."""
    customer = machine(sell(bind="piv"), dongles=[RED])
    answered = respond(desk, customer.ask(replace(customer.asking(), host=None)))
    assert bound_to(customer, answered) == [RED.label]


def test_several_dongles_go_into_one_license(desk, sell, machine):
    """Any two of three, each another device."""
    sold = sell(bind="2 of (piv, piv, openpgp)")
    customer = machine(sold, dongles=[RED, BLUE, OLD])
    answered = respond(desk, customer.ask())
    assert bound_to(customer, answered) == [RED.label, BLUE.label, OLD.label]
    with pytest.raises(DeniedError) as caught:
        respond(desk, machine(sold, "beta", dongles=[BLUE]).ask())
    codes = [found.code for found in caught.value.findings]
    assert codes == ["HWL-BIND-UNMET", "HWL-BIND-NOT-OFFERED"]


def test_a_proof_for_another_request_refuses_this_one(desk, sell, machine):
    """A dongle's answer cannot be moved into another request, nor to another machine's."""
    customer = machine(sell(bind="piv"), dongles=[RED])
    earlier = customer.asking().dongles
    with pytest.raises(UntrustedError) as caught:
        respond(desk, customer.ask(replace(customer.asking(), dongles=earlier)))
    assert caught.value.code == "HWL-DESK-DONGLE"
    assert RED.label in caught.value.message
    thief = machine(sell(bind="piv"), "thief")
    asking = thief.asking()
    challenge = claims_challenge(asking.nonce, customer.signer.key.kid)
    stolen = replace(asking, dongles=(RED.claims(b"", challenge),))
    with pytest.raises(UntrustedError) as caught:
        respond(desk, thief.ask(stolen))
    assert caught.value.code == "HWL-DESK-DONGLE"


def test_a_key_under_two_names_refuses_the_request(desk, sell, machine):
    """Whoever shows one card twice, as if it were two, gets nothing."""
    customer = machine(sell(bind="piv and piv"), dongles=[RED])
    asking = customer.asking()
    (first,) = asking.dongles
    second = replace(first, uri="piv:serial=another", label="another")
    with pytest.raises(FormatError) as caught:
        respond(desk, customer.ask(replace(asking, dongles=(first, second))))
    assert caught.value.code == "HWL-FIELD-TWICE"


def test_an_attestation_that_nobody_trusted_made_is_left_out(desk, sell, machine, monkeypatch):
    """The card counts as a key, and a note says why and where certificates belong."""

    def refuses(*_arguments, **_named):
        raise UntrustedError("HWL-DESK-TPM-KEY")

    monkeypatch.setattr("hwlock.issue.dongles._vouched", refuses)
    customer = machine(sell(bind="piv@attested"), dongles=[RED])
    asking = customer.asking()
    (claims,) = asking.dongles
    asking = replace(asking, dongles=(replace(claims, attestation=b"said"),))
    with pytest.raises(DeniedError) as caught:
        respond(desk, customer.ask(asking))
    weak, note = caught.value.findings[1:]
    assert (weak.code, note.code) == ("HWL-BIND-WEAK", "HWL-DESK-DONGLE-ROOTS")
    assert "piv-roots" in weak.hint and note.hint.endswith("piv-roots")


# --- seats


def test_a_dongle_is_one_seat_whoever_asks(desk, sell, machine):
    """The same dongle at another machine gets the license of the same seat."""
    sold = sell(bind="piv", seats=1)
    assert respond(desk, machine(sold, "alpha", dongles=[RED]).ask()).kind == NEW
    again = respond(desk, machine(sold, "beta", dongles=[RED]).ask())
    assert (again.kind, again.entitlement.taken) == (REACTIVATED, 1)
    with pytest.raises(DeniedError) as caught:
        respond(desk, machine(sold, "alpha", dongles=[BLUE]).ask())
    assert [found.code for found in caught.value.findings] == ["HWL-DESK-SEATS"]


def test_the_same_number_is_the_same_usb_seat(desk, sell, machine):
    """What cannot be told apart is one: so far the seat goes with the number."""
    sold = sell(bind="usb@identifier", seats=1)
    respond(desk, machine(sold, "alpha", dongles=[STICK]).ask())
    assert respond(desk, machine(sold, "beta", dongles=[STICK]).ask()).kind == REACTIVATED


def test_one_dongle_does_not_license_machine_after_machine(desk, sell, machine):
    """Where the machine alone will do as well, each machine is a seat."""
    sold = sell(bind="host or piv", seats=2)
    alpha, beta = (machine(sold, name, dongles=[RED]) for name in ("alpha", "beta"))
    for customer, kind in ((alpha, NEW), (beta, NEW), (alpha, REACTIVATED)):
        assert respond(desk, customer.ask()).kind == kind
    with pytest.raises(DeniedError) as caught:
        respond(desk, machine(sold, "gamma", dongles=[RED]).ask())
    assert [found.code for found in caught.value.findings] == ["HWL-DESK-SEATS"]


def test_machine_and_dongle_together_are_one_seat(desk, sell, machine):
    """Neither another dongle at this machine nor this dongle at another one is the same."""
    sold = sell(bind="host and piv", seats=1)
    alpha = machine(sold, "alpha", dongles=[RED])
    for kind in (NEW, REACTIVATED):
        assert respond(desk, alpha.ask()).kind == kind
    for name, dongle in (("alpha", BLUE), ("beta", RED)):
        with pytest.raises(DeniedError) as caught:
            respond(desk, machine(sold, name, dongles=[dongle]).ask())
        assert [found.code for found in caught.value.findings] == ["HWL-DESK-SEATS"]


def test_another_dongle_in_the_same_license_is_another_seat(desk, sell, machine):
    """Two licenses, each with a dongle of its own, can run at two places at once."""
    sold = sell(bind="piv or piv", seats=2)
    respond(desk, machine(sold, "alpha", dongles=[RED]).ask())
    both = respond(desk, machine(sold, "alpha", dongles=[RED, BLUE]).ask())
    assert both.kind == NEW
    assert respond(desk, machine(sold, "beta", dongles=[RED]).ask()).kind == REACTIVATED


def test_a_dongle_is_known_among_many(desk, sell, machine):
    """Of twelve licenses the one of this dongle is found."""
    sold = sell(bind="piv", seats=20)
    for number in range(12):
        dongle = SoftDongle("piv", str(number))
        respond(desk, machine(sold, str(number), dongles=[dongle]).ask())
    again = respond(desk, machine(sold, "new", dongles=[SoftDongle("piv", "7")]).ask())
    assert (again.kind, again.entitlement.taken) == (REACTIVATED, 12)
