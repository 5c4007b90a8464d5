"""The machine itself as an anchor: its fingerprint.

A fingerprint costs nothing and needs no device, and it proves the least: whoever controls
the machine can show another's values. Its assurance is `fingerprint`. The kinds and weights
of components, and when two machines are one, stand in `hwlock.evidence.host`.

URIs: `host:` is this machine; `host:root=/FOLDER` a Linux system whose sys, proc, etc and
run are mounted under that folder (a container that sees its host, or a test).

One reader per operating system: `linux`, `windows`, `macos`, and `other` for the rest of
Unix. All obey one rule: only what an ordinary user can read counts, so that root, a service
and every user get the same fingerprint. What was left out, and why, are the notes of
`describe()`.
"""

from __future__ import annotations

from hwlock.errors import UsageError

from .attester import HostAttester

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hwlock.devices.base import Description

__all__ = ["HostAttester", "open", "scan"]


def scan() -> Iterator[Description]:
    """Yield the one machine that is always here."""
    yield HostAttester().describe()


def open(uri: str) -> HostAttester:
    """Return the machine that `uri` names; UsageError, NotFound where the root is none."""
    if uri == "host:":
        return HostAttester()
    if not uri.startswith("host:root=/"):
        raise UsageError("HWL-HOST-URI", uri=uri)
    attester = HostAttester(uri.removeprefix("host:root="))
    attester.require_root()
    return attester
