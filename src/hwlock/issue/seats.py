"""Whose seat is it? Which of the licenses in use belongs to the machine that asks now.

A new license takes over a seat when it gives nothing that an earlier one did not give
already: whatever would make the new license run, would make the earlier one run.

1. A dongle counts where both licenses name it. It is carried about, so it is no machine: a
   license for a dongle alone is one seat, whoever's machine asks, and one that a machine can
   use without the dongle as well takes a seat for each machine.
2. The anchors of a machine count together, where it is the same machine: both show the
   endorsement key of one TPM and a maker vouches for it; or the earlier license would run on
   what this request shows, an anchor of a TPM by the same key or the same endorsement key, an
   anchor of the host by a match within the tolerance.

The key that signs a request is not enough: where it is software it is copied with the disk.
For the same reason a machine that rule 2 knows by its fingerprint alone is known as far as
its claims are true, and no further.

Each rule needs a key, a dongle, or a part that only one machine has (`hwlock.evidence.host`,
rule 3 of a match): so it is enough to look at those licenses that share one, however many
there are.
"""

from __future__ import annotations

from itertools import product

from hwlock.codec import cbor
from hwlock.crypto import sha2
from hwlock.evidence import host
from hwlock.evidence.claims import DONGLES
from hwlock.evidence.host import ComponentDigest, HostClaims
from hwlock.issue.records import Activation
from hwlock.license.anchors import HostAnchor, KeyAnchor
from hwlock.license.binding import Binding, holds
from hwlock.license.license import UnverifiedLicense
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.license.anchors import Anchor

__all__ = ["Newcomer", "parts_of", "same_machine"]


class Newcomer(Record):
    """What an appraised request shows of its machine.

    `tpm_key` is the raw public key that the TPM certified and `ek_digest` names its
    endorsement key, both None without a TPM; `attested` tells that a maker vouches for it.
    `dongles` are the anchors that it can be bound to besides.
    """

    tpm_key: bytes | None
    ek_digest: bytes | None
    attested: bool
    host: HostClaims | None
    dongles: tuple[Anchor, ...] = ()

    @property
    def keys(self) -> tuple[bytes, ...]:
        """What names its TPM: the public key and the digest of the endorsement key."""
        return tuple(key for key in (self.tpm_key, self.ek_digest) if key is not None)

    @property
    def parts(self) -> tuple[bytes, ...]:
        """The digests of its parts that no other machine has, and of its dongles."""
        own = () if self.host is None else _own(self.host.components)
        return (*own, *map(_name, self.dongles))


def parts_of(binding: Binding) -> tuple[bytes, ...]:
    """Return the digests of parts in a binding that no other machine has, and of its dongles."""
    own = [a for a in binding.anchors if isinstance(a, HostAnchor)]
    parts = tuple(digest for anchor in own for digest in _own(anchor.components))
    return (*parts, *(_name(a) for a in binding.anchors if a.kind in DONGLES))


def same_machine(
    newcomer: Newcomer, binding: Binding | None, resembling: tuple[Activation, ...]
) -> Activation | None:
    """Return the newest of the licenses in use whose seat a license with `binding` takes over.

    `resembling` are those of its entitlement that share one of its keys or parts. `binding`
    is None for a request that is refused anyway: then it is asked whose machine this is.
    """
    for activation in reversed(resembling):
        # The registry holds what this desk signed itself, so parsing is enough.
        earlier = UnverifiedLicense.parse(activation.license).says.binding
        machine = _known_machine(newcomer, activation, earlier)
        if _gives_no_more(binding, earlier, machine):
            return activation
    return None


def _own(components: tuple[ComponentDigest, ...]) -> tuple[bytes, ...]:
    return tuple(one.digest for one in components if one.kind in host.UNIQUE)


def _name(dongle: Anchor) -> bytes:
    """Return what a dongle is found by among thousands of licenses."""
    return sha2.sha256(b"hwlock dongle v1\0" + cbor.encode(dongle.identity))


def _known_machine(newcomer: Newcomer, activation: Activation, earlier: Binding) -> frozenset[int]:
    """Return the numbers of the earlier license's anchors that are this machine's."""
    same_tpm = newcomer.ek_digest is not None and newcomer.ek_digest == activation.ek_digest
    known = set()
    for number, anchor in enumerate(earlier.anchors):
        if anchor.kind in DONGLES:
            continue
        if same_tpm and newcomer.attested:
            known.add(number)
        elif isinstance(anchor, KeyAnchor):
            if same_tpm or newcomer.tpm_key == anchor.key.raw:
                known.add(number)
        elif isinstance(anchor, HostAnchor) and _fits(anchor, newcomer.host):
            known.add(number)
    return frozenset(known)


def _gives_no_more(binding: Binding | None, earlier: Binding, machine: frozenset[int]) -> bool:
    """Tell whether each way to run `binding` is one to run `earlier`."""
    here = {a.identity for a in (binding or earlier).anchors if a.kind in DONGLES}
    for bits in product((False, True), repeat=len(here) + 1):
        *shown, on_machine = bits
        dongles = {one for one, bit in zip(here, shown, strict=True) if bit}
        if binding is not None and not _runs(binding, dongles, None if on_machine else frozenset()):
            continue
        if binding is None and not all(bits):
            continue
        if not _runs(earlier, dongles, machine if on_machine else frozenset()):
            return False
    return True


def _runs(
    binding: Binding, dongles: set[tuple[str, bytes]], machine: frozenset[int] | None
) -> bool:
    """Tell whether `binding` holds with these dongles and, of the machine, these anchors.

    `machine` is None for all of them.
    """
    good = [
        anchor.identity in dongles
        if anchor.kind in DONGLES
        else machine is None or number in machine
        for number, anchor in enumerate(binding.anchors)
    ]
    return holds(binding.policy, good)


def _fits(anchor: HostAnchor, claims: HostClaims | None) -> bool:
    if claims is None or claims.salt != anchor.salt:
        return False
    return host.overlap(anchor.components, anchor.needed, claims).matched
