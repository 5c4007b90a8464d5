"""Somebody who types commands, for tests: a machine of their own, and what they are told."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from io import StringIO
from pathlib import Path
from typing import Any

from hwlock.cli.app import run
from hwlock.cli.output import Output
from hwlock.cli.world import World
from hwlock.enforce.machine import Machine
from hwlock.testing.dongles import Sockets
from hwlock.testing.host_tree import Machine as Hardware
from hwlock.testing.host_tree import VirtualHost


class Clock:
    """A clock that a test can turn; `ahead` of the time at which the test began."""

    def __init__(self) -> None:
        self.begin = datetime.now(timezone.utc)
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        """Return the time, aware UTC."""
        return self.begin + self.ahead


@dataclass
class Told:
    """What one command did: its exit status, and everything it printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value

    @property
    def codes(self) -> set[str]:
        """Every code of a finding or error that was told."""
        words = (self.out + " " + self.err).replace('"', " ").replace("]", " ").replace("[", " ")
        return {word.rstrip(",") for word in words.split() if word.startswith("HWL-")}


@dataclass
class Actor:
    """A person at a machine."""

    machine: Machine
    environ: dict[str, str] = field(default_factory=dict)

    def types(self, *words: object) -> Told:
        """Run `hwlock` with these words, in this process."""
        out, err = StringIO(), StringIO()
        world = World(machine=self.machine, environ=self.environ, output=Output(out, err))
        status = run([str(word) for word in words], world)
        return Told(status, out.getvalue(), err.getvalue())

    def does(self, *words: object) -> dict[str, Any]:
        """Run a command with --json that must succeed, and return what it says."""
        told = self.types(*words, "--json")
        assert told.status == 0, (words, told)
        return told.json


def at_machine(
    home: Path,
    clock: Clock,
    hardware: Hardware | None = None,
    tpm_uri: str = "tpm2:device:/none",
    sockets: Sockets | None = None,
) -> Actor:
    """Return somebody at a machine with its own home, made of `hardware`.

    What is plugged into its `sockets` are software dongles.
    """
    plugged = sockets or Sockets()
    host_uri = "host:root=/none"
    if hardware is not None:
        host_uri = VirtualHost(home / "hardware", hardware).uri
    machine = Machine(
        user_root=str(home / "store"),
        system_root=str(home / "system"),
        clock=clock,
        host_uri=host_uri,
        key_uri=tpm_uri,
        open_dongle=plugged.open,
        scan=plugged.scan,
    )
    return Actor(machine)


def at_desk(home: Path, clock: Clock) -> Actor:
    """Return somebody at a vendor's desk that was just set up with the product acme-cad."""
    actor = at_machine(home, clock)
    actor.environ = {"HWLOCK_VENDOR": str(home / "desk"), "HWLOCK_PASSPHRASE": "correct horse"}
    actor.does("vendor", "init", "--name", "ACME Ltd")
    actor.does("vendor", "product", "add", "acme-cad", "--name", "ACME CAD")
    return actor
