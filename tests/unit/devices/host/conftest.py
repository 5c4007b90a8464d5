"""Imaginary machines, and a license's view of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hwlock.devices import host as device
from hwlock.evidence import host
from hwlock.testing.host_tree import Machine, VirtualHost

SALT = bytes(range(16))


class Bound:
    """A machine that a license was bound to; `match` looks at it again."""

    def __init__(self, root: Path, machine: Machine) -> None:
        self.virtual = VirtualHost(root, machine)
        self.claims = host.claim(self.attester.components(), SALT)
        self.needed = host.threshold(self.claims.components)

    @property
    def attester(self) -> device.HostAttester:
        """The machine as it is now."""
        return device.open(self.virtual.uri)

    def match(self) -> host.Match:
        """Compare the machine as it is now with what the license names."""
        return host.match(self.claims.components, SALT, self.needed, self.attester.components())

    def kinds(self) -> list[str]:
        """Return the kinds of components that the machine shows now."""
        return [each.kind for each in self.attester.components()]

    def notes(self, code: str) -> str:
        """Return what the notes of one code concern, as one text."""
        notes = self.attester.describe().notes
        return "; ".join(str(note.details["what"]) for note in notes if note.code == code)


@pytest.fixture
def bind(tmp_path: Path) -> Callable[[Machine], Bound]:
    """Bind a license to an imaginary machine."""

    def make(machine: Machine) -> Bound:
        return Bound(tmp_path / "machine", machine)

    return make
