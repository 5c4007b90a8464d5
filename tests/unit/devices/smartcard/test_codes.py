"""Every result that pyscard names is one of our errors, with a sentence."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from hwlock.devices.smartcard import codes, holders, pcsc
from hwlock.errors import (
    AccessDenied,
    BadAnswer,
    Busy,
    DeviceError,
    NotFound,
    Removed,
    UnsupportedError,
)

RESULTS = {
    0x8010001D: NotFound,
    0x8010001E: NotFound,
    0x8010002E: NotFound,
    0x80100009: NotFound,
    0x80100017: NotFound,
    0x8010000C: NotFound,
    0x80100069: NotFound,
    0x8010000B: Busy,
    0x80100031: Busy,
    0x80100068: Busy,
    0x8010006A: AccessDenied,
    0x80100027: AccessDenied,
    0x8010000F: BadAnswer,
    0x80100066: BadAnswer,
    0x80100016: BadAnswer,
    0x80100001: BadAnswer,
    0x12345678: BadAnswer,
}


@pytest.mark.parametrize(("result", "kind"), RESULTS.items())
def test_refusals(result, kind):
    """Each result has its class, as a number without a sign and with one."""
    for form in (result, result - (1 << 32)):
        assert type(codes.refusal(form, "a reader")) is kind


@pytest.mark.parametrize("result", [0x80100069, 0x8010001D, 0x80100003, 0x80100016, 0x80100017])
def test_a_connection_that_ends(result):
    """On a connection that was good, what ended it is that the card is gone."""
    assert type(codes.lost(result, "a reader")) is Removed
    assert type(codes.lost(0x80100068, "a reader")) is Busy


def test_every_result_that_pyscard_names():
    """None of the results of the library falls through to a number without words."""
    scard = pytest.importorskip("smartcard.scard")
    named = [name for name in dir(scard) if name.startswith(("SCARD_E_", "SCARD_W_", "SCARD_F_"))]
    assert len(named) > 50
    for name in [*named, "SCARD_P_SHUTDOWN"]:
        error = codes.refusal(getattr(scard, name), "a reader")
        assert isinstance(error, DeviceError)
        assert "an error that is not known" not in error.message, name


def test_the_library_raises_nothing_that_is_not_a_fault_of_ours():
    """pyscard's low level has one exception, for arguments of a wrong type."""
    scard = pytest.importorskip("smartcard.scard")
    raised = [
        thing
        for thing in vars(scard).values()
        if isinstance(thing, type) and issubclass(thing, BaseException)
    ]
    assert [kind.__name__ for kind in raised] == ["error"]


@pytest.mark.parametrize(
    ("platform", "words"), [("linux", "pcscd"), ("win32", "SCardSvr"), ("darwin", "macOS")]
)
def test_the_fix_is_of_this_system(monkeypatch, platform, words):
    """What starts the service differs from system to system."""
    monkeypatch.setattr(sys, "platform", platform)
    assert words in codes.refusal(0x8010001D, "").hint


def test_missing_extra(monkeypatch):
    """Without pyscard the error says what to install, and a list of devices goes on."""
    from hwlock.devices import registry

    monkeypatch.setitem(sys.modules, "smartcard", None)
    with pytest.raises(UnsupportedError) as caught:
        pcsc.library()
    assert "pip install 'hwlock[smartcard]'" in caught.value.hint
    found = list(registry.scan(("piv", "openpgp")))
    assert [one.problem.code for one in found] == ["HWL-DEVICE-EXTRA"] * 2


def test_holders(tmp_path):
    """Programs that use PC/SC are named; the service, others and unreadable ones are not."""
    for pid, name, maps in (
        (11, "bash", ""),
        (12, "scdaemon", ""),
        (13, "signer", "7f00 r-xp /usr/lib/libpcsclite.so.1.0.0\n"),
        (14, "pcscd", "7f00 r-xp /usr/lib/libpcsclite.so.1.0.0\n"),
    ):
        folder = tmp_path / str(pid)
        folder.mkdir()
        (folder / "comm").write_text(name + "\n")
        (folder / "maps").write_text(maps)
    (tmp_path / "15").mkdir()
    (tmp_path / "self").mkdir()
    expected = ("scdaemon (process 12)", "signer (process 13)")
    assert holders.programs(str(tmp_path)) == expected


class Library(SimpleNamespace):
    """A pyscard whose functions give prepared results."""

    SCARD_SCOPE_USER = SCARD_SHARE_SHARED = SCARD_PROTOCOL_T0 = 1
    SCARD_PROTOCOL_T1 = SCARD_LEAVE_CARD = 2
    SCARD_PCI_T0, SCARD_PCI_T1 = "T=0", "T=1"

    def __init__(self, **results):
        super().__init__(**results)
        self.released = []
        self.pci = []

    def SCardEstablishContext(self, scope):
        """Give what was prepared."""
        return getattr(self, "context", 0), 7

    def SCardReleaseContext(self, handle):
        """Give what was prepared."""
        self.released.append(handle)

    def SCardListReaders(self, context, groups):
        """Give what was prepared."""
        return getattr(self, "listed", (0, ["one"]))

    def SCardConnect(self, context, reader, mode, protocols):
        """Give what was prepared."""
        return getattr(self, "connected", (0, 9, 1))

    def SCardBeginTransaction(self, card):
        """Give what was prepared."""
        return self.begun.pop(0)

    def SCardReconnect(self, card, mode, protocols, disposition):
        """Give what was prepared."""
        return getattr(self, "reconnected", (0, 2))

    def SCardEndTransaction(self, card, disposition):
        """Give what was prepared."""
        return 0x80100069

    def SCardDisconnect(self, card, disposition):
        """Give what was prepared."""
        self.released.append((card, disposition))

    def SCardTransmit(self, card, pci, command):
        """Give what was prepared."""
        self.pci.append(pci)
        return self.answered


@pytest.fixture
def wire(monkeypatch):
    """Return what connects through a prepared library."""

    def make(**results):
        library = Library(**results)
        monkeypatch.setattr(pcsc, "library", lambda: library)
        return pcsc.Context().connect("one"), library

    return make


def test_no_service(monkeypatch):
    """Without the service there is no context, and nothing to release."""
    library = Library(context=0x8010001D)
    monkeypatch.setattr(pcsc, "library", lambda: library)
    with pytest.raises(NotFound):
        pcsc.Context()
    assert library.released == []


def test_no_readers(monkeypatch):
    """No reader is an empty list; another result is an error."""
    monkeypatch.setattr(pcsc, "library", lambda: Library(listed=(0x8010002E, [])))
    assert pcsc.Context().readers() == ()
    monkeypatch.setattr(pcsc, "library", lambda: Library(listed=(0x8010001E, [])))
    with pytest.raises(NotFound):
        pcsc.Context().readers()


def test_protocol(wire):
    """Commands go with the protocol that was agreed on, also after another was."""
    connection, library = wire(begun=[0x80100068, 0], answered=(0, [0x90, 0]))
    assert connection.t0
    connection.exchange(b"\0\0\0\0")
    with connection.transaction():
        assert not connection.t0
        connection.exchange(b"\0\0\0\0")
    assert library.pci == ["T=0", "T=1"]


def test_negative_bytes(wire):
    """Bytes that a compiler took for signed are bytes again."""
    connection, _ = wire(answered=(0, [-112, 0]))
    assert connection.exchange(b"\0\0\0\0") == b"\x90\0"


@pytest.mark.parametrize(
    ("answered", "kind"),
    [
        ((0, []), Removed),
        ((0, [0x90]), BadAnswer),
        ((0, [0] * 65539), BadAnswer),
        ((0x80100069, []), Removed),
        ((0x80100068, []), Busy),
        ((0x80100001, []), BadAnswer),
    ],
)
def test_answers_that_are_none(wire, answered, kind):
    """Each way not to answer is one error."""
    connection, _ = wire(answered=answered)
    with pytest.raises(DeviceError) as caught:
        connection.exchange(b"\0\0\0\0")
    assert type(caught.value) is kind


def test_transaction_that_cannot_begin(wire):
    """A card that is gone, or reset twice in a moment, begins no transaction."""
    for begun, kind in (([0x80100069], Removed), ([0x80100068, 0x80100068], Busy)):
        connection, _ = wire(begun=begun)
        with pytest.raises(kind), connection.transaction():
            raise AssertionError
    connection, _ = wire(begun=[0x80100068], reconnected=(0x80100069, 0))
    with pytest.raises(Removed), connection.transaction():
        raise AssertionError


def test_closed(wire):
    """A closed wire leaves the card as it is, once, and answers no more."""
    connection, library = wire(answered=(0, [0x90, 0]))
    connection.close()
    connection.close()
    assert library.released == [(9, 2), 7]
    with pytest.raises(Removed):
        connection.exchange(b"\0\0\0\0")
