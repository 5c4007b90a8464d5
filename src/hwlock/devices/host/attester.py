"""A machine that can say which parts it has."""

from __future__ import annotations

import os.path
import sys

from hwlock.devices.base import Description
from hwlock.errors import DeviceError, NotFound
from hwlock.evidence import host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.errors import Finding
    from hwlock.evidence.claims import Component

    from .reading import Reading

__all__ = ["HostAttester"]


class HostAttester:
    """The machine under `root`; None is this one, whatever its operating system."""

    kind = "host"

    def __init__(self, root: str | None = None) -> None:
        self.root = root
        self.uri = "host:" if root is None else f"host:root={root}"

    def require_root(self) -> None:
        """Raise NotFound where `root` holds no system."""
        if self.root is not None and not os.path.isdir(os.path.join(self.root, "sys")):
            raise NotFound("HWL-HOST-ROOT", root=self.root)

    def components(self) -> tuple[Component, ...]:
        """Look at the machine; return what tells it from others, strongest rules applied.

        May be too little to mean anything: `describe().problem` says so, and no license can
        be bound to it. Raises UnsupportedError on a system without a reader.
        """
        return host.weigh(self._read().parts)

    def describe(self) -> Description:
        """Look at the machine; say what counts, what does not, and whether it is enough."""
        reading = self._read()
        components = host.weigh(reading.parts)
        total = sum(each.weight for each in components)
        needed = host.threshold(components)
        problem = _too_few(reading, components) if needed > total else None
        return Description(
            uri=self.uri,
            kind=self.kind,
            name=reading.name or "this machine",
            assurance="" if problem else "fingerprint",
            problem=problem,
            notes=reading.notes() + _crowd(reading, components),
            details=_details(components, needed, total),
        )

    def close(self) -> None:
        """Do nothing: a machine is not held open."""

    def __enter__(self) -> HostAttester:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _read(self) -> Reading:
        if self.root is None and not sys.platform.startswith("linux"):
            return _read_elsewhere()
        from . import linux

        return linux.read(self.root or "/")


def _read_elsewhere() -> Reading:
    if sys.platform == "win32":
        from . import windows

        return windows.read()
    elif sys.platform == "darwin":
        from . import macos

        return macos.read()
    else:
        from . import other

        return other.read()


def _too_few(reading: Reading, components: tuple[Component, ...]) -> DeviceError:
    found = host.named(each.kind for each in components) or "nothing"
    return DeviceError("HWL-HOST-TOO-FEW", found=found, left=reading.left_out())


def _crowd(reading: Reading, components: tuple[Component, ...]) -> tuple[Finding, ...]:
    from hwlock.errors import Finding

    extra = len(set(reading.parts)) - len(components)
    if not extra:
        return ()
    return (Finding("HWL-HOST-MANY", "note", what=f"{extra} more disks or adapters"),)


def _details(
    components: tuple[Component, ...], needed: int, total: int
) -> tuple[tuple[str, str], ...]:
    rows = [("points", f"{needed} of {total} must stay the same")] if needed <= total else []
    for kind in dict.fromkeys(each.kind for each in components):
        weights = [each.weight for each in components if each.kind == kind]
        count = f"{len(weights)} times " if len(weights) > 1 else ""
        rows.append((host.NAMES[kind], f"{count}{weights[0]} points"))
    return tuple(rows)
