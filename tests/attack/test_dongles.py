"""Devices that lie: a recorder that plays old answers, a card in another's name, a copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwlock import Guard
from hwlock.codec import armor
from hwlock.crypto import sha2
from hwlock.enforce.machine import Machine
from hwlock.evidence.claims import Proof
from hwlock.license.binding import Binding, Threshold
from hwlock.record import replace
from hwlock.testing.dongles import RsaSigner, Sockets, SoftDongle, dongle_anchor
from hwlock.testing.vendor import SOLD_AT, Vendor

VENDOR = Vendor()
RED = SoftDongle("piv", "red")
OLD = SoftDongle("openpgp", "old", signer=RsaSigner())
RECORDED = 1000


class Recorder:
    """A device that has seen `answers` of a real one, and plays one after the other."""

    kind, uri = RED.kind, RED.uri

    def __init__(self, answers: list[Proof]) -> None:
        self.answers = answers
        self.played = 0

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def prove(self, record: bytes, challenge: bytes) -> Proof:
        """Play the next answer."""
        self.played += 1
        return self.answers[(self.played - 1) % len(self.answers)]


@pytest.fixture
def machine(tmp_path: Path):
    """Return what makes a machine that is licensed to some dongles: a function."""

    def make(*dongles: SoftDongle, opens=None, policy: int | Threshold = 0) -> Machine:
        binding = Binding(anchors=tuple(map(dongle_anchor, dongles)), policy=policy)
        folder = tmp_path / "home" / "acme-cad" / "licenses"
        folder.mkdir(parents=True, mode=0o700)
        raw = VENDOR.license(VENDOR.terms(binding))
        (folder / "one.hwlic").write_text(armor.encode(raw, "LICENSE"))
        sockets = Sockets(*dongles)
        return Machine(
            user_root=str(tmp_path / "home"),
            system_root=str(tmp_path / "system"),
            clock=lambda: SOLD_AT,
            open_dongle=opens or sockets.open,
            scan=sockets.scan,
        )

    return make


def test_a_thousand_recorded_answers_are_refused_a_thousand_times(machine):
    """Each check asks something new: what was heard of earlier ones is of no use."""
    heard = [RED.prove(b"", sha2.sha256(bytes([n >> 8, n & 255]))) for n in range(RECORDED)]
    recorder = Recorder(heard)
    here = machine(RED, opens=lambda uri, person: recorder)
    guard = Guard(VENDOR.product.raw, machine=here)
    verdicts = [guard.check() for _ in range(RECORDED)]
    assert recorder.played == RECORDED
    assert not any(verdict.allowed for verdict in verdicts)
    assert {found.code for one in verdicts for found in one.findings} == {"HWL-DONGLE-PROOF"}
    assert (
        Guard(VENDOR.product.raw, machine=replace(here, open_dongle=Sockets(RED).open))
        .check()
        .allowed
    )


def test_no_challenge_is_ever_asked_twice(machine):
    """What a recorder waits for does not come."""
    asked = []

    class Listening(SoftDongle):
        """The real card, overheard."""

        def prove(self, record, challenge):
            """Note the question, and answer it."""
            asked.append(challenge)
            return super().prove(record, challenge)

    red = Listening("piv", "red")
    guard = Guard(VENDOR.product.raw, machine=machine(red))
    asked.clear()
    assert all(guard.check().allowed for _ in range(200))
    assert len(set(asked)) == len(asked) == 200


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param(lambda proof: replace(proof, signature=b""), id="nothing"),
        pytest.param(lambda proof: replace(proof, signature=bytes(64)), id="zeros"),
        pytest.param(lambda proof: replace(proof, signature=proof.signature * 40), id="too much"),
        pytest.param(lambda proof: replace(proof, public=b""), id="no key"),
        pytest.param(lambda proof: replace(proof, public=b"\0" * 5000), id="a huge key"),
        pytest.param(lambda proof: replace(proof, anchor="usb", data=b"piv:"), id="another kind"),
        pytest.param(lambda proof: replace(proof, anchor="host"), id="the machine"),
    ],
)
@pytest.mark.parametrize("dongle", [RED, OLD], ids=lambda one: one.kind)
def test_a_lie_is_no_proof_and_no_crash(machine, dongle, lie):
    """Whatever a device answers, the verdict is a no with a reason."""

    class Liar(SoftDongle):
        """The real card, with a liar in between."""

        def prove(self, record, challenge):
            """Answer, and change the answer."""
            return lie(dongle.prove(record, challenge))

    liar = Liar(dongle.kind, "liar", serial=dongle.serial)
    here = machine(dongle, opens=lambda uri, person: liar)
    verdict = Guard(VENDOR.product.raw, machine=here).check()
    assert not verdict.allowed
    assert {found.code for found in verdict.findings} <= {
        "HWL-DONGLE-PROOF",
        "HWL-DONGLE-OTHER",
        "HWL-DONGLE-ABSENT",
    }


def test_one_card_does_not_answer_for_two(machine):
    """Where two are needed, the answer of one is one."""
    blue = SoftDongle("piv", "blue")
    both = Threshold(needed=2, parts=(0, 1))
    here = machine(RED, blue, policy=both, opens=lambda uri, person: RED)
    verdict = Guard(VENDOR.product.raw, machine=here).check()
    assert not verdict.allowed
    assert [found.code for found in verdict.reasons] == ["HWL-DONGLE-OTHER"]


def test_a_number_alone_is_copied_by_anybody(machine):
    """What the documentation says of `usb`: a device with the same number is the same."""
    stick = SoftDongle("usb", "stick")
    copy = SoftDongle("usb", "copy", serial=stick.serial)
    here = machine(stick, opens=Sockets(copy).open)
    assert Guard(VENDOR.product.raw, machine=here).check().allowed
