"""What a command is given besides its arguments."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime

from hwlock.cli.output import Output
from hwlock.enforce.machine import Machine
from hwlock.record import Record

__all__ = ["World"]


class World(Record):
    """This machine, the environment, and where output goes.

    The demo and the tests make their own, with another clock or another home.
    """

    machine: Machine
    environ: Mapping[str, str]
    output: Output

    @classmethod
    def here(cls) -> World:
        """Return the world of this process."""
        return cls(machine=Machine.here(os.environ), environ=os.environ, output=Output())

    @property
    def clock(self) -> Callable[[], datetime]:
        """The time, aware UTC."""
        return self.machine.clock

    @property
    def entropy(self) -> Callable[[int], bytes]:
        """Fresh random bytes."""
        return self.machine.entropy
