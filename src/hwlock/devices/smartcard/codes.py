"""What PC/SC and cards answer when they do not do what was asked.

PC/SC workgroup Part 5 (results, 0x8010....), ISO 7816-4 section 5.6 (status words). Every
result that pyscard names is here, a test walks them; whatever else comes is an answer that
makes no sense.
"""

from __future__ import annotations

import sys

from hwlock.errors import AccessDenied, BadAnswer, Busy, NotFound, Removed

from . import holders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.errors import DeviceError

__all__ = ["CANCELLED", "NO_READERS", "OK", "RESET", "TIMEOUT", "explain_sw", "lost", "refusal"]

OK = 0
CANCELLED = 0x80100002
TIMEOUT = 0x8010000A
NO_READERS = 0x8010002E
RESET = 0x80100068

_SERVICE = frozenset({0x8010001D, 0x8010001E})  # NO_SERVICE, SERVICE_STOPPED
_READER = frozenset({NO_READERS, 0x80100009, 0x80100017})  # …, UNKNOWN_READER, UNAVAILABLE
_EMPTY = frozenset({0x8010000C, 0x80100069})  # NO_SMARTCARD, REMOVED_CARD
_EXCLUSIVE = frozenset({0x8010000B, 0x80100031})  # SHARING_VIOLATION, SERVER_TOO_BUSY
_DENIED = frozenset({0x8010006A, 0x80100027})  # SECURITY_VIOLATION, NO_ACCESS
_PROTOCOL = frozenset({0x8010000F, 0x8010001C, 0x80100065})  # PROTO, CARD/W_UNSUPPORTED
_MUTE = frozenset({0x80100066, 0x80100067, 0x80100015})  # UNRESPONSIVE, UNPOWERED, INVALID_ATR
# A connection that was good and is no more: besides the above, INVALID_HANDLE, COMM_ERROR of
# a reader that was unplugged, COMM_DATA_LOST, NOT_READY, SYSTEM_CANCELLED, NOT_TRANSACTED (what
# pcsc-lite says of a card that left in the middle of a command), SHUTDOWN
_LOST = frozenset(
    {0x80100003, 0x80100013, 0x8010002F, 0x80100010, 0x80100012, 0x80100016, 0x80100018}
)

MEANINGS = {
    0x80100001: "an internal error",
    CANCELLED: "the command was cancelled",
    0x80100003: "the connection is not known any more",
    0x80100004: "a parameter is wrong",
    0x80100005: "the registry of readers is damaged",
    0x80100006: "it is out of memory",
    0x80100007: "an internal timer expired",
    0x80100008: "an answer was too long",
    TIMEOUT: "it did not answer in time",
    0x8010000D: "the card is not known",
    0x8010000E: "the card cannot be given back",
    0x80100010: "it is not ready",
    0x80100011: "a value is wrong",
    0x80100012: "the system cancelled the command",
    0x80100013: "the talk with the card failed",
    0x80100014: "an unknown internal error",
    0x80100016: "the talk with the card did not succeed",
    0x80100018: "the service is shutting down",
    0x80100019: "a buffer of the system is too small",
    0x8010001A: "the driver does not support this reader",
    0x8010001B: "the driver found a reader of the same name",
    0x8010001F: "an unexpected error",
    0x80100020: "no provider is registered for the card",
    0x80100021: "the provider cannot make this object",
    0x80100022: "it does not do this",
    0x80100023: "a folder does not exist on the card",
    0x80100024: "a file does not exist on the card",
    0x80100025: "the folder is no folder any more",
    0x80100026: "the folder has no such file",
    0x80100028: "too much was written",
    0x80100029: "there was an error on setting a place in a file",
    0x8010002A: "the card refuses the PIN",
    0x8010002B: "an unknown error came from a layer below",
    0x8010002C: "the card has no such certificate",
    0x8010002D: "the certificate cannot be had",
    0x8010002F: "data was lost on the way to the card",
    0x80100030: "the card has no such container of keys",
    0x8010006B: "the PIN is wrong",
    0x8010006C: "the PIN is blocked",
    0x8010006D: "the file ends there",
    0x8010006E: "the person cancelled it",
    0x8010006F: "nobody has proven to the card who it is",
}


def refusal(result: int, reader: str) -> DeviceError:
    """Return our error for a PC/SC `result` that is not success."""
    code = result & 0xFFFFFFFF
    if code in _SERVICE:
        return NotFound("HWL-SMARTCARD-SERVICE", fix=_service_fix())
    if code in _READER:
        return NotFound("HWL-SMARTCARD-READER")
    if code in _EMPTY:
        return NotFound("HWL-SMARTCARD-EMPTY", reader=reader)
    if code in _EXCLUSIVE:
        return Busy("HWL-SMARTCARD-BUSY", reader=reader, who=holders.of_cards())
    if code in _DENIED:
        return AccessDenied("HWL-SMARTCARD-DENIED")
    if code in _PROTOCOL:
        return BadAnswer("HWL-SMARTCARD-PROTOCOL", raw_code=code, reader=reader)
    if code in _MUTE:
        return BadAnswer("HWL-SMARTCARD-MUTE", raw_code=code, reader=reader)
    if code == RESET:
        return Busy("HWL-SMARTCARD-RESET", reader=reader)
    meaning = MEANINGS.get(code, "an error that is not known")
    return BadAnswer(
        "HWL-SMARTCARD-IO", raw_code=code, reader=reader, meaning=f"{meaning} ({code:#x})"
    )


def lost(result: int, reader: str) -> DeviceError:
    """Return our error for a `result` on a connection that was good: mostly, it is gone."""
    code = result & 0xFFFFFFFF
    if code in _SERVICE | _READER | _EMPTY | _LOST | _MUTE:
        return Removed("HWL-DEVICE-GONE", device=f"the card in {reader}")
    return refusal(result, reader)


def _service_fix() -> str:
    if sys.platform == "win32":
        return "start the service 'Smart Card' (SCardSvr), or plug the reader in, which starts it"
    if sys.platform == "darwin":
        return "plug the reader in: macOS then starts its service by itself"
    return "install pcscd (Debian: apt install pcscd) and start it: systemctl start pcscd.socket"


_WORDS = {
    0x6282: "the file ends early",
    0x6581: "its memory failed",
    0x6700: "a length is wrong",
    0x6882: "it does not do secure messaging",
    0x6883: "the last command of a chain was expected",
    0x6884: "it does not chain commands",
    0x6981: "the command does not fit the file",
    0x6982: "it wants a PIN, or a touch, that was not given",
    0x6983: "the PIN is blocked",
    0x6984: "the referenced data cannot be used",
    0x6985: "it may not be used in this way",
    0x6986: "no file is selected",
    0x6A80: "the data of the command is wrong",
    0x6A81: "it does not do this",
    0x6A82: "there is no such application or file",
    0x6A84: "its memory is full",
    0x6A86: "a parameter is wrong",
    0x6A88: "there is no such key or data",
    0x6B00: "a parameter is wrong",
    0x6D00: "it does not know this command",
    0x6E00: "it does not know this class of commands",
    0x6F00: "it has an internal error",
}


def explain_sw(sw: int) -> str:
    """Return a sentence that says what a status word means, and the word."""
    return f"{_WORDS.get(sw, 'it gives no reason that is known')} ({sw:04x})"
