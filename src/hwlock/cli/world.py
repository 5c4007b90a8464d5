"""What a command is given besides its arguments."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime

from hwlock.cli.output import Output
from hwlock.cli.person import Terminal
from hwlock.enforce.machine import Machine, system_clock
from hwlock.enforce.person import RememberedPins
from hwlock.record import replace

__all__ = ["World"]


class World:
    """This machine, the environment, and where output goes.

    The demo and the tests make their own, with another clock or another home. Without a
    `machine` it is found out when a command asks for it: one that works on files or at the
    vendor's desk needs no home.
    """

    def __init__(
        self, *, environ: Mapping[str, str], output: Output, machine: Machine | None = None
    ) -> None:
        self.environ = environ
        self.output = output
        self._machine = machine

    @classmethod
    def here(cls) -> World:
        """Return the world of this process."""
        return cls(environ=os.environ, output=Output())

    @property
    def machine(self) -> Machine:
        """This computer; StoreError where its user has no home."""
        if self._machine is None:
            person = RememberedPins(Terminal(self.output))
            self._machine = replace(Machine.here(self.environ), person=person)
        return self._machine

    @property
    def clock(self) -> Callable[[], datetime]:
        """The time, aware UTC."""
        return system_clock if self._machine is None else self._machine.clock

    @property
    def entropy(self) -> Callable[[int], bytes]:
        """Fresh random bytes."""
        return os.urandom if self._machine is None else self._machine.entropy
