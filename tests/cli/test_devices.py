"""`hwlock device enroll` and what `hwlock doctor` says of dongles."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwlock.cli.output import Output
from hwlock.cli.person import Terminal
from hwlock.devices.base import Description
from hwlock.enforce.person import RememberedPins
from hwlock.errors import AccessDenied, BadAnswer, NotFound, PinRequired, UnsupportedError
from hwlock.record import replace
from hwlock.testing.dongles import RsaSigner, Sockets, SoftDongle
from hwlock.testing.host_tree import DESKTOP
from tests.story.actors import Actor, Clock, at_desk, at_machine

RED = SoftDongle("piv", "red")
OLD = SoftDongle("openpgp", "old", signer=RsaSigner())
STICK = SoftDongle("usb", "stick")


def at(tmp_path: Path, *dongles: SoftDongle) -> tuple[Actor, Sockets]:
    """Return somebody at a machine, and what is plugged into it."""
    sockets = Sockets(*dongles)
    return at_machine(tmp_path / "m", Clock(), DESKTOP, sockets=sockets), sockets


@pytest.mark.parametrize(
    ("dongle", "algorithm"), [(RED, "P-256"), (OLD, "RSA-2048"), (STICK, "a number")]
)
def test_enrolling_shows_what_a_license_would_know(tmp_path, dongle, algorithm):
    """URI, label, key and algorithm; nothing is kept of it."""
    person, _ = at(tmp_path, dongle)
    said = person.does("device", "enroll", f"{dongle.kind}:")
    assert (said["uri"], said["label"], said["algorithm"]) == (dongle.uri, dongle.label, algorithm)
    assert (said["key"] is None) == (dongle is STICK)
    assert not (tmp_path / "m/store").exists()
    told = person.types("device", "enroll", dongle.uri)
    assert told.status == 0 and f"hwlock request --device '{dongle.uri}'" in told.out


def test_enrolling_what_is_not_there_is_an_error(tmp_path):
    """The status is that of a device."""
    person, _ = at(tmp_path)
    told = person.types("device", "enroll", "piv:serial=1")
    assert (told.status, told.codes) == (3, {"HWL-DEVICE-NONE"})


def test_without_a_terminal_nobody_can_be_asked():
    """A script that meets a PIN gets an error, and does not hang."""
    with pytest.raises(PinRequired) as caught:
        Terminal(Output()).pin("red", 3)
    assert caught.value.attempts_left == 3


def test_a_pin_reaches_the_dongle(tmp_path):
    """`enroll` asks whoever is there."""

    class Typist:
        """Somebody who knows the PIN."""

        def pin(self, device, attempts_left):
            """Type it."""
            return "123456"

        def touch(self, device):
            """Nothing to do."""

    card = SoftDongle("piv", "card", pin="123456")
    person, _ = at(tmp_path, card)
    assert person.types("device", "enroll", "piv:").codes == {"HWL-DEVICE-PIN"}
    person.machine = replace(person.machine, person=RememberedPins(Typist()))
    assert person.does("device", "enroll", "piv:")["label"] == card.label


# --- doctor


def licensed(tmp_path: Path, *dongles: SoftDongle, bind: str) -> tuple[Actor, Sockets]:
    """Return somebody at a machine that is licensed to these dongles."""
    clock = Clock()
    vendor = at_desk(tmp_path / "vendor", clock)
    product, asked, answered = (tmp_path / name for name in ("a.hwproduct", "a.hwreq", "a.hwres"))
    vendor.does("vendor", "product", "export", "acme-cad", "-o", product)
    sold = ("--product", "acme-cad", "--customer", "Meyer", "--bind", bind)
    key = vendor.does("vendor", "entitlement", "add", *sold)["key"]
    sockets = Sockets(*dongles)
    person = at_machine(tmp_path / "m", clock, DESKTOP, sockets=sockets)
    named = [word for dongle in dongles for word in ("--device", dongle.uri)]
    person.does("request", "--product", product, "--key", key, "-o", asked, *named)
    vendor.does("respond", asked, "-o", answered)
    person.does("activate", answered)
    return person, sockets


def examined(person: Actor, what: str) -> list[dict[str, str]]:
    """Return what doctor says of one thing."""
    return [one for one in person.types("doctor", "--json").json["examined"] if one["what"] == what]


def with_problem(sockets: Sockets, kind: str, problem: Exception):
    """Return a scan that has a problem with one kind."""

    def scan(kinds):
        yield from sockets.scan(kinds)
        if kind in kinds:
            yield Description(uri=f"{kind}:", kind=kind, name=kind, problem=problem)

    return scan


def test_dongles_are_counted_and_not_named(tmp_path):
    """The report of a healthy machine can be sent to anybody."""
    person, _ = licensed(tmp_path, RED, bind="piv")
    told = person.types("doctor")
    assert told.status == 0
    assert "piv: 1 plugged in" in told.out
    assert RED.serial not in told.out


def test_a_dongle_that_a_license_wants_is_missed(tmp_path):
    """Which one is said by the license's own line."""
    person, sockets = licensed(tmp_path, RED, bind="piv")
    sockets.pull(RED)
    (line,) = examined(person, "piv")
    assert (line["mark"], "acme-cad" in line["said"]) == ("no", True)
    assert RED.label in examined(person, "acme-cad")[0]["said"]


@pytest.mark.parametrize("bound", [True, False])
def test_a_missing_package_matters_to_who_needs_it(tmp_path, bound):
    """Nobody hears of packages for dongles that nobody has."""
    problem = UnsupportedError("HWL-DEVICE-EXTRA", kind="PIV", package="pyscard", extra="smartcard")
    person, sockets = licensed(tmp_path, RED, bind="piv") if bound else at(tmp_path)
    sockets.plugged.clear()
    person.machine = replace(person.machine, scan=with_problem(sockets, "piv", problem))
    lines = examined(person, "piv")
    assert [line["code"] for line in lines] == (["HWL-DEVICE-EXTRA"] if bound else [])
    if bound:
        assert "pip install 'hwlock[smartcard]'" in lines[0]["hint"]


def test_what_stops_two_kinds_is_said_once(tmp_path):
    """Cards of two kinds need one service."""
    person, _ = at(tmp_path)
    problem = NotFound("HWL-SMARTCARD-SERVICE", fix="start it")

    def scan(kinds):
        for kind in set(kinds) & {"piv", "openpgp"}:
            yield Description(uri=f"{kind}:", kind=kind, name=kind, problem=problem)

    person.machine = replace(person.machine, scan=scan)
    (line,) = examined(person, "piv, openpgp")
    assert (line["mark"], line["hint"]) == ("mind", "start it")


@pytest.mark.parametrize(
    ("environ", "word"),
    [
        ({"SESSIONNAME": "RDP-Tcp#3"}, "remote desktop"),
        ({"XRDP_SESSION": "1"}, "remote desktop"),
        ({"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, "SSH"),
    ],
)
def test_a_session_of_another_computer_is_told(tmp_path, environ, word):
    """Where a license names a dongle, what hides it is said; elsewhere it is no matter."""
    person, _ = licensed(tmp_path, RED, bind="piv")
    assert examined(person, "session") == []
    person.environ = environ
    (line,) = examined(person, "session")
    assert word in line["said"] and line["mark"] == "mind"
    other, _ = at(tmp_path / "other", RED)
    other.environ = environ
    assert examined(other, "session") == []


def test_the_doctor_sends_nobody_to_the_doctor(tmp_path):
    """Whoever reads a finding of it is told the other steps."""
    person, sockets = at(tmp_path)
    for problem in (
        BadAnswer("HWL-FIDO2-REFUSED", device="key", meaning="no"),
        NotFound("HWL-SMARTCARD-READER"),
        AccessDenied("HWL-FIDO2-DENIED", path="/dev/hidraw0"),
    ):
        person.machine = replace(person.machine, scan=with_problem(sockets, "fido2", problem))
        (line,) = examined(person, "fido2")
        assert line["hint"]
        assert "doctor" not in line["hint"]
