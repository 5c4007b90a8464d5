"""The demo is a test: every step is checked, and it cleans up after itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def demo(home: Path, *words: object, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run `hwlock demo` as a process of its own, with a temporary folder under `home`."""
    env = {**os.environ, "TMPDIR": str(home)}
    if path is not None:
        env["PATH"] = path
    return subprocess.run(
        [sys.executable, "-m", "hwlock", "demo", *map(str, words)],
        env=env,
        capture_output=True,
        text=True,
        timeout=240,
    )


@pytest.mark.slow
@pytest.mark.device
def test_the_demo_goes_as_it_should(tmp_path: Path) -> None:
    """With a software TPM: everything is licensed, refused and given back as it says."""
    done = demo(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "everything went as it should" in done.stdout
    assert "opens only in its TPM" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_demo_goes_without_a_tpm(tmp_path: Path) -> None:
    """Where swtpm is not installed it says so, and the fingerprint is all."""
    done = demo(tmp_path, path="/nowhere")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "so the fingerprint is all" in done.stdout
    assert "everything went as it should" in done.stdout


@pytest.mark.slow
@pytest.mark.device
def test_the_demo_leaves_its_files_when_asked(tmp_path: Path) -> None:
    """--keep leaves what can be inspected."""
    kept = tmp_path / "kept"
    assert demo(tmp_path, "--keep", kept).returncode == 0
    assert {"my.hwreq", "my.hwres", "my.hwret", "acme-cad.hwproduct", "desk"} <= {
        path.name for path in kept.iterdir()
    }
