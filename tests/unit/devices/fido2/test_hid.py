"""Keys are found in /sys, without opening one, and with the reason where one is not usable."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hwlock.devices.fido2.hid import linux_places, plain
from hwlock.errors import AccessDenied, NotFound

# FIDO HID report descriptor (CTAP 2.1 §11.2.8.1), as YubiKeys have it
FIDO = bytes.fromhex("06d0f10901a1010920150026ff007508954081020921150026ff00750895409102c0")
KEYBOARD = bytes.fromhex("05010906a101050719e029e715002501750195088102c0")


def device(root: Path, number: int, report: bytes, uevent: str, *, node: bool = True) -> None:
    """Put a hidraw device into a tree of /sys and /dev."""
    folder = root / "sys" / f"hidraw{number}" / "device"
    folder.mkdir(parents=True)
    (folder / "report_descriptor").write_bytes(report)
    (folder / "uevent").write_text(uevent)
    (root / "dev").mkdir(exist_ok=True)
    if node:
        (root / "dev" / f"hidraw{number}").touch()


YUBIKEY = "HID_ID=0003:00001050:00000407\nHID_NAME=Yubico YubiKey OTP+FIDO+CCID\nHID_UNIQ=\n"


def test_found(tmp_path: Path) -> None:
    """FIDO keys are told from keyboards by their report descriptor, in order of number."""
    device(tmp_path, 10, FIDO, YUBIKEY)
    device(tmp_path, 2, FIDO, "HID_ID=0003:0000096E:00000858\nHID_NAME=Key\nHID_UNIQ=A1\n")
    device(tmp_path, 1, KEYBOARD, "HID_NAME=Keyboard\n")
    first, second = linux_places(str(tmp_path / "sys"), str(tmp_path / "dev"))
    assert (first.name, first.serial, first.problem) == ("Key", "A1", None)
    assert (second.name, second.serial) == ("Yubico YubiKey OTP+FIDO+CCID", "")
    assert second.path == str(tmp_path / "dev" / "hidraw10")


def test_not_permitted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that this user may not open is shown, with what to install."""
    device(tmp_path, 0, FIDO, YUBIKEY)
    monkeypatch.setattr(os, "access", lambda *_: False)
    (found,) = linux_places(str(tmp_path / "sys"), str(tmp_path / "dev"))
    assert isinstance(found.problem, AccessDenied)
    assert "udev" in found.problem.hint


def test_in_a_container(tmp_path: Path) -> None:
    """A key that /sys shows and /dev does not is one that was not passed into a container."""
    device(tmp_path, 0, FIDO, YUBIKEY, node=False)
    (found,) = linux_places(str(tmp_path / "sys"), str(tmp_path / "dev"))
    assert isinstance(found.problem, NotFound)
    assert "container" in found.problem.hint


@pytest.mark.parametrize("report", [b"", b"\x06", FIDO[:10], b"\xff" * 5000])
def test_broken_descriptors(tmp_path: Path, report: bytes) -> None:
    """A descriptor that cannot be read is no key, and does not hide others."""
    device(tmp_path, 0, report, YUBIKEY)
    device(tmp_path, 1, FIDO, "HID_ID=nonsense\n")
    found = linux_places(str(tmp_path / "sys"), str(tmp_path / "dev"))
    assert [place.name for place in found] == ["security key"]


def test_nothing(tmp_path: Path) -> None:
    """A machine without HID devices has none."""
    assert linux_places(str(tmp_path / "sys"), str(tmp_path / "dev")) == ()


def test_names_are_made_plain() -> None:
    """What a device calls itself cannot command a terminal, or fill a request."""
    assert plain("Key\x1b[2J\n\u202eevil") == "Key[2Jevil"
    assert len(plain("x" * 500)) == 64
