"""Fresh evidence: ask exactly the devices that the licenses name."""

from __future__ import annotations

from hwlock.errors import DeviceError, Finding, HwlockError, UnsupportedError
from hwlock.evidence.claims import CHALLENGE_BYTES, Component, Evidence, Proof
from hwlock.license.anchors import HostAnchor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hwlock.enforce.machine import Machine
    from hwlock.license.license import Terms
    from hwlock.store.product_store import ProductStore

__all__ = ["gather"]


def gather(machine: Machine, stores: Iterable[ProductStore], licenses: Iterable[Terms]) -> Evidence:
    """Return what this machine shows for `licenses`, over a fresh challenge.

    A device that does not answer is no error here: the finding that says why goes into the
    evidence, and the policy of the license decides what it means.
    """
    anchors = [anchor for terms in licenses for anchor in terms.binding.anchors]
    challenge = machine.entropy(CHALLENGE_BYTES)
    absent: list[Finding] = []
    components = None
    if any(isinstance(anchor, HostAnchor) for anchor in anchors):
        components = _components(machine, stores, absent)
    proofs = []
    for kind in sorted({anchor.kind for anchor in anchors if anchor.kind != "host"}):
        proofs += _proofs(machine, stores, kind, challenge, absent)
    return Evidence(
        challenge=challenge, components=components, proofs=tuple(proofs), absent=tuple(absent)
    )


def _components(
    machine: Machine, stores: Iterable[ProductStore], absent: list[Finding]
) -> tuple[Component, ...] | None:
    uri = next((e.uri for store in stores if (e := store.enrollment("host"))), machine.host_uri)
    try:
        with machine.open_host(uri) as host:
            return host.components()
    except (DeviceError, UnsupportedError) as exc:
        absent.append(_absence("host", exc))
        return None


def _proofs(
    machine: Machine,
    stores: Iterable[ProductStore],
    kind: str,
    challenge: bytes,
    absent: list[Finding],
) -> list[Proof]:
    proofs = []
    for store in stores:
        enrolled = store.enrollment(kind)
        if enrolled is None:
            continue
        try:
            with machine.open_key(enrolled.uri) as device:
                proofs.append(device.prove(enrolled.record, challenge))
        except HwlockError as exc:
            absent.append(_absence(kind, exc))
    return proofs


def _absence(kind: str, error: HwlockError) -> Finding:
    return Finding(error.code, "deny", **{**error.details, "anchor": kind})
