"""README's first license, done as it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from hwlock.testing.host_tree import LAPTOP, VirtualHost

README = Path(__file__).parents[2] / "README.md"


def blocks(language: str) -> list[str]:
    """Return the code blocks of README's section on the first license."""
    text = README.read_text(encoding="utf-8")
    section = text[text.index("## A first license") : text.index("## Every verb")]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


def test_the_first_license_works_as_written(tmp_path: Path) -> None:
    """Every block runs in order; only the machine is an imaginary one, since CI's has no parts."""
    environ = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path / "home"),
        "HWLOCK_PASSPHRASE": "correct horse battery staple",
    }
    (tmp_path / "home").mkdir()
    uri = VirtualHost(tmp_path / "machine", LAPTOP).uri
    for block in blocks("sh"):
        script = block.replace("hwlock request", f"hwlock request --device {uri}")
        done = subprocess.run(
            ["sh", "-e", "-c", script], cwd=tmp_path, env=environ, capture_output=True, text=True
        )
        assert done.returncode == 0, (block, done.stdout, done.stderr)
        key = re.search(r"[0-9A-Z]{5}(-[0-9A-Z]{5}){4}", done.stdout)
        if key is not None:
            environ["KEY"] = key.group()
    (program,) = blocks("python")
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environ, capture_output=True, text=True
    )
    assert done.stdout.strip() == "('simulation',)", done.stderr
