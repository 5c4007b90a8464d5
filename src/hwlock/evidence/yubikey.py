"""The slot secret of a YubiKey: what a license knows of it, and when an answer counts.

The secret is never on the machine. At enrollment the key answers PAIRS challenges; the record
keeps a seed, from which everybody can derive the challenges, and for each a *commitment* to
the answer::

    challenge i  = SHA-256("hwlock yubikey challenge v1" 00 ‖ seed ‖ i)      i in one byte
    answer i     = HMAC-SHA1(secret, challenge i)                            20 bytes
    commitment i = HMAC-SHA256(answer i, "hwlock yubikey v1" 00 ‖ challenge i)

Rules of `verify`:

1. The fresh challenge of a check says which answer must come: number f, or, where that one
   was the latest to be used, f + 1. Nothing else counts, so a few recorded answers are of
   little use.
2. The answer must fit its commitment.

Whoever recorded all answers, or read the secret where it was programmed, can answer for ever:
that is why this is `shared` and not `key` (docs/binding.md).
"""

from __future__ import annotations

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.crypto import hmac, sha2
from hwlock.errors import BadSignature, FormatError
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.evidence.claims import Proof

__all__ = [
    "ANSWER_BYTES",
    "PAIRS",
    "SEED_BYTES",
    "YubikeyRecord",
    "commitment",
    "indices",
    "verify",
]

PAIRS = 32
SEED_BYTES = 16
ANSWER_BYTES = 20
_MAX_PAIRS = 200  # they must fit into a record, and their number into a byte
_COMMITMENT_BYTES = 32


class YubikeyRecord(Record):
    """What a license holds of one slot: 2 to 200 commitments of 32 bytes."""

    seed: bytes
    commitments: tuple[bytes, ...]

    def challenge(self, index: int) -> bytes:
        """Return challenge `index`, 32 bytes."""
        return _challenge(self.seed, index)

    def encode(self) -> bytes:
        """Return the record as bytes (docs/spec: yubikey-record)."""
        return cbor.encode({1: self.seed, 2: self.commitments})

    @classmethod
    def parse(cls, data: bytes) -> YubikeyRecord:
        """Read what `encode` wrote; FormatError."""
        fields = Fields(cbor.decode(data), "yubikey record")
        seed = fields.bytes(1, "seed", size=SEED_BYTES)
        listed = fields.array(2, "commitments", max_items=_MAX_PAIRS)
        fields.done()
        each = Fields(dict(enumerate(listed)), "yubikey record")
        commitments = tuple(
            each.bytes(number, "commitments", size=_COMMITMENT_BYTES)
            for number in range(len(listed))
        )
        if len(commitments) < 2:
            raise FormatError("HWL-YUBIKEY-RECORD", stage="field", found=len(commitments))
        return cls(seed=seed, commitments=commitments)

    @classmethod
    def challenges(cls, seed: bytes, count: int = PAIRS) -> tuple[bytes, ...]:
        """Return the challenges that an enrollment with `seed` (16 bytes) asks."""
        return tuple(_challenge(seed, index) for index in range(count))


def commitment(challenge: bytes, answer: bytes) -> bytes:
    """Return the commitment (32 bytes) to `answer` (20 bytes) for `challenge`."""
    return hmac.sha256(answer, b"hwlock yubikey v1\0" + challenge)


def indices(challenge: bytes, count: int) -> tuple[int, int]:
    """Return which answers out of `count` the fresh `challenge` (32 bytes) accepts.

    The first, and the one to use instead where the first was used the last time.
    """
    digest = sha2.sha256(b"hwlock yubikey index v1\0" + challenge)
    first = int.from_bytes(digest[:8], "big") % count
    return first, (first + 1) % count


def verify(proof: Proof, *, record: bytes, challenge: bytes) -> None:
    """Verify the answer in `proof` to `challenge` (32 bytes); BadSignature, FormatError."""
    known = YubikeyRecord.parse(record)
    # 1.
    index = proof.data[0] if len(proof.data) == 1 else -1
    if index not in indices(challenge, len(known.commitments)):
        raise BadSignature("HWL-YUBIKEY-INDEX")
    # 2.
    asked = known.challenge(index)
    if len(proof.signature) != ANSWER_BYTES:
        raise BadSignature("HWL-YUBIKEY-ANSWER")
    try:
        hmac.verify(proof.signature, b"hwlock yubikey v1\0" + asked, known.commitments[index])
    except BadSignature as exc:
        raise BadSignature("HWL-YUBIKEY-ANSWER") from exc


def _challenge(seed: bytes, index: int) -> bytes:
    return sha2.sha256(b"hwlock yubikey challenge v1\0" + seed + bytes([index]))
