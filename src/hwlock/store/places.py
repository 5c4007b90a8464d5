r"""Where the stores of this machine are.

Two roots: one per user, one for the whole machine, which an administrator fills and
everybody reads. `HWLOCK_HOME` replaces the first, `HWLOCK_SYSTEM_HOME` the second:

========  ======================================  ===============================
system    user's root                             machine's root
========  ======================================  ===============================
Linux     $XDG_DATA_HOME/hwlock, or               /var/lib/hwlock
          ~/.local/share/hwlock
macOS     ~/Library/Application Support/hwlock    /Library/Application Support/hwlock
Windows   %LOCALAPPDATA%\hwlock                    %PROGRAMDATA%\hwlock
========  ======================================  ===============================

An empty variable counts as unset. Nothing here touches the disk.
"""

from __future__ import annotations

import os
import sys

from hwlock.errors import StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["system_root", "user_root"]

_NAME = "hwlock"


def user_root(env: Mapping[str, str] | None = None, *, platform: str = sys.platform) -> str:
    """Return the absolute path of this user's root; StoreError where the user has no home."""
    env = os.environ if env is None else env
    chosen = env.get("HWLOCK_HOME")
    if chosen:
        return os.path.abspath(chosen)
    if platform == "win32":
        return _under(_variable(env, "LOCALAPPDATA"), _NAME)
    if platform == "darwin":
        return _under(_home(env), "Library", "Application Support", _NAME)
    data = env.get("XDG_DATA_HOME", "")
    if os.path.isabs(data):  # the specification has relative ones ignored
        return _under(data, _NAME)
    return _under(_home(env), ".local", "share", _NAME)


def system_root(env: Mapping[str, str] | None = None, *, platform: str = sys.platform) -> str:
    """Return the absolute path of the root that all users of this machine share."""
    env = os.environ if env is None else env
    chosen = env.get("HWLOCK_SYSTEM_HOME")
    if chosen:
        return os.path.abspath(chosen)
    if platform == "win32":
        return _under(_variable(env, "PROGRAMDATA"), _NAME)
    if platform == "darwin":
        return _under("/Library/Application Support", _NAME)
    return _under("/var/lib", _NAME)


def _variable(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "")
    if not value:
        raise StoreError("HWL-STORE-HOME", reason=f"the variable {name} is not set")
    return value


def _home(env: Mapping[str, str]) -> str:
    """Return HOME, or what the user database says: a service often has no HOME."""
    home = env.get("HOME", "")
    if os.path.isabs(home):
        return home
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError as exc:
        reason = "HOME is not set and the user database does not know this user"
        raise StoreError("HWL-STORE-HOME", reason=reason) from exc


def _under(*parts: str) -> str:
    return os.path.abspath(os.path.join(*parts))
