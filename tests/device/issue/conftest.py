"""A desk, and software TPMs by one maker: made once a session, copied for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hwlock.crypto.trust import Product
from hwlock.devices import tpm2
from hwlock.devices.tpm2.attester import Tpm2Attester
from hwlock.issue import pkcs8
from hwlock.issue.desk import Desk
from hwlock.testing.swtpm import SoftwareTpm


@pytest.fixture(scope="session")
def made_tpms(tmp_path_factory: pytest.TempPathFactory) -> tuple[SoftwareTpm, SoftwareTpm]:
    """Two TPMs with EK certificates of one authority, never started."""
    first = SoftwareTpm(tmp_path_factory.mktemp("first"))
    return first, SoftwareTpm(tmp_path_factory.mktemp("second"), authority=first.authority)


@pytest.fixture
def swtpm(made_tpms: tuple[SoftwareTpm, SoftwareTpm], tmp_path: Path) -> Iterator[SoftwareTpm]:
    """A running TPM of this test's own."""
    with made_tpms[0].copy(tmp_path / "tpm") as running:
        yield running


@pytest.fixture
def device(swtpm: SoftwareTpm) -> Iterator[Tpm2Attester]:
    """That TPM, opened."""
    with tpm2.open(swtpm.uri) as opened:
        yield opened


@pytest.fixture
def other_device(
    made_tpms: tuple[SoftwareTpm, SoftwareTpm], tmp_path: Path
) -> Iterator[Tpm2Attester]:
    """Another TPM, opened."""
    with made_tpms[1].copy(tmp_path / "other") as running, tpm2.open(running.uri) as opened:
        yield opened


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk with the product acme-cad, which believes no maker of TPMs."""
    monkeypatch.setattr(pkcs8, "COST", (2, 8, 1))
    desk = Desk.init(str(tmp_path / "desk"), name="Acme", passphrase="correct horse")
    desk.add_product("acme-cad", name="Acme CAD")
    return desk


@pytest.fixture
def product(desk: Desk) -> Product:
    """The product acme-cad."""
    return desk.product("acme-cad")


@pytest.fixture
def trusting(desk: Desk, swtpm: SoftwareTpm, tmp_path: Path) -> Desk:
    """The desk, after the vendor put the maker's certificates into tpm-roots."""
    for number, der in enumerate(swtpm.roots):
        (tmp_path / "desk" / "tpm-roots" / f"{number}.der").write_bytes(der)
    return desk
