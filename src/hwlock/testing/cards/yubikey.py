"""Whole virtual cards: a YubiKey-like token and a plain PIV card."""

from __future__ import annotations

from hwlock.devices.smartcard import tlv

from .iso import Application, VirtualCard
from .piv import PivApplication

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .iso import Command
    from .maker import TokenKey

__all__ = ["VirtualPivCard", "VirtualYubiKey"]

# that of a YubiKey 5 over NFC, which is how ykman takes one in a reader; a card that says nothing
_YUBIKEY_ATR = bytes.fromhex("3b8d80018073c021c057597562694b6579f9")
_PLAIN_ATR = bytes.fromhex("3b800181")


class Management(Application):
    """What YubiKeys say of themselves (READ CONFIG): serial, version, nothing to configure."""

    aid = bytes.fromhex("a000000527471117")

    def __init__(self, serial: int, firmware: tuple[int, ...]) -> None:
        super().__init__()
        self._firmware = firmware
        said = b"".join(
            tlv.write(tag, value)
            for tag, value in (
                (1, b"\x02\x3b"),  # supported over USB, enabled there, and the same over NFC
                (2, serial.to_bytes(4, "big")),
                (3, b"\x02\x3b"),
                (0x0D, b"\x02\x3b"),
                (0x0E, b"\x02\x3b"),
                (4, b"\1"),
                (5, bytes(firmware)),
            )
        )
        self._config = bytes([len(said)]) + said
        self.commands = {0x1D: self._read}

    def select(self) -> bytes:
        """Return the version as text."""
        return b"Virtual mgr - FW version " + ".".join(map(str, self._firmware)).encode()

    def _read(self, command: Command) -> bytes:
        return self._config


class VirtualYubiKey(VirtualCard):
    """A YubiKey-like token: `piv` is its PIV application, attested by `token` where given."""

    def __init__(
        self,
        serial: int = 1234567,
        *,
        firmware: tuple[int, ...] = (5, 7, 1),
        token: TokenKey | None = None,
    ) -> None:
        self.piv = PivApplication(serial=serial, firmware=firmware, token=token)
        super().__init__(self.piv, Management(serial, firmware), atr=_YUBIKEY_ATR)


class VirtualPivCard(VirtualCard):
    """A PIV card of the standard, without a maker's additions; `guid` is its identity."""

    def __init__(self, guid: bytes = b"") -> None:
        self.piv = PivApplication(guid=guid)
        super().__init__(self.piv, atr=_PLAIN_ATR)
