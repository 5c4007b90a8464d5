"""Two machines, each with a TPM of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hwlock.devices import tpm2
from hwlock.devices.tpm2.attester import Tpm2Attester
from hwlock.testing.swtpm import SoftwareTpm


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> SoftwareTpm:
    """The victim's TPM, never started."""
    return SoftwareTpm(tmp_path_factory.mktemp("victim"))


@pytest.fixture(scope="session")
def other_made(tmp_path_factory: pytest.TempPathFactory, made: SoftwareTpm) -> SoftwareTpm:
    """The attacker's TPM, by the same maker, never started."""
    return SoftwareTpm(tmp_path_factory.mktemp("attacker"), authority=made.authority)


@pytest.fixture
def victim(made: SoftwareTpm, tmp_path: Path) -> Iterator[Tpm2Attester]:
    """The licensed machine's TPM, open."""
    with made.copy(tmp_path / "victim") as running, tpm2.open(running.uri) as device:
        yield device


@pytest.fixture
def attacker(other_made: SoftwareTpm, tmp_path: Path) -> Iterator[Tpm2Attester]:
    """The attacker's own TPM, open."""
    with other_made.copy(tmp_path / "attacker") as running, tpm2.open(running.uri) as device:
        yield device
