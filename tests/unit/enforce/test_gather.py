"""What is said of a dongle that does not answer, by why it does not."""

from __future__ import annotations

import pytest

from hwlock.devices.base import Description
from hwlock.enforce.gather import gather
from hwlock.enforce.machine import Machine
from hwlock.errors import NotFound, PinRequired
from hwlock.license.binding import Binding, Threshold
from hwlock.record import Record
from hwlock.testing.dongles import SoftDongle, dongle_anchor


class Licensed(Record):
    """As much of a license as is asked for here."""

    binding: Binding


def machine_that(refusal, *plugged):
    """Return a machine whose drivers refuse, with these names plugged in."""

    def refuse(uri, person):
        raise refusal

    found = [Description(uri=f"x:serial={name}", kind="x", name=name) for name in plugged]
    return Machine(
        user_root="/none",
        system_root="/none",
        open_dongle=refuse,
        scan=lambda kinds: iter(found),
    )


def said(machine, *dongles):
    """Return the findings about these dongles."""
    anchors = tuple(map(dongle_anchor, dongles))
    policy = Threshold(needed=1, parts=tuple(range(len(anchors))))
    licensed = Licensed(binding=Binding(anchors=anchors, policy=policy))
    return gather(machine, (), (licensed,)).absent


RED = SoftDongle("piv", "red")
NONE = NotFound("HWL-DEVICE-NONE", device="red")
OTHER_KEY = NotFound("HWL-FIDO2-OTHER")
NO_KEY = NotFound("HWL-PKCS11-KEY", device="red")


@pytest.mark.parametrize("why", [NONE, OTHER_KEY])
def test_nothing_else_is_plugged_in(why):
    """The one that is missing is named."""
    (finding,) = said(machine_that(why), RED)
    assert finding.code == "HWL-DONGLE-ABSENT"
    assert RED.label in finding.message


@pytest.mark.parametrize("why", [NONE, OTHER_KEY])
def test_another_one_is_plugged_in(why):
    """Both are named."""
    (finding,) = said(machine_that(why, "a blue key"), RED)
    assert finding.code == "HWL-DONGLE-INSTEAD"
    assert RED.label in finding.message and "a blue key" in finding.message


@pytest.mark.parametrize("why", [NONE, OTHER_KEY])
def test_another_one_of_the_same_name(why):
    """Who reads the name would think that ours is plugged in: it is said that it is not it."""
    (finding,) = said(machine_that(why, RED.label), RED)
    assert finding.code == "HWL-DONGLE-OTHER"


def test_the_token_is_here_without_its_key():
    """It was made anew, or it is a copy of the number."""
    (finding,) = said(machine_that(NO_KEY, "another"), RED)
    assert finding.code == "HWL-DONGLE-OTHER"
    assert RED.label in finding.message


def test_every_other_reason_is_told_as_it_is():
    """A driver knows best."""
    (finding,) = said(machine_that(PinRequired("HWL-DEVICE-PIN", device="red")), RED)
    assert finding.code == "HWL-DEVICE-PIN"
