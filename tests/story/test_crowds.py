"""Many processes at once, and processes that die: the machine's side, with the real commands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hwlock.testing.host_tree import DESKTOP, VirtualHost

from .actors import Actor, Clock
from .test_offline_activation import sell

PROCESSES = 16


def hwlock(home: Path, *words: object) -> list[str]:
    """Return the command line of `hwlock` with these words."""
    return [sys.executable, "-m", "hwlock", *map(str, words), "--json"]


def start(home: Path, *words: object) -> subprocess.Popen[bytes]:
    """Start `hwlock` as a process of its own, with its store under `home`."""
    env = {**os.environ, "HWLOCK_HOME": str(home), "HWLOCK_SYSTEM_HOME": str(home / "none")}
    return subprocess.Popen(
        hwlock(home, *words), env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def finish(process: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    """Wait for a process; return its exit status and what it printed."""
    out, err = process.communicate(timeout=120)
    return process.returncode, out + err


@pytest.fixture
def answered(vendor: Actor, clock: Clock, tmp_path: Path) -> tuple[Path, Path]:
    """A home whose request was answered, and the response's file."""
    home, asked, response = tmp_path / "home", tmp_path / "a.hwreq", tmp_path / "a.hwres"
    host = VirtualHost(tmp_path / "hardware", DESKTOP).uri
    words = ("--product", tmp_path / "acme-cad.hwproduct", "--key", sell(vendor))
    done = start(home, "request", *words, "--device", host, "-o", asked)
    status, told = finish(done)
    assert status == 0, told
    vendor.does("respond", asked, "-o", response)
    return home, response


@pytest.mark.slow
def test_sixteen_processes_activate_and_check(answered: tuple[Path, Path]) -> None:
    """One of many activates, the others hear that it is done; nobody sees a broken store."""
    home, response = answered
    activating = [start(home, "activate", response) for _ in range(PROCESSES // 2)]
    checking = [start(home, "check") for _ in range(PROCESSES // 2)]
    told = [finish(process) for process in activating]
    seen = [finish(process) for process in checking]
    assert any(status == 0 for status, _ in told), told
    assert all(status == 0 or b"HWL-RESPONSE-USED" in out for status, out in told), told
    assert all(status == 0 or b"HWL-LICENSE-WAITING" in out for status, out in seen), seen
    assert finish(start(home, "check"))[0] == 0


@pytest.mark.slow
@pytest.mark.crash
def test_a_killed_activation_can_be_repeated(answered: tuple[Path, Path]) -> None:
    """Killed at whatever moment, the same command run again ends in a licensed machine."""
    home, response = answered
    for waiting in (0.05, 0.1, 0.15, 0.2, 0.25):
        process = start(home, "activate", response)
        try:
            process.communicate(timeout=waiting)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
    status, out = finish(start(home, "activate", response))
    assert status == 0 or b"HWL-RESPONSE-USED" in out
    assert finish(start(home, "check"))[0] == 0
