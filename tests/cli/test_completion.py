"""What a shell offers when somebody presses the tab key."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m hwlock "$@"\n'


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("hwlock che", {"check"}),
        ("hwlock vendor entitlement s", {"show", "suspend"}),
        ("hwlock check --f", {"--feature"}),
        ("hwlock completion z", {"zsh"}),
    ],
)
def test_bash_completes(typed: str, offered: set[str], tmp_path: Path) -> None:
    """Commands, options and choices are offered by a real bash."""
    assert set(pressed(typed, tmp_path)[0]) == offered


@pytest.mark.parametrize("typed", ["activate my", "inspect my", "respond my", "check --product my"])
def test_bash_completes_files(typed: str, tmp_path: Path) -> None:
    """Where a file is wanted, bash is told to offer files."""
    offered, options = pressed(f"hwlock {typed}", tmp_path)
    assert offered == []
    assert "default" in options


def pressed(typed: str, folder: Path) -> tuple[list[str], str]:
    """Return what is offered after `typed`, and the options that completion sets."""
    program = folder / "hwlock"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    words = typed.split()
    script = f"""
compopt() {{ echo "options: $2"; }}
eval "$(hwlock completion bash)"
COMP_WORDS=({typed}) COMP_CWORD={len(words) - 1}
_hwlock_completion hwlock
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    environ = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}
    done = subprocess.run(
        ("bash", "-c", script), env=environ, capture_output=True, text=True, check=True, timeout=60
    )
    lines = [line for line in done.stdout.splitlines() if line]
    options = " ".join(line for line in lines if line.startswith("options:"))
    return [line for line in lines if not line.startswith("options:")], options
