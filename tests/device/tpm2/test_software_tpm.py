"""The helper that integrators use: a software TPM that comes, goes, and is copied."""

from __future__ import annotations

import shutil
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hwlock.devices import tpm2
from hwlock.devices.tpm2 import commands
from hwlock.errors import NotFound, UnsupportedError
from hwlock.testing.swtpm import SoftwareTpm

pytestmark = pytest.mark.device


def ek_name(swtpm: SoftwareTpm) -> bytes:
    """Return what names the TPM: its RSA EK."""
    with tpm2.open(swtpm.uri) as device:
        return commands.read_public(device.tpm, 0x81010001).name


def test_many_at_once(made: SoftwareTpm, tmp_path: Path) -> None:
    """TPMs that start at the same time get ports of their own, and are told apart."""

    def life(number: int) -> int:
        with made.copy(tmp_path / str(number)) as running:
            with tpm2.open(running.uri) as device:
                counter = device.counter(0x01800000)
                counter.define()
                for _ in range(number):
                    counter.increment()
            with tpm2.open(running.uri) as device:
                return device.counter(0x01800000).read()

    with ThreadPoolExecutor(4) as pool:
        first, *others = pool.map(life, range(8))
    assert others == [first + number for number in range(1, 8)]


def test_two_are_two(swtpm: SoftwareTpm, other_swtpm: SoftwareTpm) -> None:
    """Two that were made are two TPMs by one maker; a copy is the same TPM."""
    assert ek_name(swtpm) != ek_name(other_swtpm)
    assert swtpm.roots == other_swtpm.roots
    assert len(swtpm.roots) == 2


def test_reopens_its_folder(swtpm: SoftwareTpm) -> None:
    """A folder that has a TPM is used as it is."""
    name = ek_name(swtpm)
    swtpm.close()
    with SoftwareTpm(swtpm.folder, authority=swtpm.authority) as again:
        assert ek_name(again) == name


def test_keeps_its_port(swtpm: SoftwareTpm) -> None:
    """Stopping and starting keeps the URI; closing gives the port back and ends swtpm."""
    uri = swtpm.uri
    swtpm.stop()
    with pytest.raises(NotFound):
        tpm2.open(uri)
    swtpm.start()
    swtpm.start()
    assert (swtpm.uri, swtpm.running) == (uri, True)
    swtpm.close()
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", swtpm.port))


def test_does_not_start(swtpm: SoftwareTpm) -> None:
    """A state that swtpm cannot read is an error that names the log."""
    swtpm.stop()
    (swtpm.folder / "state" / "tpm2-00.permall").write_bytes(b"not a state")
    with pytest.raises(NotFound, match=r"swtpm\.log"):
        swtpm.start()
    assert not swtpm.running


def test_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where swtpm is missing, the person learns what to install."""
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(UnsupportedError) as caught:
        SoftwareTpm(tmp_path / "tpm")
    assert "swtpm-tools" in caught.value.hint
