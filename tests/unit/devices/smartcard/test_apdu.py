"""One command and its answer: chains, extended lengths, long answers, and cards that lie."""

from __future__ import annotations

import pytest

from hwlock.devices.smartcard.apdu import Channel, digest_info
from hwlock.errors import BadAnswer
from hwlock.testing.cards.iso import Application, VirtualCard
from hwlock.testing.cards.wire import CardWire


class Script:
    """A wire that gives prepared answers and keeps the commands."""

    reader = "a script"
    t0 = False

    def __init__(self, *answers):
        self.answers = [bytes.fromhex(answer) for answer in answers]
        self.sent = []

    def exchange(self, command):
        """Return the next answer."""
        self.sent.append(command.hex())
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def test_forms_of_a_short_command():
    """Data and the wish for an answer each appear only where they are meant."""
    wire = Script("9000")
    channel = Channel(wire)
    channel.send(0xA4, 4, 0)
    channel.send(0xA4, 4, 0, le=False)
    channel.send(0xA4, 4, 0, b"\1\2")
    channel.send(0x20, 0, 0x80, b"\1\2", le=False)
    assert wire.sent == ["00a4040000", "00a40400", "00a4040002010200", "00200080020102"]


def test_no_le_behind_data_on_t0():
    """On T=0 a command with data has no Le; one without has."""
    wire = Script("9000")
    wire.t0 = True
    channel = Channel(wire)
    channel.send(0xA4, 4, 0, b"\1")
    channel.send(0xCA, 0, 0x6E)
    assert wire.sent == ["00a404000101", "00ca006e00"]


def test_chain():
    """Long data goes in pieces of 255 bytes, all but the last marked."""
    wire = Script("9000")
    Channel(wire).send(0x87, 7, 0x9A, bytes(266))
    assert wire.sent == ["1087079aff" + "00" * 255, "0087079a0b" + "00" * 11 + "00"]


def test_extended():
    """Where the card takes extended lengths, long data goes in one command."""
    wire = Script("9000")
    channel = Channel(wire)
    channel.extended = True
    channel.send(0x87, 7, 0x9A, bytes(266))
    channel.send(0x87, 7, 0x9A, b"\1")
    assert wire.sent == ["0087079a00010a" + "00" * 266 + "0000", "0087079a010100"]


def test_a_broken_chain_ends_at_once():
    """A card that refuses the first piece does not get the others."""
    wire = Script("6884")
    assert Channel(wire).send(0x87, 7, 0x9A, bytes(600)).sw == 0x6884
    assert len(wire.sent) == 1


def test_long_answer():
    """61xx is followed by GET RESPONSE until nothing is left."""
    wire = Script("01026103", "0304056102", "06079000")
    answer = Channel(wire).send(0xCB, 0x3F, 0xFF)
    assert (answer.data.hex(), answer.sw) == ("01020304050607", 0x9000)
    assert wire.sent[1:] == ["00c0000003", "00c0000002"]


def test_wrong_length_is_corrected_once():
    """6Cxx is answered with the length that the card wants, one time."""
    wire = Script("6c05", "01020304059000")
    assert Channel(wire).send(0xCA, 0, 0x4F).data.hex() == "0102030405"
    assert wire.sent[1] == "00ca004f05"
    wire = Script("6c05")
    assert Channel(wire).send(0xCA, 0, 0x4F).sw == 0x6C05
    assert len(wire.sent) == 2


@pytest.mark.parametrize("answer", ["6100", "61ff", "00" * 255 + "61ff", "016101"])
def test_endless_answers_end(answer):
    """A card that always has more is not believed for long."""
    wire = Script(answer)
    with pytest.raises(BadAnswer) as caught:
        Channel(wire).send(0xCB, 0x3F, 0xFF)
    assert caught.value.code == "HWL-SMARTCARD-ANSWER"
    assert len(wire.sent) <= 300


@pytest.mark.parametrize("answer", ["", "90"])
def test_answers_without_a_status(answer):
    """An answer is at least a status word."""
    with pytest.raises(BadAnswer):
        Channel(Script(answer)).send(0xCB, 0x3F, 0xFF)


def test_refusals_are_explained():
    """A status word becomes a sentence and stays readable by programs."""
    for sw, words in ((0x6A82, "no such application"), (0x1234, "no reason that is known")):
        with pytest.raises(BadAnswer, match=words) as caught:
            Channel(Script(f"{sw:04x}")).ask(0xCA, 0, 0x4F)
        assert caught.value.raw_code == sw


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 511, 512, 4096])
@pytest.mark.parametrize("extended", [False, True])
def test_both_directions_whole(size, extended):
    """Whatever the size, the virtual card gets what was sent, and we get what it says."""

    class Echo(Application):
        aid = b"\xa0\0\0\0\1"

        def __init__(self):
            super().__init__()
            self.commands = {0xE0: lambda command: command.data}

    channel = Channel(CardWire(VirtualCard(Echo())))
    channel.extended = extended
    channel.ask(0xA4, 4, 0, Echo.aid)
    data = bytes(number & 0xFF for number in range(size))
    assert channel.ask(0xE0, 0, 0, data) == data


def test_digest_info():
    """The DigestInfo is the one that everybody pads (RFC 8017, 9.2)."""
    assert digest_info(b"").hex() == (
        "3031300d060960864801650304020105000420"
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
