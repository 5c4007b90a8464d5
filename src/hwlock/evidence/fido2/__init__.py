"""What a FIDO2 security key proves (docs/spec/fido2.md; WebAuthn Level 2, CTAP 2.1).

A license names a credential of the relying party `RP_ID`. That name holds a colon, so it is
no web site's: no browser can ask for such an assertion. The key never signs our challenge
itself, but *authenticator data* and the hash of what we give it. Rules for a proof:

1. the data are those of an assertion: 37 bytes, then extensions where a flag announces them;
2. they are for our relying party;
3. the credential was never one that can be copied to other devices (flag BE);
4. the signature is over the data and SHA-256 of `proof_message(challenge)`.

Whether somebody touched the key (flag UP) does not matter: possession is what is proven.
"""

from __future__ import annotations

from hwlock.crypto import sha2
from hwlock.evidence.claims import proof_message

from .authenticator_data import RP_ID, AuthenticatorData

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from hwlock.crypto.keys import VerificationKey

    from .attestation import Fido2Attestation

__all__ = ["RP_ID", "signed_message", "verify_attestation"]


def signed_message(data: bytes, challenge: bytes) -> bytes:
    """Return what the credential's key signed to answer `challenge` (32 bytes).

    `data` are the authenticator data of the proof. FormatError where they cannot be read,
    UntrustedError where they are not an assertion for hwlock.
    """
    AuthenticatorData.parse(data).check_assertion()
    return data + sha2.sha256(proof_message(challenge))


def verify_attestation(
    attestation: bytes, key: VerificationKey, *, trusted: tuple[bytes, ...], at: datetime
) -> Fido2Attestation:
    """Verify what a maker says of the security key that holds `key`, by `attestation.verify`."""
    from .attestation import verify

    return verify(attestation, key, trusted=trusted, at=at)
