"""Whose seat is it? Which of the licenses in use belongs to the machine that asks now.

A new license takes over a seat when it gives its machine nothing that an earlier one did
not give already:

1. both show the endorsement key of one TPM, and a maker vouches for that TPM; or
2. the earlier license would run on what this request shows: its policy holds, an anchor of
   a TPM by the same key or the same endorsement key, an anchor of the host by a match
   within the tolerance.

The key that signs a request is not enough: where it is software it is copied with the disk.
For the same reason a machine that rule 2 knows by its fingerprint alone is known as far as
its claims are true, and no further.

Either rule needs a key, or a part that only one machine has (`hwlock.evidence.host`, rule 3 of
a match): so it is enough to look at those licenses that share one, however many there are.
"""

from __future__ import annotations

from hwlock.evidence import host
from hwlock.evidence.host import ComponentDigest, HostClaims
from hwlock.issue.records import Activation
from hwlock.license.binding import Binding, HostAnchor, KeyAnchor, Threshold
from hwlock.license.license import UnverifiedLicense
from hwlock.record import Record

__all__ = ["Newcomer", "parts_of", "same_machine"]


class Newcomer(Record):
    """What an appraised request shows of its machine.

    `tpm_key` is the raw public key that the TPM certified and `ek_digest` names its
    endorsement key, both None without a TPM; `attested` tells that a maker vouches for it.
    """

    tpm_key: bytes | None
    ek_digest: bytes | None
    attested: bool
    host: HostClaims | None

    @property
    def keys(self) -> tuple[bytes, ...]:
        """What names its TPM: the public key and the digest of the endorsement key."""
        return tuple(key for key in (self.tpm_key, self.ek_digest) if key is not None)

    @property
    def parts(self) -> tuple[bytes, ...]:
        """The digests of its parts that no other machine has."""
        return () if self.host is None else _own(self.host.components)


def parts_of(binding: Binding) -> tuple[bytes, ...]:
    """Return the digests of parts in a binding that no other machine has."""
    anchors = [anchor for anchor in binding.anchors if isinstance(anchor, HostAnchor)]
    return tuple(digest for anchor in anchors for digest in _own(anchor.components))


def same_machine(newcomer: Newcomer, resembling: tuple[Activation, ...]) -> Activation | None:
    """Return the newest of the licenses in use that is this machine's, or None.

    `resembling` are those of its entitlement that share one of its keys or parts.
    """
    for activation in reversed(resembling):
        if _same_tpm(newcomer, activation) and newcomer.attested:
            return activation
        if _would_run(newcomer, activation):
            return activation
    return None


def _own(components: tuple[ComponentDigest, ...]) -> tuple[bytes, ...]:
    return tuple(one.digest for one in components if one.kind in host.UNIQUE)


def _same_tpm(newcomer: Newcomer, activation: Activation) -> bool:
    return newcomer.ek_digest is not None and newcomer.ek_digest == activation.ek_digest


def _would_run(newcomer: Newcomer, activation: Activation) -> bool:
    # The registry holds what this desk signed itself, so parsing is enough.
    binding = UnverifiedLicense.parse(activation.license).says.binding
    good = []
    for anchor in binding.anchors:
        if isinstance(anchor, KeyAnchor):
            same_key = newcomer.tpm_key is not None and newcomer.tpm_key == anchor.key.raw
            good.append(same_key or _same_tpm(newcomer, activation))
        else:
            good.append(_fits(anchor, newcomer.host))
    return _holds(binding.policy, good)


def _fits(anchor: HostAnchor, claims: HostClaims | None) -> bool:
    if claims is None or claims.salt != anchor.salt:
        return False
    return host.overlap(anchor.components, anchor.needed, claims).matched


def _holds(policy: int | Threshold, good: list[bool]) -> bool:
    if isinstance(policy, int):
        return good[policy]
    return sum(_holds(part, good) for part in policy.parts) >= policy.needed
