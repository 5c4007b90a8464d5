"""One command: framing, retries, slots; over a wire that answers from a script."""

from __future__ import annotations

import pytest

from hwlock.devices.tpm2 import commands, nv, templates
from hwlock.devices.tpm2.channel import Channel, Held, password
from hwlock.devices.tpm2.storage import Enrollment
from hwlock.errors import BadAnswer, Busy, DeviceError, FormatError, Removed
from hwlock.evidence.tpm2.wire import sized, u16, u32

RETRY, SLOW, NO_SLOT = 0x922, 0x920, 0x902


def answer(code: int = 0, body: bytes = b"", *, tag: int = 0x8001) -> bytes:
    """Return a response."""
    return u16(tag) + u32(10 + len(body)) + u32(code) + body


class Script:
    """A wire that gives the answers of a list, and keeps what was asked."""

    def __init__(self, *answers: bytes, shared: bool = False) -> None:
        self.answers = list(answers)
        self.asked: list[bytes] = []
        self.shared = shared
        self.closed = False

    def exchange(self, command: bytes) -> bytes:
        """Give the next answer; at the end of the script the TPM is gone."""
        self.asked.append(command)
        if not self.answers:
            raise Removed("HWL-TPM-GONE", where="here")
        return self.answers.pop(0)

    def close(self) -> None:
        """Remember it."""
        self.closed = True


def channel(*answers: bytes, shared: bool = False) -> tuple[Channel, Script, list[float]]:
    """Return a channel over a script, the script, and the pauses that it makes."""
    wire, pauses = Script(*answers, shared=shared), list[float]()
    return Channel(wire, pause=pauses.append), wire, pauses


def test_frame() -> None:
    """A command is tag, size, code, handles, authorization area, parameters."""
    tpm, wire, _ = channel(answer(body=u32(0), tag=0x8002))
    tpm.run(0x131, (0x40000001,), b"\xaa", auths=(password(b"pw"),))
    area = u32(0x40000009) + u16(0) + b"\0" + sized(b"pw")
    body = u32(0x40000001) + u32(len(area)) + area + b"\xaa"
    assert wire.asked == [u16(0x8002) + u32(10 + len(body)) + u32(0x131) + body]


def test_retry() -> None:
    """TPM_RC_RETRY is sent again, with pauses that grow."""
    tpm, wire, pauses = channel(answer(RETRY), answer(RETRY), answer(body=sized(b"1234")))
    assert commands.get_random(tpm, 4) == b"1234"
    assert len(set(wire.asked)) == 1
    assert pauses == sorted(set(pauses)) != []


def test_retry_is_bounded() -> None:
    """A TPM that says "again" for ever is busy, after a bounded number of tries."""
    tpm, wire, pauses = channel(*[answer(RETRY)] * 100)
    with pytest.raises(Busy) as caught:
        commands.get_random(tpm, 4)
    assert caught.value.code == "HWL-TPM-NOT-NOW"
    assert len(wire.asked) < 20
    assert sum(pauses) < 10


def test_slow_memory_pauses_longer() -> None:
    """Where the TPM protects its NV memory, the pause is longer than for a retry."""
    tpm, _, quick = channel(answer(RETRY), answer(body=sized(b"1")))
    commands.get_random(tpm, 1)
    tpm, _, slow = channel(answer(SLOW), answer(body=sized(b"1")))
    commands.get_random(tpm, 1)
    assert slow[0] > quick[0]


def test_reclaims_what_others_left() -> None:
    """Where slots are taken and the TPM is ours alone, foreign handles are flushed, once."""
    found = b"\0" + u32(1) + u32(1) + u32(0x80000002)
    none = b"\0" + u32(1) + u32(0)
    tpm, wire, _ = channel(
        answer(NO_SLOT), answer(body=found), answer(), answer(body=none), answer(body=sized(b"1"))
    )
    commands.get_random(tpm, 1)
    assert wire.asked[2][6:] == u32(0x165) + u32(0x80000002)


def test_does_not_reclaim_its_own() -> None:
    """What we hold ourselves is not flushed behind our back."""
    found = b"\0" + u32(1) + u32(1) + u32(0x80000002)
    tpm, wire, _ = channel(answer(NO_SLOT), answer(body=found), answer(body=found), answer(NO_SLOT))
    Held(tpm, 0x80000002)
    with pytest.raises(Busy):
        commands.get_random(tpm, 1)
    assert len(wire.asked) == 4


def test_does_not_reclaim_from_others() -> None:
    """Under a resource manager the handles of others are not ours to flush."""
    tpm, wire, _ = channel(answer(NO_SLOT), shared=True)
    with pytest.raises(Busy):
        commands.get_random(tpm, 1)
    assert len(wire.asked) == 1


def test_does_not_flush_a_dead_tpm() -> None:
    """When the TPM is gone, giving slots back does not hide the reason or wait again."""
    tpm, wire, _ = channel()
    with pytest.raises(Removed), Held(tpm, 0x80000000):
        commands.get_random(tpm, 1)
    assert len(wire.asked) == 1


def test_interrupted() -> None:
    """After an exchange that did not end, nothing more is asked: answers would be mixed up."""

    class Impatient(Script):
        def exchange(self, command: bytes) -> bytes:
            """Be interrupted by Ctrl-C."""
            self.asked.append(command)
            raise KeyboardInterrupt

    wire = Impatient()
    tpm = Channel(wire)
    with pytest.raises(KeyboardInterrupt), Held(tpm, 0x80000000):
        commands.get_random(tpm, 1)
    assert (len(wire.asked), wire.closed) == (1, True)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x80\x01",
        answer(body=b"1234")[:-1],
        answer(body=b"1234") + b"x",
        answer(body=sized(b"1"), tag=0x8002),
        answer(body=b"\0\2x"),
        answer(body=sized(b"12")),
        answer(body=sized(b"1") + b"x"),
        answer(body=b""),
    ],
)
def test_senseless_answers(raw: bytes) -> None:
    """An answer that is cut, too long, or of another form is a BadAnswer."""
    tpm, _, _ = channel(raw)
    with pytest.raises(BadAnswer) as caught:
        commands.get_random(tpm, 1)
    assert caught.value.code == "HWL-TPM-ANSWER"


def test_new_object_with_senseless_answer_is_flushed() -> None:
    """A key that was made is given back even when the rest of its answer makes no sense."""
    tpm, wire, _ = channel(answer(body=u32(0x80000001) + u32(2) + b"\0\1", tag=0x8002), answer())
    with pytest.raises(BadAnswer):
        commands.create_primary(tpm, 0x40000001, templates.SRK)
    assert wire.asked[1][6:] == u32(0x165) + u32(0x80000001)


def test_absurd_lists() -> None:
    """A list that claims more than it holds is refused before it is read."""
    for call, capability in ((commands.handles, 1), (commands.properties, 6)):
        tpm, _, _ = channel(answer(body=b"\0" + u32(capability) + u32(0xFFFFFFFF)))
        with pytest.raises(BadAnswer):
            call(tpm, 0, 1)


def test_nv_answers() -> None:
    """NV reading refuses a short piece, an index that is another, and one that is too large."""
    index, readable = 0x01C00002, nv.AUTH_READ | nv.WRITTEN
    public = u32(index) + u16(0xB) + u32(readable) + sized(b"") + u16(4)
    found = answer(body=sized(public) + sized(b"name"))
    tpm, _, _ = channel(found, answer(body=u32(4) + sized(b"12"), tag=0x8002))
    with pytest.raises(BadAnswer):
        nv.read_index(tpm, index)
    tpm, _, _ = channel(found)
    with pytest.raises(BadAnswer):
        nv.read_nv_public(tpm, index + 1)
    large = u32(index) + u16(0xB) + u32(readable) + sized(b"") + u16(0xFFFF)
    tpm, wire, _ = channel(answer(body=sized(large) + sized(b"name")))
    assert nv.read_index(tpm, index) is None
    assert len(wire.asked) == 1


def test_held_flushes_once() -> None:
    """A slot is given back once, however often it is asked for."""
    tpm, wire, _ = channel(answer(), answer())
    held = Held(tpm, 0x80000000)
    held.flush()
    with held:
        pass
    assert len(wire.asked) == 1


def test_enrollment_version() -> None:
    """An enrollment of a later version is refused by its version."""
    from hwlock.codec import cbor

    with pytest.raises(FormatError) as caught:
        Enrollment.parse(cbor.encode({1: 3, 7: b""}))
    assert caught.value.code == "HWL-TPM-ENROLLMENT"


def test_errors_are_ours() -> None:
    """Every code that a TPM can give ends in a DeviceError."""
    for code in range(1, 0x1000):
        tpm, _, _ = channel(*[answer(code)] * 20, shared=True)
        with pytest.raises(DeviceError):
            commands.read_clock(tpm)
