"""The values that evidence is made of.

Two kinds, told apart by when they are made. *Claims* travel: a request carries them, the
vendor appraises them once. *Evidence* is made fresh for one check, stays in the process,
and answers one challenge.
"""

from __future__ import annotations

from hwlock.errors import Finding
from hwlock.record import Record

__all__ = [
    "ASSURANCE",
    "CHALLENGE_BYTES",
    "Component",
    "Evidence",
    "Proof",
    "at_least",
    "proof_message",
]

# From weakest to strongest. What each means stands in docs/binding.md.
ASSURANCE = ("identifier", "fingerprint", "key", "attested")

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


class Component(Record):
    """One part of this machine, raw: never leaves the process.

    `kind` is a lower-case word ("disk-serial", "nic-mac"), `value` the bytes that identify
    the part, normalized by the reader, 1 to 256 bytes; `weight` what it counts in a match.
    """

    kind: str
    value: bytes
    weight: int


class Proof(Record):
    """A key's fresh answer: `signature` (64 bytes, raw r‖s or Ed25519) over a challenge.

    `anchor` is the kind of anchor that made it ("tpm2"); `public` the raw public key.
    """

    anchor: str
    public: bytes
    signature: bytes


class Evidence(Record):
    """What this machine showed for one check.

    `challenge` is what the proofs sign; `components` is None where the machine's
    fingerprint was not read; `absent` says, per anchor that could not answer, why.
    """

    challenge: bytes
    components: tuple[Component, ...] | None = None
    proofs: tuple[Proof, ...] = ()
    absent: tuple[Finding, ...] = ()
