"""Machines that a test may pull apart, a vendor's desk outside them, and who sits at them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from vm import payload
from vm.agent import Agent, Done
from vm.computer import Computer, make_home
from vm.image import Image, folder

from hwlock.testing.swtpm import SoftwareTpm

Boot = Callable[..., Computer]


class Desk:
    """The vendor's desk, on the host: each command is a process, as an agent would type it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir()
        self.does("vendor", "init", "--name", "ACME Ltd")
        self.does("vendor", "product", "add", "acme-cad", "--name", "ACME CAD")
        self.does("vendor", "product", "export", "acme-cad", "-o", home / "acme-cad.hwproduct")
        self.product = (home / "acme-cad.hwproduct").read_bytes()

    def sells(self, bind: str) -> str:
        """Sell a seat for a month; return the activation key."""
        sale = ("--product", "acme-cad", "--customer", "Globex", "--days", 30, "--bind", bind)
        return str(self.does("vendor", "entitlement", "add", *sale, "--feature", "sim")["key"])

    def answers(self, request: bytes) -> bytes:
        """Answer a request file."""
        (self.home / "their.hwreq").write_bytes(request)
        answer = self.home / "for-them.hwres"
        self.does("respond", self.home / "their.hwreq", "-o", answer)
        return answer.read_bytes()

    def receives(self, receipt: bytes) -> dict[str, Any]:
        """Book a receipt file."""
        (self.home / "back.hwret").write_bytes(receipt)
        return self.does("vendor", "receive", self.home / "back.hwret")

    def does(self, *words: object) -> dict[str, Any]:
        """Run a command that must succeed; return what it says."""
        command = [sys.executable, "-m", "hwlock", *map(str, words), "--json"]
        env = {**os.environ, "HWLOCK_VENDOR": str(self.home / "desk"), "HWLOCK_PASSPHRASE": "x1"}
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        value = json.loads(done.stdout)
        assert isinstance(value, dict)
        return value


class Person:
    """Somebody who types commands in a machine, in their home there."""

    def __init__(self, agent: Agent, name: str = "root", *groups: str) -> None:
        self.agent = agent
        self.name = name
        self.groups = groups
        self.home = "/root" if name == "root" else f"/home/{name}"

    def types(self, *words: str) -> Done:
        """Run `hwlock` with these words."""
        return self.agent.run("hwlock", *words, user=self.name, groups=self.groups)

    def does(self, *words: str) -> dict[str, Any]:
        """Run a command that must succeed; return what it says."""
        done = self.types(*words, "--json")
        assert done.status == 0, done
        return done.json

    def python(self, program: str, *words: str) -> Done:
        """Run a program that imports hwlock."""
        env = {"PYTHONPATH": "/opt/hwlock"}
        command = ("python3", "-c", program, *words)
        return self.agent.run(*command, user=self.name, groups=self.groups, env=env)

    def activates(self, desk: Desk, bind: str, *request: str) -> dict[str, Any]:
        """Carry the files between this machine and the desk; return what `activate` says."""
        key = desk.sells(bind)
        self.agent.write(f"{self.home}/acme-cad.hwproduct", desk.product, user=self.name)
        asked = ("--product", "acme-cad.hwproduct", "--key", key, "-o", "my.hwreq")
        self.does("request", *asked, *request)
        answer = desk.answers(self.agent.read(f"{self.home}/my.hwreq"))
        self.agent.write(f"{self.home}/my.hwres", answer, user=self.name)
        return self.does("activate", "my.hwres")

    def codes(self, *words: str) -> dict[str, str]:
        """Run a command that shows findings; return its codes with their sentences."""
        said = self.types(*words, "--json").json
        return {each["code"]: each["message"] for each in said["findings"]}


@pytest.fixture(scope="session")
def boot() -> Boot:
    """Boot a machine: like Computer, with disks that `tools/run vm` has made."""
    image = Image(folder())
    disk = payload.disk(payload.sources())
    assert os.path.exists(disk), "no disk with hwlock of these sources: tools/run vm makes it"
    return lambda home, **more: Computer(image, disk, str(home), **more)


@pytest.fixture(scope="session")
def tpm(tmp_path_factory: pytest.TempPathFactory) -> SoftwareTpm:
    """A TPM with certificates of its maker, for one machine."""
    return SoftwareTpm(tmp_path_factory.mktemp("tpm"))


@pytest.fixture(scope="session")
def booted(
    boot: Boot, tpm: SoftwareTpm, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Computer]:
    """A machine with a TPM, and a snapshot of it as it came up."""
    home = make_home(str(tmp_path_factory.mktemp("station") / "home"))
    with boot(home, tpm=str(tpm.folder / "state"), scratch=True) as computer:
        computer.save("fresh")
        computer.qmp.do("stop")
        yield computer


@contextmanager
def as_it_came_up(booted: Computer) -> Iterator[Computer]:
    """Put the machine back to its snapshot, let it run, and pull out what was left in."""
    booted.qmp.do("cont")
    booted.load("fresh")
    try:
        yield booted
    finally:
        booted.unplug_all()
        booted.qmp.do("stop")  # it costs nothing while other machines work


@pytest.fixture
def station(booted: Computer) -> Iterator[Computer]:
    """The machine with a TPM, as it came up, with nobody's files on it."""
    with as_it_came_up(booted) as computer:
        yield computer


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory, tpm: SoftwareTpm) -> Desk:
    """A vendor's desk that trusts the maker of the TPM."""
    desk = Desk(tmp_path_factory.mktemp("desk") / "vendor")
    roots = desk.home / "desk" / "tpm-roots"
    roots.mkdir(exist_ok=True)
    for number, der in enumerate(tpm.roots):
        (roots / f"{number}.cer").write_bytes(der)
    return desk
