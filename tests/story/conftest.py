"""Fixtures of the stories: a desk, machines, software TPMs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hwlock.testing.swtpm import SoftwareTpm

from .actors import Actor, Clock, at_desk


@pytest.fixture
def clock() -> Clock:
    """The clock of everybody in the story."""
    return Clock()


@pytest.fixture
def vendor(tmp_path: Path, clock: Clock) -> Actor:
    """Somebody at the vendor's desk, with the product file acme-cad.hwproduct exported."""
    desk = at_desk(tmp_path / "vendor", clock)
    desk.does("vendor", "product", "export", "acme-cad", "-o", tmp_path / "acme-cad.hwproduct")
    return desk


@pytest.fixture(scope="session")
def made_tpms(tmp_path_factory: pytest.TempPathFactory) -> tuple[SoftwareTpm, SoftwareTpm]:
    """Two software TPMs, manufactured once and never started: tests start copies."""
    folder = tmp_path_factory.mktemp("tpms")
    tpms = []
    for name in ("first", "second"):
        with SoftwareTpm(folder / name) as tpm:
            tpms.append(tpm)
    return tpms[0], tpms[1]


@pytest.fixture
def tpms(
    made_tpms: tuple[SoftwareTpm, SoftwareTpm], tmp_path: Path
) -> Iterator[tuple[SoftwareTpm, SoftwareTpm]]:
    """Two running software TPMs of this test alone."""
    with (
        made_tpms[0].copy(tmp_path / "tpm1") as first,
        made_tpms[1].copy(tmp_path / "tpm2") as second,
    ):
        yield first, second
