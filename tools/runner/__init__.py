"""What stands behind `tools/run`: standard library only, so that a bare machine can start it.

`main` knows the verbs, `machine` what the system must have, `venv` where Python lives,
`steps` how a piece of work is shown, `stages` what CI checks, `package` what is shipped,
`ring` what runs in a machine of its own.
"""

from __future__ import annotations

import os
import sys

__all__ = ["BASE", "BIN", "PYTHON", "TOP", "VENV", "environment", "tool"]

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# The Python that runs us. Without a PATH it does not know where it is, or, found through a /bin
# that is a link to /usr/bin, it takes / for its home and looks for its headers in /include.
BASE = os.path.realpath(sys.executable or "/proc/self/exe")
VENV = os.path.join(TOP, ".venv")
BIN = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
PYTHON = os.path.join(BIN, "python.exe" if os.name == "nt" else "python")

_SYSTEM = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


def tool(name: str) -> str:
    """Return the path of a console script of the project's own Python."""
    return os.path.join(BIN, name + (".exe" if os.name == "nt" else ""))


def environment() -> dict[str, str]:
    """Return the environment for every command: the caller's, with a PATH that finds tools.

    An empty environment has no PATH, and a user's often lacks the sbin folders, where
    some of what we start lives.
    """
    env = dict(os.environ)
    path = [entry for entry in env.get("PATH", "").split(os.pathsep) if entry]
    if sys.platform != "win32":
        path += [entry for entry in _SYSTEM if entry not in path]
    env["PATH"] = os.pathsep.join(path)
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    env.pop("PYTHONPATH", None)
    env.pop("PYTHONHOME", None)
    return env
