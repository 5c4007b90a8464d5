"""A maker of PIV tokens, for tests: it attests what its tokens hold, as Yubico does.

Three certificates: the root that operators trust, one for each token (slot f9), and one for
each attested key, with serial, firmware and policies as extensions. A test that wants a
fault says which.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from hwlock.testing.ek_authority import SINCE, UNTIL, EkAuthority

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

__all__ = ["EXTENSIONS", "CardMaker"]

_ARC = "1.3.6.1.4.1.41482.3"
FIRMWARE, SERIAL, POLICY, FORM = (f"{_ARC}.{number}" for number in (3, 7, 8, 9))
EXTENSIONS = (FIRMWARE, SERIAL, POLICY, FORM)
PIN_POLICIES = {"never": 1, "once": 2, "always": 3}
TOUCH_POLICIES = {"never": 1, "always": 2, "cached": 3}


class CardMaker:
    """A maker; `root` is the certificate (DER) that an operator would trust."""

    def __init__(self, name: str = "Test PIV Root CA") -> None:
        self._root = EkAuthority(name)
        self.root = self._root.der

    def token(self) -> TokenKey:
        """Return the attestation key of one token."""
        return TokenKey(EkAuthority("Test PIV Attestation", issuer=self._root, path_length=0))


class TokenKey:
    """What stands in slot f9 of one token; `der` is its certificate."""

    def __init__(self, authority: EkAuthority) -> None:
        self._authority = authority
        self.der = authority.der

    def attest(
        self,
        key: CertificatePublicKeyTypes,
        *,
        serial: int = 1234567,
        firmware: tuple[int, ...] = (5, 7, 1),
        pin_policy: str = "once",
        touch_policy: str = "never",
        slot: int = 0x9A,
        change: Mapping[str, bytes | None] | None = None,
    ) -> bytes:
        """Return the attestation (DER) of a key; `change` replaces extensions, None drops one."""
        width = serial.bit_length() // 8 + 1
        values: dict[str, bytes | None] = {
            FIRMWARE: bytes(firmware),
            SERIAL: bytes([2, width]) + serial.to_bytes(width, "big"),
            POLICY: bytes([PIN_POLICIES[pin_policy], TOUCH_POLICIES[touch_policy]]),
            FORM: b"\1",
            **(change or {}),
        }
        name = x509.Name(
            [x509.NameAttribute(NameOID.COMMON_NAME, f"Test PIV Attestation {slot:02x}")]
        )
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._authority.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(SINCE)
            .not_valid_after(UNTIL)
        )
        for oid, value in values.items():
            if value is not None:
                extension = x509.UnrecognizedExtension(ObjectIdentifier(oid), value)
                builder = builder.add_extension(extension, critical=False)
        return self._authority.sign(builder)
