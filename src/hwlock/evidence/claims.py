"""The values that evidence is made of.

Two kinds, told apart by when they are made. *Claims* travel: a request carries them, the
vendor appraises them once. *Evidence* is made fresh for one check, stays in the process,
and answers one challenge.
"""

from __future__ import annotations

from hwlock.crypto import sha2
from hwlock.errors import Finding
from hwlock.record import Record

__all__ = [
    "ASSURANCE",
    "CHALLENGE_BYTES",
    "DONGLES",
    "Component",
    "Evidence",
    "Proof",
    "at_least",
    "claims_challenge",
    "proof_message",
]

# From weakest to strongest. What each means stands in docs/binding.md.
ASSURANCE = ("identifier", "fingerprint", "shared", "key", "attested")

# The kinds of anchor that a person carries from machine to machine; schemes of their URIs.
DONGLES = ("piv", "openpgp", "pkcs11", "fido2", "yubikey", "usb")

# A challenge is fresh for each check, and long enough that none comes twice.
CHALLENGE_BYTES = 32


def at_least(assurance: str, wanted: str) -> bool:
    """Tell whether `assurance` is as strong as `wanted`; both are words of ASSURANCE."""
    return ASSURANCE.index(assurance) >= ASSURANCE.index(wanted)


def proof_message(challenge: bytes) -> bytes:
    """Return what an anchor's key signs to answer `challenge` (32 bytes).

    The prefix keeps a challenge from being the bytes of anything else that the key signs.
    """
    return b"hwlock proof v1\0" + challenge


def claims_challenge(nonce: bytes, kid: bytes) -> bytes:
    """Return the challenge (32 bytes) that a dongle answers for one request.

    `nonce` (32 bytes) is the request's, `kid` (16 bytes) names the key that signs it: so the
    proof of a dongle cannot be moved to another machine's request.
    """
    return sha2.sha256(b"hwlock claims v1\0" + nonce + kid)


class Component(Record):
    """One part of this machine, raw: never leaves the process.

    `kind` is a lower-case word ("disk-serial", "nic-mac"), `value` the bytes that identify
    the part, normalized by the reader, 1 to 256 bytes; `weight` what it counts in a match.
    """

    kind: str
    value: bytes
    weight: int


class Proof(Record):
    """A device's fresh answer to a challenge.

    `anchor` is the kind of anchor that made it ("tpm2"); `public` its raw public key, empty
    for a kind that has none; `signature` what answers the challenge (raw r‖s, Ed25519, RSA;
    for a shared secret its response); `data` what else the kind's rule needs (FIDO2: the
    authenticator data; YubiKey: which challenge; USB: the device's identity).
    """

    anchor: str
    public: bytes
    signature: bytes
    data: bytes = b""


class Evidence(Record):
    """What this machine showed for one check.

    `challenge` is what the proofs sign; `components` is None where the machine's
    fingerprint was not read; `absent` says, per anchor that could not answer, why.
    """

    challenge: bytes
    components: tuple[Component, ...] | None = None
    proofs: tuple[Proof, ...] = ()
    absent: tuple[Finding, ...] = ()
