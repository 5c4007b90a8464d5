"""Software TPMs: made once a session, copied for each test."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hwlock.devices import tpm2
from hwlock.devices.tpm2.attester import Tpm2Attester
from hwlock.testing.swtpm import SoftwareTpm

Tool = Callable[..., str]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> SoftwareTpm:
    """A TPM with EK certificates, never started."""
    return SoftwareTpm(tmp_path_factory.mktemp("tpm"))


@pytest.fixture(scope="session")
def other_made(tmp_path_factory: pytest.TempPathFactory, made: SoftwareTpm) -> SoftwareTpm:
    """Another TPM by the same maker, never started."""
    return SoftwareTpm(tmp_path_factory.mktemp("other"), authority=made.authority)


@pytest.fixture
def swtpm(made: SoftwareTpm, tmp_path: Path) -> Iterator[SoftwareTpm]:
    """A running TPM of this test's own."""
    with made.copy(tmp_path / "tpm") as running:
        yield running


@pytest.fixture
def other_swtpm(other_made: SoftwareTpm, tmp_path: Path) -> Iterator[SoftwareTpm]:
    """Another running TPM."""
    with other_made.copy(tmp_path / "other") as running:
        yield running


@pytest.fixture
def device(swtpm: SoftwareTpm) -> Iterator[Tpm2Attester]:
    """The TPM, opened."""
    with tpm2.open(swtpm.uri) as opened:
        yield opened


@pytest.fixture
def tool(swtpm: SoftwareTpm, tmp_path: Path) -> Tool:
    """Run a program of tpm2-tools against the TPM, in the test's folder; its output.

    swtpm serves one client at a time, so no hwlock device may be open meanwhile.
    """

    def run(*arguments: str) -> str:
        environ = {**os.environ, "TPM2TOOLS_TCTI": swtpm.tcti}
        done = subprocess.run(
            arguments, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
