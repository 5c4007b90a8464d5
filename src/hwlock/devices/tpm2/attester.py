"""The TPM as a KeyAttester: enroll, sign, attest, open what was sealed for it.

The device key signs two things and tells them apart: `sign` takes messages (to_be_signed of
our files), `prove` answers challenges behind the prefix of `proof_message`, and `sign`
refuses whatever begins with that prefix. So a file is never a proof, nor a proof a file.
"""

from __future__ import annotations

import os

from hwlock.crypto import sha2
from hwlock.devices.base import Description
from hwlock.errors import BadAnswer, Finding, UntrustedError, UsageError
from hwlock.evidence.claims import Proof, proof_message

from . import codes, commands
from .channel import Channel
from .storage import Enrollment, Parent, create_keys, load_agreement, load_ak, load_key
from .transport import connect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hwlock.evidence.tpm2.claims import Tpm2Claims
    from hwlock.evidence.tpm2.structures import ClockInfo

    from .channel import Held
    from .nv import Counter, Mark

    Loader = Callable[[Channel, Parent, Enrollment], Held]

__all__ = ["Tpm2Attester"]

_PROOF_PREFIX = proof_message(b"")
_PT_MANUFACTURER = 0x105
_PT_VENDOR_STRING = range(0x106, 0x10A)
_PT_FIRMWARE = (0x10B, 0x10C)
_OPENS_NOT = frozenset((0x084, 0x09A, 0x09F, 0x0A7, 0x095))  # VALUE INSUFFICIENT INTEGRITY…


class Tpm2Attester:
    """An open TPM."""

    kind = "tpm2"

    def __init__(self, uri: str, tpm: Channel) -> None:
        self.uri = uri
        self.tpm = tpm

    @classmethod
    def open(cls, uri: str) -> Tpm2Attester:
        """Open the TPM that `uri` names; DeviceError, UsageError."""
        return cls(uri, Channel(connect(uri)))

    def describe(self) -> Description:
        """Say whose TPM this is and what it is good for."""
        from hwlock.evidence.tpm2 import makers

        from .endorsement import has_certificate

        known = commands.properties(self.tpm, _PT_MANUFACTURER, 8)
        maker = known.get(_PT_MANUFACTURER, 0).to_bytes(4, "big")
        certified = has_certificate(self.tpm)
        notes = []
        if not certified:
            notes.append(Finding("HWL-TPM-EK-NONE", "note"))
        if makers.is_virtual(maker):
            notes.append(Finding("HWL-TPM-VIRTUAL", "note", maker=makers.describe(maker)))
        return Description(
            uri=self.uri,
            kind=self.kind,
            name=f"TPM 2.0 by {makers.describe(maker)}",
            assurance="attested" if certified else "key",
            notes=tuple(notes),
            details=(
                ("maker", makers.describe(maker)),
                ("model", _text(known)),
                ("firmware", _firmware(known)),
            ),
        )

    def enroll(self) -> bytes:
        """Make a device key and an attestation key; return them wrapped (`Enrollment`)."""
        return create_keys(self.tpm).encode()

    def public(self, enrollment: bytes) -> bytes:
        """Return the device key's point, x‖y; asks no TPM."""
        return Enrollment.parse(enrollment).point

    def sign(self, enrollment: bytes, message: bytes) -> bytes:
        """Sign `message` with the device key: raw r‖s (ES256); UsageError for a proof."""
        if message.startswith(_PROOF_PREFIX):
            raise UsageError("HWL-TPM-SIGN")
        return self._sign(Enrollment.parse(enrollment), message)

    def prove(self, enrollment: bytes, challenge: bytes) -> Proof:
        """Answer `challenge` with the device key, over `proof_message(challenge)`."""
        keys = Enrollment.parse(enrollment)
        signature = self._sign(keys, proof_message(challenge))
        return Proof(anchor=self.kind, public=keys.point, signature=signature)

    def claims(self, enrollment: bytes, nonce: bytes) -> Tpm2Claims:
        """Return the EK, and the AK's statement on the device key, made for `nonce`."""
        from hwlock.evidence.tpm2.attestation import qualifying_data
        from hwlock.evidence.tpm2.claims import Certified, Tpm2Claims

        from .endorsement import open_endorsement

        keys = Enrollment.parse(enrollment)
        with open_endorsement(self.tpm) as ek:
            ek_public, ek_certificate = ek.public.raw, ek.certificate
        extra = qualifying_data(nonce)
        said = self._certified(keys, load_key, extra)
        agreement = self._certified(keys, load_agreement, extra)
        return Tpm2Claims(
            ek_certificate=ek_certificate,
            ek_public=ek_public,
            ak_public=keys.ak_public,
            key_public=keys.key_public,
            attest=said.attest.raw,
            signature=said.signature,
            agreement=Certified(
                public=keys.agreement_public,
                attest=agreement.attest.raw,
                signature=agreement.signature,
            ),
        )

    def open_credential(self, enrollment: bytes, credential: bytes) -> bytes:
        """Return the secret that was made for this TPM and this AK; UntrustedError."""
        from hwlock.evidence.tpm2.credential import Credential

        from .endorsement import open_endorsement
        from .policy import endorsement_session

        keys, sealed = Enrollment.parse(enrollment), Credential.parse(credential)
        with Parent.named(self.tpm, keys.parent) as parent:
            ak = load_ak(self.tpm, parent, keys)
        with (
            ak,
            open_endorsement(self.tpm) as ek,
            endorsement_session(self.tpm, ek.public, os.urandom) as session,
        ):
            try:
                return commands.activate_credential(
                    self.tpm,
                    ak.handle,
                    ek.handle,
                    session.handle,
                    blob=sealed.blob,
                    seed=sealed.seed,
                )
            except BadAnswer as exc:
                if codes.base(exc.raw_code or 0) in _OPENS_NOT:
                    raise UntrustedError("HWL-TPM-CREDENTIAL") from exc
                raise

    def agreement(self, enrollment: bytes) -> bytes:
        """Return the point (x‖y) of the key that agrees on secrets; asks no TPM."""
        from hwlock.evidence.tpm2.structures import Public

        return Public.parse(Enrollment.parse(enrollment).agreement_public).point

    def agree(self, enrollment: bytes, point: bytes) -> bytes:
        """Return x (32 bytes) of the agreement key's ECDH with `point` (P-256, x‖y).

        Nobody on the way from the TPM can read it, nor give another answer (`secrecy`).
        """
        from hwlock.evidence.tpm2.structures import Public

        from .secrecy import SecretSession, agree

        keys = Enrollment.parse(enrollment)
        known = Public.parse(keys.parent_public)
        with Parent.named(self.tpm, keys.parent) as parent:
            key = load_agreement(self.tpm, parent, keys)
            with key, SecretSession.start(self.tpm, parent, known, os.urandom) as session:
                name = Public.parse(keys.agreement_public).name
                return agree(self.tpm, session, key.handle, name, point)

    def clock(self) -> ClockInfo:
        """Return the TPM's clock and its counters of resets, as they are."""
        return commands.read_clock(self.tpm)

    def counter(self, index: int) -> Counter:
        """Return the NV counter at `index` (owner's range), defined or not."""
        from .nv import Counter

        return Counter(self.tpm, index)

    def mark(self, index: int) -> Mark:
        """Return the NV mark at `index` (owner's range), set or not."""
        from .nv import Mark

        return Mark(self.tpm, index)

    def close(self) -> None:
        """Let go of the TPM."""
        self.tpm.close()

    def __enter__(self) -> Tpm2Attester:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _certified(self, keys: Enrollment, load: Loader, extra: bytes) -> commands.Certified:
        """Let the AK certify one of our keys."""
        # the parent's slot is given back before the keys are used: there may be three in all
        with Parent.named(self.tpm, keys.parent) as parent, load(self.tpm, parent, keys) as key:
            ak = load_ak(self.tpm, parent, keys)
            parent.flush()
            with ak:
                return commands.certify(self.tpm, key.handle, ak.handle, extra)

    def _sign(self, keys: Enrollment, message: bytes) -> bytes:
        with Parent.named(self.tpm, keys.parent) as parent:
            key = load_key(self.tpm, parent, keys)
        with key:
            return commands.sign(self.tpm, key.handle, sha2.sha256(message))


def _text(known: dict[int, int]) -> str:
    """Return the maker's four-by-four letters as printable text."""
    letters = b"".join(known.get(number, 0).to_bytes(4, "big") for number in _PT_VENDOR_STRING)
    return " ".join("".join(chr(byte) for byte in letters if 32 <= byte < 127).split())


def _firmware(known: dict[int, int]) -> str:
    """Return the firmware version as four numbers, as makers print it."""
    first, second = (known.get(number, 0) for number in _PT_FIRMWARE)
    return f"{first >> 16}.{first & 0xFFFF}.{second >> 16}.{second & 0xFFFF}"
