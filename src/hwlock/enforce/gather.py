"""Fresh evidence: ask exactly the devices that the licenses name.

The machine's TPM is asked by its enrollment, which this machine keeps. A dongle is asked by
what its anchor says of it, so it need not be known here: whatever is plugged in now is looked
at, and a second dongle takes over without a restart.
"""

from __future__ import annotations

from hwlock.errors import DeviceError, Finding, HwlockError, PinRequired, UnsupportedError
from hwlock.evidence.claims import CHALLENGE_BYTES, DONGLES, Component, Evidence, Proof
from hwlock.license.anchors import HostAnchor, KeyAnchor, absence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from hwlock.enforce.machine import Machine
    from hwlock.license.anchors import Anchor, IdentifierAnchor, SharedAnchor
    from hwlock.license.license import Terms
    from hwlock.store.product_store import ProductStore

    Carried: TypeAlias = "KeyAnchor | SharedAnchor | IdentifierAnchor"

__all__ = ["gather"]

# by these a driver says that nothing is wrong but that the device is not plugged in
_NOT_HERE = (
    "HWL-DEVICE-NONE",
    "HWL-SMARTCARD-READER",
    "HWL-SMARTCARD-EMPTY",
    "HWL-FIDO2-OTHER",  # keys are plugged in, and none of them is this one
)
# and by these that it is here, and has not the key of the license
_REPLACED = ("HWL-PKCS11-KEY",)


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
    if any(anchor.kind == "tpm2" for anchor in anchors):
        proofs += _tpm(machine, stores, challenge, absent)
    carried = _carried(anchors)
    if carried:
        proofs += _dongles(machine, carried, challenge, absent)
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


def _tpm(
    machine: Machine, stores: Iterable[ProductStore], challenge: bytes, absent: list[Finding]
) -> list[Proof]:
    proofs = []
    for store in stores:
        enrolled = store.enrollment("tpm2")
        if enrolled is None:
            continue
        try:
            with machine.open_key(enrolled.uri) as device:
                proofs.append(device.prove(enrolled.record, challenge))
        except HwlockError as exc:
            absent.append(_absence("tpm2", exc))
    return proofs


def _absence(kind: str, error: HwlockError) -> Finding:
    return Finding(error.code, "deny", **{**error.details, "anchor": kind})


# --- dongles


def _carried(anchors: list[Anchor]) -> list[Carried]:
    """Return the dongles of `anchors`, each once however many licenses name it."""
    carried: dict[tuple[str, str, bytes], Carried] = {}
    for anchor in anchors:
        if anchor.kind in DONGLES and not isinstance(anchor, HostAnchor):
            carried.setdefault((anchor.kind, anchor.uri, anchor.record), anchor)
    return list(carried.values())


def _dongles(
    machine: Machine, carried: list[Carried], challenge: bytes, absent: list[Finding]
) -> list[Proof]:
    proofs = []
    pulled = []
    for anchor in carried:
        try:
            proof = _prove(machine, anchor, challenge)
        except HwlockError as exc:
            if exc.code in _NOT_HERE:
                pulled.append(anchor)
            elif exc.code in _REPLACED:
                absent.append(absence(anchor, _other(anchor)))
            else:
                absent.append(absence(anchor, Finding.of(exc)))
            continue
        proofs.append(proof)
        if isinstance(anchor, KeyAnchor) and proof.public != anchor.key.raw:
            absent.append(absence(anchor, _other(anchor)))
    answering = {proof.anchor for proof in proofs}
    for anchor in pulled:
        others = [] if anchor.kind in answering else _others(machine, anchor.kind, carried)
        absent.append(absence(anchor, _missing(anchor, others)))
    return proofs


def _other(anchor: Carried) -> Finding:
    return Finding("HWL-DONGLE-OTHER", "deny", label=anchor.label)


def _missing(anchor: Carried, others: list[str]) -> Finding:
    if anchor.label in others:  # of the same model: its name does not tell it from ours
        return _other(anchor)
    if others:
        said = ", ".join(others)
        return Finding("HWL-DONGLE-INSTEAD", "deny", label=anchor.label, others=said)
    return Finding("HWL-DONGLE-ABSENT", "deny", label=anchor.label)


def _prove(machine: Machine, anchor: Carried, challenge: bytes) -> Proof:
    """Let what is plugged in as `anchor` answer; HwlockError."""
    people = machine.person
    person = None if people is None else people.for_device(anchor.uri)
    try:
        with machine.open_dongle(anchor.uri, person) as device:
            return device.prove(anchor.record, challenge)
    except HwlockError as exc:
        if people is not None and isinstance(exc, PinRequired):
            people.forget(anchor.uri)
        if people is not None and exc.code in _NOT_HERE:
            people.ask_again(anchor.uri)  # who plugs it in means it
        raise


def _others(machine: Machine, kind: str, carried: list[Carried]) -> list[str]:
    """Return the names of dongles of `kind` that are plugged in and that nobody asked for."""
    named = [_parts(anchor.uri) for anchor in carried if anchor.kind == kind]
    return [
        found.name
        for found in machine.scan((kind,))
        if found.problem is None and not any(_parts(found.uri) <= parts for parts in named)
    ]


def _parts(uri: str) -> set[str]:
    return set(uri.partition(":")[2].split(";"))
