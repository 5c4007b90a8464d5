"""Dongles that are software, and the sockets of a machine that they are plugged into.

They stand in for the device alone, above its driver: for tests of an application that is
licensed to a dongle, where it does not matter how bytes reach a card. What a machine asks and
what the vendor verifies is the real thing::

    red = SoftDongle("piv", "red")
    sockets = Sockets(red)
    machine = Machine(..., open_dongle=sockets.open, scan=sockets.scan)
    sockets.pull(red)
"""

from __future__ import annotations

from hwlock.crypto import sha2
from hwlock.crypto.rsa import RsaKey
from hwlock.devices.base import Description
from hwlock.errors import NotFound, PinRequired
from hwlock.evidence.claims import Proof, proof_message
from hwlock.evidence.dongle import IDENTIFIER, DongleClaims
from hwlock.license.anchors import IdentifierAnchor, KeyAnchor
from hwlock.testing.vendor import CardSigner, seeded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

    from hwlock.crypto.keys import Signer
    from hwlock.devices.base import Interaction

__all__ = ["RsaSigner", "Sockets", "SoftDongle", "dongle_anchor"]

_PRIMES = (
    "dac938d2f3a4188a59a29e76d9f22252465e2d106413d085e0adb03658282981be18bbadab41dbb1"
    "23d5d6edd788ed2e885c4582eb20d1d7a857e6f52dea72021dfe512c89093c9b420dab9f57c976b8"
    "853aae746d7c1a579375595337d6739632edae3295b5b24e0560c986ca1e819eef6e94a367fe7cff"
    "9e12d15d09828163",
    "cff47f13c0a080ed5f036e487e5e2474137e01d67d0ce423c9dc7ec79f88209f39be08eb157b2231"
    "7a9dfea426636d4dd5df6bdbefe932259fff78f48561b3e264c0a19a80ce3c0a9bd0c6cef995e1e3"
    "5f22566ceb3b2f59e435f920268956ca7d158c565d70ab7ccb54d38fe8eba64097f92bd1c4bf9426"
    "b3cb7c4f539e2b77",
)


class RsaSigner:
    """The one RSA key (2048 bits) of this module, as an old card holds one; no secret."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric import rsa

        p, q = (int(prime, 16) for prime in _PRIMES)
        e = 65537
        d = pow(e, -1, (p - 1) * (q - 1))
        self._private = rsa.RSAPrivateNumbers(
            p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), rsa.RSAPublicNumbers(e, p * q)
        ).private_key()
        self.key = RsaKey((p * q).to_bytes(256, "big"))

    def sign(self, message: bytes) -> bytes:
        """Return the signature (256 bytes) over `message`: RSASSA-PKCS1-v1_5 with SHA-256."""
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        return self._private.sign(message, PKCS1v15(), SHA256())


class SoftDongle:
    """A dongle of `kind` (piv, openpgp, pkcs11 or usb); what it is follows from `name`.

    Two dongles with one `serial` and different names are what somebody makes who wants to
    pass one for the other. One with a `pin` asks for it at each use and counts what is wrong.
    """

    def __init__(
        self,
        kind: str,
        name: str,
        *,
        serial: str = "",
        signer: Signer | RsaSigner | None = None,
        pin: str = "",
    ) -> None:
        self.kind = kind
        self.serial = serial or sha2.sha256(name.encode())[:4].hex()
        self.uri = f"{kind}:serial={self.serial}"
        self.label = f"{name} {kind} (serial {self.serial})"
        self.pin = pin
        self.attempts_left = 3
        self.uses = 0
        default = CardSigner(name) if kind == "piv" else seeded(name)
        self._signer = None if kind == IDENTIFIER else signer or default
        self._person: Interaction | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None: ...

    def asks(self, person: Interaction | None) -> Self:
        """Turn to `person` from now on."""
        self._person = person
        return self

    def describe(self) -> Description:
        """Say what this is."""
        assurance = "key" if self._signer else "identifier"
        return Description(uri=self.uri, kind=self.kind, name=self.label, assurance=assurance)

    def enroll(self) -> bytes:
        """Choose the only key."""
        return b"" if self._signer is None else b"the only key"

    def claims(self, record: bytes, challenge: bytes) -> DongleClaims:
        """Return what a request carries."""
        proof = self.prove(record, challenge)
        return DongleClaims(
            kind=self.kind,
            uri=self.uri,
            label=self.label,
            key=None if self._signer is None else self._signer.key,
            record=record,
            signature=proof.signature,
            data=proof.data,
        )

    def prove(self, record: bytes, challenge: bytes) -> Proof:
        """Answer `challenge`."""
        del record  # there is one key only
        self._check_pin()
        self.uses += 1
        if self._signer is None:
            return Proof(anchor=self.kind, public=b"", signature=b"", data=self.uri.encode())
        return Proof(
            anchor=self.kind,
            public=self._signer.key.raw,
            signature=self._signer.sign(proof_message(challenge)),
        )

    def _check_pin(self) -> None:
        if not self.pin:
            return
        if self._person is None:
            raise PinRequired("HWL-DEVICE-PIN", device=self.label, attempts_left=self.attempts_left)
        if self._person.pin(self.label, self.attempts_left) != self.pin:
            self.attempts_left -= 1
            raise PinRequired(
                "HWL-DEVICE-PIN-WRONG", device=self.label, attempts_left=self.attempts_left
            )
        self.attempts_left = 3


class Sockets:
    """What is plugged into one machine: it stands in for the registry of devices."""

    def __init__(self, *dongles: SoftDongle) -> None:
        self.plugged = list(dongles)
        self.opened: list[str] = []

    def plug(self, dongle: SoftDongle) -> None:
        """Plug a dongle in."""
        self.plugged.append(dongle)

    def pull(self, dongle: SoftDongle) -> None:
        """Pull a dongle out."""
        self.plugged.remove(dongle)

    def open(self, uri: str, person: Interaction | None = None) -> SoftDongle:
        """Open the dongle that `uri` names, or the first of a kind; NotFound."""
        self.opened.append(uri)
        for dongle in self.plugged:
            if uri in (dongle.uri, f"{dongle.kind}:"):
                return dongle.asks(person)
        raise NotFound("HWL-DEVICE-NONE", device=uri)

    def scan(self, kinds: tuple[str, ...]) -> Iterator[Description]:
        """Yield what is plugged in of these kinds."""
        for dongle in self.plugged:
            if dongle.kind in kinds:
                yield dongle.describe()


def dongle_anchor(dongle: SoftDongle) -> KeyAnchor | IdentifierAnchor:
    """Return the anchor by which a license names `dongle`."""
    said = dongle.claims(dongle.enroll(), bytes(32))
    if said.key is None:
        return IdentifierAnchor(uri=said.uri, label=said.label)
    return KeyAnchor(
        kind=said.kind,
        key=said.key,
        assurance="key",
        uri=said.uri,
        label=said.label,
        record=said.record,
    )
