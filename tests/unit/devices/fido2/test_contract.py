"""What holds for every security key, with a wire and without one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timezone

import pytest

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.crypto import sha2
from hwlock.devices import registry
from hwlock.errors import (
    AccessDenied,
    BadSignature,
    Cancelled,
    NotFound,
    PinRequired,
    UnsupportedError,
    UsageError,
)
from hwlock.evidence import fido2
from hwlock.evidence.claims import proof_message
from hwlock.evidence.dongle import MAX_RECORD_BYTES, DongleClaims
from hwlock.testing.fido2 import Authenticator, Maker, VirtualKey

NOW = datetime(2030, 1, 1, tzinfo=timezone.utc)
Plug = Callable[..., VirtualKey]


@pytest.fixture(params=[True, False], ids=["ctaphid", "direct"])
def plug(request: pytest.FixtureRequest, maker: Maker) -> Iterator[Plug]:
    """Make a key with these switches and plug it in until the test ends."""
    plugged: list[VirtualKey] = []

    def into(path: str = "virtual", **switches: object) -> VirtualKey:
        authenticator = Authenticator(**{"maker": maker, **switches})  # type: ignore[arg-type]
        key = VirtualKey(authenticator, path=path, framed=request.param)
        key.__enter__()
        plugged.append(key)
        return key

    yield into
    for key in reversed(plugged):
        key.__exit__()


def challenge() -> bytes:
    """Return a fresh challenge."""
    return os.urandom(32)


def test_scan_opens_nothing(plug: Plug) -> None:
    """A scan names the key by its socket without saying a word to it."""
    key = plug()
    (found,) = registry.scan(("fido2",))
    assert (found.uri, found.name, found.assurance) == (key.uri, "Virtual Key", "attested")
    assert key.wires == []


@pytest.mark.parametrize(
    "switches",
    [
        {},
        {"algorithms": (-8,)},
        {"silent": False},
        {"pin": "1234"},
        {"pin": "1234", "always_uv": True},
        {"pin": "1234", "pin_to_make": False},
        {"maker": None},
    ],
    ids=["P-256", "Ed25519", "touch", "PIN", "PIN always", "PIN not to make", "self-made"],
)  # fmt: skip
def test_life(plug: Plug, person: type, switches: dict[str, object]) -> None:
    """A key is enrolled, claims, and proves itself afresh, from the record alone."""
    plug(**switches)
    someone = person("1234")
    with registry.open_dongle("fido2:", someone) as opened:
        record, first = opened.enroll(), challenge()
        claims = opened.claims(record, first)
        opened.prove(record, challenge())
    assert len(someone.asked) <= 1
    assert claims.key is not None
    claims.key.verify(claims.signature, fido2.signed_message(claims.data, first))
    assert DongleClaims.parse(Fields(cbor.decode(cbor.encode(claims.encode())), "x")) == claims
    second = challenge()
    with registry.open_dongle(claims.uri, person("1234")) as opened:
        proof = opened.prove(claims.record, second)
    claims.key.verify(proof.signature, fido2.signed_message(proof.data, second))
    with pytest.raises(BadSignature):
        claims.key.verify(proof.signature, fido2.signed_message(proof.data, first))


def test_attested(plug: Plug, person: type, maker: Maker) -> None:
    """The maker's statement travels in the claims, and not in the license's record."""
    plug()
    with registry.open_dongle("fido2:", person()) as opened:
        record = opened.enroll()
        claims = opened.claims(record, challenge())
    assert len(claims.record) < 200 < len(record) < MAX_RECORD_BYTES
    assert claims.key is not None
    said = fido2.verify_attestation(
        claims.attestation,
        claims.key,
        trusted=(maker.der,),
        at=NOW,  # type: ignore[arg-type]
    )
    assert said.maker == "Test Keys AB"
    with registry.open_dongle("fido2:", person()) as opened:
        assert opened.claims(claims.record, challenge()).attestation == b""


def test_silence(plug: Plug, person: type) -> None:
    """A key that signs without a touch bothers nobody after it was enrolled."""
    key, someone = plug(), person()
    with registry.open_dongle("fido2:", someone) as opened:
        record = opened.enroll()
        assert someone.touched == ["Virtual Key"]
        opened.prove(record, challenge())
    assert len(someone.touched) == key.authenticator.touches == 1


def test_touch(plug: Plug, person: type) -> None:
    """A key that wants a touch says so through the person each time."""
    key, someone = plug(silent=False), person()
    with registry.open_dongle("fido2:", someone) as opened:
        record = opened.enroll()
        opened.prove(record, challenge())
    assert len(someone.touched) == key.authenticator.touches == 2


def test_nobody_there(plug: Plug) -> None:
    """Where nobody can be told to touch the key, or asked, that is said at once."""
    plug()
    with registry.open_dongle("fido2:") as opened, pytest.raises(Cancelled):
        opened.enroll()


def test_pin_without_a_person(plug: Plug) -> None:
    """A key that wants a PIN says so, with the tries that are left."""
    plug(pin="1234")
    with registry.open_dongle("fido2:") as opened, pytest.raises(PinRequired) as caught:
        opened.enroll()
    assert (caught.value.code, caught.value.attempts_left) == ("HWL-DEVICE-PIN", 8)


def test_the_person_says_no(plug: Plug, person: type) -> None:
    """A person who does not type a PIN, or never touches the key, ends it, and costs nothing."""
    key = plug(pin="1234")
    with registry.open_dongle("fido2:", person()) as opened, pytest.raises(Cancelled):
        opened.enroll()
    assert key.authenticator.attempts_left == 8


def test_an_interrupted_wait(plug: Plug, person: type) -> None:
    """What the person's side raises while the key waits for a touch comes out, as it is."""
    key = plug()
    key.authenticator.finger = lambda: False

    class Impatient(person):  # type: ignore[misc]
        def touch(self, device: str) -> None:
            raise Cancelled("HWL-DEVICE-CANCELLED", device="impatience")

    with registry.open_dongle("fido2:", Impatient()) as opened:
        with pytest.raises(Cancelled, match="impatience"):
            opened.enroll()
        key.authenticator.finger = lambda: True
    with registry.open_dongle("fido2:", person()) as opened:
        opened.enroll()


def test_wrong_pin(plug: Plug, person: type) -> None:
    """A wrong PIN is tried once; the next time the person is asked again."""
    key = plug(pin="1234")
    someone = person("4321", "1234")
    with registry.open_dongle("fido2:", someone) as opened:
        with pytest.raises(PinRequired) as caught:
            opened.enroll()
        assert (caught.value.code, caught.value.attempts_left) == ("HWL-DEVICE-PIN-WRONG", 7)
        assert key.authenticator.attempts_left == 7
        opened.enroll()
    assert someone.asked == [("Virtual Key", 8), ("Virtual Key", 7)]


def test_blocked_pin(plug: Plug, person: type) -> None:
    """Three wrong PINs want the key to be plugged in anew; eight are its end."""
    key = plug(pin="1234")
    codes = []
    for _ in range(10):
        with (
            registry.open_dongle("fido2:", person("0000")) as opened,
            pytest.raises((PinRequired, AccessDenied)) as caught,
        ):
            opened.enroll()
        codes.append(caught.value.code)
        if caught.value.code == "HWL-FIDO2-PIN-PAUSE":
            key.unplug()
            key.plug()
    assert codes.count("HWL-DEVICE-PIN-WRONG") == 5
    assert codes[2] == codes[5] == "HWL-FIDO2-PIN-PAUSE"
    assert codes[-1] == "HWL-FIDO2-PIN-BLOCKED"
    asked = person("1234")
    with registry.open_dongle("fido2:", asked) as opened, pytest.raises(AccessDenied):
        opened.enroll()
    assert asked.asked == []  # a blocked key asks nobody


def test_another_key(plug: Plug, person: type) -> None:
    """A key that does not know the credential is told from the one that does."""
    mine = plug()
    with registry.open_dongle("fido2:", person()) as opened:
        record = opened.enroll()
    other = plug("other")
    with registry.open_dongle("fido2:") as opened:
        opened.prove(record, challenge())
        mine.unplug()
        with pytest.raises(NotFound) as caught:
            opened.prove(record, challenge())
        assert caught.value.code == "HWL-FIDO2-OTHER"
        other.unplug()
        with pytest.raises(NotFound) as caught:
            opened.prove(record, challenge())
        assert caught.value.code == "HWL-DEVICE-NONE"
        mine.plug()
        opened.prove(record, challenge())


def test_the_right_one_of_two_is_found(plug: Plug, person: type) -> None:
    """Of two keys the one with the credential answers, and the other is not touched."""
    other, mine = plug("a", silent=False), plug("b", silent=False)
    with registry.open_dongle(mine.uri, person()) as opened:
        record = opened.enroll()
    someone = person()
    with registry.open_dongle("fido2:", someone) as opened:
        opened.prove(record, challenge())
    assert (other.authenticator.touches, mine.authenticator.touches) == (0, 2)


def test_several(plug: Plug, person: type) -> None:
    """With several keys, enrolling asks which one; the URI says it."""
    first, second = plug("a"), plug("b", aaguid=bytes(16))
    with (
        registry.open_dongle("fido2:", person()) as opened,
        pytest.raises(UsageError) as caught,
    ):
        opened.enroll()
    assert caught.value.code == "HWL-FIDO2-SEVERAL"
    for key in (first, second):
        with registry.open_dongle(key.uri, person()) as opened:
            opened.enroll()
    assert first.authenticator.touches == second.authenticator.touches == 1


@pytest.mark.parametrize("part", ["path=elsewhere", "serial=1"])
def test_named_and_not_there(plug: Plug, part: str) -> None:
    """A URI that no key fits finds none."""
    plug()
    with pytest.raises(NotFound):
        registry.open_dongle(f"fido2:{part}")


def test_model(plug: Plug, person: type) -> None:
    """A URI that names the model does not use a key of another one."""
    plug()
    uri = f"fido2:aaguid={bytes(16).hex()}"
    with registry.open_dongle(uri, person()) as opened, pytest.raises(NotFound):
        opened.enroll()


def test_wrong_part(plug: Plug) -> None:
    """A URI that says something else is refused."""
    with pytest.raises(UsageError):
        registry.open_dongle("fido2:slot=9e")


def test_describe(plug: Plug) -> None:
    """An opened key says its model and what protects it."""
    plug(pin="1234")
    with registry.open_dongle("fido2:") as opened:
        said = dict(opened.describe().details)
    assert said["protected by"] == "clientPin"
    assert said["model (AAGUID)"] == b"hwlock-virtual-1".hex()


def test_a_place_with_a_problem() -> None:
    """A key that this user may not open is shown with the reason, and opening says it."""
    problem = AccessDenied("HWL-FIDO2-DENIED", path="/dev/hidraw0")
    with VirtualKey(problem=problem):
        (found,) = registry.scan(("fido2",))
        assert (found.problem, found.assurance) == (problem, "")
        with pytest.raises(AccessDenied):
            registry.open_dongle("fido2:")


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package, scanning shows what to install, and opening raises it."""
    import sys

    monkeypatch.setitem(sys.modules, "fido2.ctap", None)
    (found,) = registry.scan(("fido2",))
    assert isinstance(found.problem, UnsupportedError)
    assert "hwlock[fido2]" in found.problem.hint
    with pytest.raises(UnsupportedError):
        registry.open_dongle("fido2:")


def test_the_message_is_ours(plug: Plug, person: type) -> None:
    """What the key is given is the hash of the proof message and nothing else."""
    key, seen = plug(algorithms=(-8,)), []
    with registry.open_dongle("fido2:", person()) as opened:
        record, asked = opened.enroll(), challenge()
        run = key.authenticator.run

        def watched(request: bytes) -> object:
            seen.append(request)
            return run(request)

        key.authenticator.run = watched  # type: ignore[assignment, method-assign]
        opened.prove(record, asked)
    (assertion,) = [request for request in seen if request[0] == 2]
    assert sha2.sha256(proof_message(asked)) in assertion
