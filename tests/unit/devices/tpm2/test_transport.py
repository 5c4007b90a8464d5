"""Wires without a TPM: what names one, and every way in which one can be missing."""

from __future__ import annotations

import errno
import os
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from hwlock.devices import tpm2
from hwlock.devices.tpm2.transport import connect, linux, windows
from hwlock.devices.tpm2.transport.linux import DeviceNode
from hwlock.devices.tpm2.transport.swtpm import SwtpmSocket
from hwlock.errors import (
    AccessDenied,
    BadAnswer,
    Busy,
    DeviceError,
    HwlockError,
    NotFound,
    Removed,
    UnsupportedError,
    UsageError,
)


@pytest.mark.parametrize(
    "uri",
    [
        "tpm",
        "tpm2",
        "tpm2:device",
        "tpm2:device:tpmrm0",
        "tpm2:swtpm:port=0",
        "tpm2:swtpm:port=65536",
        "tpm2:swtpm:port=1e3",
        "tpm2:swtpm:port=²",
        "tpm2:swtpm:port=99999999999999999999",
        "tpm2:swtpm:host=",
        "tpm2:swtpm:user=x",
        "tpm2:swtpm:host=a\nb",
        "tpm2:swtpm:host=a\udc80b",
        "tpm2:swtpm:port=1,",
        "tpm2:other:1",
        "piv:",
    ],
)
def test_bad_names(uri: str) -> None:
    """What names no TPM is refused, with the forms that do."""
    with pytest.raises(UsageError) as caught:
        connect(uri)
    assert "tpm2:swtpm:host=" in caught.value.hint


def test_nobody_listens() -> None:
    """A port where nobody listens is a TPM that is not there."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(NotFound) as caught:
            connect(f"tpm2:swtpm:port={taken.getsockname()[1]}")
    assert caught.value.code == "HWL-TPM-SWTPM"


def test_no_such_node(tmp_path: Path) -> None:
    """A path without anything is no TPM."""
    with pytest.raises(NotFound) as caught:
        connect(f"tpm2:device:{tmp_path}/tpmrm0")
    assert caught.value.code == "HWL-TPM-ABSENT"


def test_file_is_no_node(tmp_path: Path) -> None:
    """A file is never written to, whatever it is called."""
    path = tmp_path / "tpmrm0"
    path.write_bytes(b"precious")
    with pytest.raises(NotFound) as caught:
        connect(f"tpm2:device:{path}")
    assert caught.value.code == "HWL-TPM-NODE"
    assert path.read_bytes() == b"precious"
    with pytest.raises(NotFound):
        connect(f"tpm2:device:{tmp_path}")


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.EACCES, AccessDenied),
        (errno.EPERM, AccessDenied),
        (errno.EBUSY, Busy),
        (errno.ENOENT, NotFound),
        (errno.ENODEV, Removed),
        (errno.EINVAL, NotFound),
    ],
)
def test_refused_open(tmp_path: Path, number: int, kind: type[DeviceError]) -> None:
    """Each way in which a node does not open has its own class."""
    refused = linux.refusal(str(tmp_path), OSError(number, os.strerror(number)))
    assert type(refused) is kind


def test_denied_names_the_group(tmp_path: Path) -> None:
    """Who may not use the node learns which group may."""
    import grp

    path = tmp_path / "tpmrm0"
    path.touch()
    denied = linux.refusal(str(path), OSError(errno.EACCES, "no"))
    assert f"usermod -aG {grp.getgrgid(path.stat().st_gid).gr_name} " in denied.hint
    assert "usermod -aG tss " in linux.refusal("/nowhere", OSError(errno.EACCES, "no")).hint


def test_scan_opens_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that is not permitted is listed with its problem; none is opened."""
    path = tmp_path / "tpmrm0"
    path.touch()

    def refuse(*_: object, **__: object) -> Any:
        raise AssertionError("opened")

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(os, "access", lambda *_: False)
    (found,) = tpm2.scan_nodes((str(tmp_path / "none"), str(path)))
    assert (found.uri, found.assurance) == ("tpm2:", "")
    assert isinstance(found.problem, AccessDenied)
    monkeypatch.setattr(os, "access", lambda *_: True)
    (found,) = tpm2.scan_nodes((str(path),))
    assert (found.problem, found.assurance) == (None, "key")
    assert list(tpm2.scan_nodes(())) == []


def test_no_own_tpm(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a TPM says where it may be switched on."""
    monkeypatch.setattr(linux, "NODES", ())
    with pytest.raises(NotFound) as caught:
        tpm2.open("tpm2:")
    assert caught.value.code == "HWL-TPM-NONE"
    assert "firmware" in caught.value.hint


@pytest.fixture
def peer() -> Any:
    """A swtpm of one's own making: returns a connected wire and the server's end."""
    server = socket.create_server(("127.0.0.1", 0))
    wire = SwtpmSocket("127.0.0.1", server.getsockname()[1], timeout_s=0.05)
    end, _ = server.accept()
    yield wire, end
    for each in (wire, end, server):
        each.close()


def test_answer_in_pieces(peer: Any) -> None:
    """An answer that arrives byte by byte is put together."""
    wire, end = peer
    answer = bytes.fromhex("80010000000c000000001234")

    def send() -> None:
        for byte in answer:
            end.sendall(bytes([byte]))

    sender = threading.Thread(target=send)
    sender.start()
    assert wire.exchange(b"x" * 10) == answer
    sender.join()


def test_silent_tpm(peer: Any) -> None:
    """A TPM that does not answer in time is busy."""
    with pytest.raises(Busy):
        peer[0].exchange(b"x" * 10)


@pytest.mark.parametrize("size", ["00000009", "00001001", "ffffffff"])
def test_absurd_size(peer: Any, size: str) -> None:
    """A size that no answer has is refused before anything is read for it."""
    peer[1].sendall(bytes.fromhex("8001" + size + "00000000"))
    with pytest.raises(BadAnswer):
        peer[0].exchange(b"x" * 10)


def test_vanishing_tpm(peer: Any) -> None:
    """A connection that ends in the middle of an answer is a device that was removed."""
    peer[1].sendall(bytes.fromhex("80010000000c00000000"))
    peer[1].close()
    with pytest.raises(Removed):
        peer[0].exchange(b"x" * 10)


class Library:
    """tbs.dll that answers every call with one result."""

    def __init__(self, create: int = 0, submit: int = 0, version: int = 2) -> None:
        self.create, self.submit, self.version = create, submit, version

    def Tbsi_Context_Create(self, *_: object) -> int:
        """Return the result to test."""
        return self.create

    def Tbsip_Submit_Command(self, *_: object) -> int:
        """Return the result to test."""
        return self.submit

    def Tbsip_Context_Close(self, *_: object) -> int:
        """Return success."""
        return 0

    def Tbsi_GetDeviceInfo(self, size: int, info: Any) -> int:
        """Fill in the version of the TPM."""
        assert size == 16
        info._obj[1] = self.version
        return self.create


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        (0x8028400F, NotFound),
        (0x80284008, NotFound),
        (0x80284010, NotFound),
        (0x80284012, AccessDenied),
        (0x80280400, AccessDenied),
        (0x80284009, Busy),
        (0x8028400B, Busy),
        (0x80284006, Removed),
        (0x80284001, BadAnswer),
        (-2144845809, NotFound),  # 0x8028400F, as ctypes returns an int
    ],
)
def test_tbs_results(result: int, kind: type[DeviceError]) -> None:
    """Each result of TBS has its class, on opening and on a command."""
    with pytest.raises(HwlockError) as caught:
        windows.TbsContext(Library(create=result))
    assert type(caught.value) is kind
    context = windows.TbsContext(Library(submit=result))
    with pytest.raises(HwlockError) as caught:
        context.exchange(b"")
    assert type(caught.value) is kind


def test_tbs_elsewhere() -> None:
    """Where there is no tbs.dll, TBS is not supported, and no TPM is listed."""
    with pytest.raises(UnsupportedError):
        windows.TbsContext()
    assert not windows.is_present()


def test_tbs_version() -> None:
    """Only a TPM 2.0 counts."""
    assert windows.is_present(Library())
    assert not windows.is_present(Library(version=1))
    assert not windows.is_present(Library(create=0x8028400F))


def test_closed_node_is_gone() -> None:
    """A node that was closed does not answer, nor write into what has its number now."""
    master, slave = os.openpty()
    node = DeviceNode(os.ttyname(slave))
    node.close()
    with pytest.raises(Removed):
        node.exchange(b"")
    os.close(master)
    os.close(slave)
