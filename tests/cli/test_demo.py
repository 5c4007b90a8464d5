"""The demo: with a software TPM or without one, and how it ends early."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest

from hwlock.cli.app import run
from hwlock.cli.output import Output
from hwlock.cli.world import World
from hwlock.errors import NotFound, UnsupportedError
from hwlock.issue import pkcs8
from hwlock.testing import swtpm

DEADLINE_S = 60.0


def shown(*words: str) -> tuple[int, str]:
    """Return exit status and everything that `hwlock demo` prints."""
    told = StringIO()
    return run(["demo", *words], World(environ={}, output=Output(told, told))), told.getvalue()


@pytest.mark.parametrize(
    "missing",
    [
        UnsupportedError("HWL-TPM-INSTALL", program="swtpm"),
        NotFound("HWL-TPM-START", detail="no room"),
    ],
    ids=["not-installed", "does-not-start"],
)
def test_without_a_tpm_the_fingerprint_is_all(
    missing: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine without any TPM sees the whole story, bound to the fingerprint alone."""

    def refuse(name: str) -> str:
        raise missing

    monkeypatch.setattr(swtpm, "_program", refuse)
    monkeypatch.setattr(pkcs8, "COST", (2, 8, 1))
    status, told = shown()
    assert (status, "everything went as it should" in told) == (0, True), told
    assert "so the fingerprint is all" in told


def test_a_folder_with_files_in_it_is_refused(tmp_path: Path) -> None:
    """`--keep` writes into a new or empty folder, and leaves others alone."""
    (tmp_path / "thesis.txt").write_text("years of work")
    status, told = shown("--keep", str(tmp_path))
    assert (status, "HWL-DEMO-FOLDER" in told) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_demo_that_is_stopped_takes_its_files_along(
    number: signal.Signals, tmp_path: Path
) -> None:
    """Ctrl-C, a service manager or a closed terminal: nothing stays behind."""
    environ = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        (sys.executable, "-m", "hwlock", "demo"),
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if "vendor$" in line:
                break
        demo.send_signal(number)
        _, err = demo.communicate(timeout=DEADLINE_S)
    assert (demo.returncode, "HWL-USAGE-ABORTED" in err) == (2, True), err
    assert list(tmp_path.iterdir()) == []


def test_a_software_tpm_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    """Even one that is killed leaves no swtpm running."""
    program = (
        "import sys; from hwlock.testing.swtpm import SoftwareTpm\n"
        "tpm = SoftwareTpm(sys.argv[1]); tpm.start()\n"
        "print(tpm._process.pid, flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        (sys.executable, "-c", program, str(tmp_path)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        owner.kill()
    deadline = time.monotonic() + DEADLINE_S
    while runs(pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def runs(pid: int) -> bool:
    """Tell whether a process lives; one that waits for somebody to collect it does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
