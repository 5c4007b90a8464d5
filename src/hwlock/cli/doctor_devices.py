"""What `hwlock doctor` says of devices, and of what keeps them from a program.

A kind of dongle is spoken of where it matters: one is plugged in, a license here names it, or
the package that reaches it is installed and something is wrong. Dongles are counted, not
named: their serial numbers are nobody's business but the vendor's who licensed them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping

from hwlock.cli.examined import Examined
from hwlock.cli.world import World
from hwlock.devices import registry
from hwlock.enforce.stores import known_products, live_licenses, stores_of
from hwlock.errors import Finding, HwlockError
from hwlock.evidence.claims import DONGLES
from hwlock.record import replace

__all__ = ["examine_devices"]

# a missing package matters only where a license asks for it
_NOT_INSTALLED = ("HWL-DEVICE-EXTRA", "HWL-USB-LIBRARY", "HWL-PKCS11-NO-MODULE")
_CONTAINER_FILES = ("/.dockerenv", "/run/.containerenv", "/run/systemd/container")


def examine_devices(world: World) -> Iterator[Examined]:
    """Yield one line for each device and kind; what cannot be used is no fault while another can.

    The last lines say what stands between a dongle and this session.
    """
    wanted = _wanted(world)
    usable = False
    for one in (*_machine(world), *_dongles(world, wanted)):
        usable = usable or one.mark == "ok"
        yield one
    if not usable:
        yield Examined.of("devices", Finding("HWL-DOCTOR-NOTHING", "deny"))
    if wanted:
        yield from _surroundings(world.environ)


def _machine(world: World) -> Iterator[Examined]:
    """Examine the TPM and the fingerprint of this machine, and those that licenses use."""
    kinds = tuple(kind for kind in registry.KINDS if kind not in DONGLES)
    here = {scanned.uri: scanned.problem for scanned in registry.scan(kinds)}
    enrolled = {uri: None for uri in _enrolled(world)}
    for uri, problem in {**enrolled, **here}.items():
        try:
            if problem is not None:
                raise problem
            with registry.open(uri) as device:
                described = device.describe()
            if described.problem is not None:
                raise described.problem
        except HwlockError as exc:
            yield Examined.bad(uri, exc, "mind")
            continue
        name, assurance = described.name, described.assurance
        found = Finding("HWL-DOCTOR-DEVICE", "note", name=name, assurance=assurance)
        yield Examined.of(uri, found)


def _enrolled(world: World) -> Iterator[str]:
    """Yield the devices that licenses here are bound to; they may have URIs of their own."""
    for product_id in known_products(world.machine):
        for store in stores_of(world.machine, product_id):
            for kind in store.kinds():
                enrollment = store.enrollment(kind)
                if enrollment is not None and kind not in DONGLES:
                    yield enrollment.uri


def _wanted(world: World) -> dict[str, str]:
    """Return the kinds of dongle that licenses here name, each with one that names it."""
    wanted: dict[str, str] = {}
    for product_id in known_products(world.machine):
        for live in live_licenses(stores_of(world.machine, product_id), []):
            for anchor in live.license.says.binding.anchors:
                if anchor.kind in DONGLES:
                    wanted.setdefault(anchor.kind, product_id)
    return wanted


def _dongles(world: World, wanted: Mapping[str, str]) -> Iterator[Examined]:
    problems: dict[Examined, list[str]] = {}  # kinds behind one service fail together
    for kind in DONGLES:
        if kind == "usb" and kind not in wanted:
            continue  # keyboards and disks have serial numbers, too
        found = tuple(world.machine.scan((kind,)))
        good = [one for one in found if one.problem is None]
        if good:
            yield Examined.of(kind, Finding("HWL-DOCTOR-PLUGGED", "note", count=len(good)))
        mark = "no" if kind in wanted and not good else "mind"
        for one in found:
            if one.problem and (kind in wanted or one.problem.code not in _NOT_INSTALLED):
                problems.setdefault(Examined.bad("", one.problem, mark), []).append(kind)
        if kind in wanted and not found:
            yield Examined.of(kind, Finding("HWL-DOCTOR-WANTED", "deny", product=wanted[kind]))
    for problem, kinds in problems.items():
        yield replace(problem, what=", ".join(dict.fromkeys(kinds)))


def _surroundings(environ: Mapping[str, str]) -> Iterator[Examined]:
    """Say what hides dongles: a session of another computer, a container."""
    session = environ.get("SESSIONNAME", "")
    if session.upper().startswith("RDP-") or environ.get("XRDP_SESSION"):
        yield Examined.of("session", Finding("HWL-DOCTOR-REMOTE", "warn"))
    elif environ.get("SSH_CONNECTION"):
        yield Examined.of("session", Finding("HWL-DOCTOR-SSH", "warn"))
    if sys.platform == "linux" and any(map(os.path.exists, _CONTAINER_FILES)):
        yield Examined.of("container", Finding("HWL-DOCTOR-CONTAINER", "warn"))
