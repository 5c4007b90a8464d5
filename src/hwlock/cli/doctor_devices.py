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
from hwlock.errors import HwlockError
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
        yield Examined(
            what="devices",
            mark="no",
            said="this machine has nothing that a license could be bound to",
            code="HWL-REQUEST-NOTHING",
            hint="enable the TPM in the firmware setup, or ask the vendor for a dongle",
        )
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
        said = f"{described.name}, assurance {described.assurance}"
        yield Examined(what=uri, mark="ok", said=said)


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
            yield Examined(what=kind, mark="ok", said=f"{len(good)} plugged in")
        mark = "no" if kind in wanted and not good else "mind"
        for one in found:
            if one.problem and (kind in wanted or one.problem.code not in _NOT_INSTALLED):
                problems.setdefault(Examined.bad("", one.problem, mark), []).append(kind)
        if kind in wanted and not found:
            yield Examined(
                what=kind,
                mark="no",
                said=f"a license for {wanted[kind]} names one, and none is plugged in",
                hint="plug it in, directly and not through a hub, and run this again",
            )
    for problem, kinds in problems.items():
        yield replace(problem, what=", ".join(dict.fromkeys(kinds)))


def _surroundings(environ: Mapping[str, str]) -> Iterator[Examined]:
    """Say what hides dongles: a session of another computer, a container."""
    session = environ.get("SESSIONNAME", "")
    if session.upper().startswith("RDP-") or environ.get("XRDP_SESSION"):
        yield Examined(
            what="session",
            mark="mind",
            said="this is a remote desktop: Windows shows it the cards of the computer in front "
            "of you, and hides those that are plugged in here",
            hint="plug the dongle in where you sit and allow smart cards in the client, "
            "or log in at this computer",
        )
    elif environ.get("SSH_CONNECTION"):
        yield Examined(
            what="session",
            mark="mind",
            said="this is an SSH session: pcscd and udev may keep dongles for who sits here",
            hint="log in at this computer, or let an administrator allow the group",
        )
    if sys.platform == "linux" and any(map(os.path.exists, _CONTAINER_FILES)):
        yield Examined(
            what="container",
            mark="mind",
            said="this is a container, which sees only the devices that were passed in",
            hint="for cards: -v /run/pcscd/pcscd.comm:/run/pcscd/pcscd.comm; "
            "for USB: --device /dev/bus/usb; for security keys: --device /dev/hidraw0",
        )
