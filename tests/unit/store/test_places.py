"""Where the stores are."""

from __future__ import annotations

import os

import pytest

from hwlock.errors import StoreError
from hwlock.store import places

HOME = {"HOME": "/home/ann", "LOCALAPPDATA": "/c/Local", "PROGRAMDATA": "/c/ProgramData"}


@pytest.mark.parametrize(
    ("platform", "user", "system"),
    [
        ("linux", "/home/ann/.local/share/hwlock", "/var/lib/hwlock"),
        ("freebsd14", "/home/ann/.local/share/hwlock", "/var/lib/hwlock"),
        (
            "darwin",
            "/home/ann/Library/Application Support/hwlock",
            "/Library/Application Support/hwlock",
        ),
        ("win32", "/c/Local/hwlock", "/c/ProgramData/hwlock"),
    ],
)
def test_each_system_has_its_own_places(platform: str, user: str, system: str) -> None:
    """The roots are where each operating system wants the data of programs."""
    assert places.user_root(HOME, platform=platform) == user
    assert places.system_root(HOME, platform=platform) == system


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_variables_win_everywhere(platform: str) -> None:
    """HWLOCK_HOME and HWLOCK_SYSTEM_HOME replace the roots, made absolute."""
    env = {**HOME, "HWLOCK_HOME": "mine/../here", "HWLOCK_SYSTEM_HOME": "/srv/licenses"}
    assert places.user_root(env, platform=platform) == os.path.abspath("here")
    assert places.system_root(env, platform=platform) == "/srv/licenses"


def test_xdg_data_home_counts_when_absolute() -> None:
    """XDG_DATA_HOME moves the user's root; a relative or empty one is ignored."""
    for value, expected in (("/data", "/data"), ("data", None), ("", None)):
        root = places.user_root({**HOME, "XDG_DATA_HOME": value, "HWLOCK_HOME": ""})
        assert root == f"{expected or '/home/ann/.local/share'}/hwlock"


def test_a_service_without_home_is_looked_up() -> None:
    """Without HOME the user database says where home is."""
    pwd = pytest.importorskip("pwd")
    home = pwd.getpwuid(os.getuid()).pw_dir
    assert places.user_root({}, platform="linux") == f"{home}/.local/share/hwlock"


def test_a_user_without_home_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user whom nobody knows learns of HWLOCK_HOME."""
    monkeypatch.setattr(os, "getuid", lambda: 4294967294)
    with pytest.raises(StoreError) as caught:
        places.user_root({}, platform="linux")
    assert caught.value.code == "HWL-STORE-HOME"
    assert "HWLOCK_HOME" in caught.value.hint


def test_windows_without_its_variables_is_told() -> None:
    """The sentence names the variable that is missing."""
    with pytest.raises(StoreError, match="PROGRAMDATA"):
        places.system_root({}, platform="win32")
