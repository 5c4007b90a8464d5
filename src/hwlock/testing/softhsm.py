"""A PKCS#11 token of software, for tests and integrators: SoftHSM, in a folder of its own.

    with SoftHsm(folder) as hsm:
        hsm.make_token("red")
        hsm.make_key("red", "P-256")
        Guard(...)  # with the device hsm.uri("red")

SoftHSM reads where its tokens are, and which there are, when a process first loads it. So a
process has one folder (a second one is refused), and tokens are made before the first use;
`with` sets SOFTHSM2_CONF and the module that hwlock loads. Tokens are made by softhsm2-util and
keys by OpenSC's pkcs11-tool, in processes of their own; keys may still come later.
"""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
from pathlib import Path

from hwlock.errors import NotFound, UnsupportedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["SoftHsm"]

_PATTERNS = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib*/*/softhsm/libsofthsm2.so")
_KINDS = {
    "P-256": "EC:prime256v1",
    "P-384": "EC:secp384r1",
    "Ed25519": "EC:edwards25519",
    "RSA-1024": "RSA:1024",
    "RSA-2048": "RSA:2048",
}
_TIMEOUT_S = 60.0
_CONF, _MODULE = "SOFTHSM2_CONF", "HWLOCK_PKCS11_MODULE"


class SoftHsm:
    """Tokens of SoftHSM in `folder`; UnsupportedError where it is not installed."""

    _folder: Path | None = None  # of this process

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.module = _module()
        self._before: dict[str, str | None] = {}
        (self.folder / "tokens").mkdir(parents=True, exist_ok=True)
        self.conf = self.folder / "softhsm2.conf"
        self.conf.write_text(
            f"directories.tokendir = {self.folder / 'tokens'}\n"
            "objectstore.backend = file\nlog.level = ERROR\nslots.removable = true\n"
        )

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs in its environment to see these tokens."""
        return {_CONF: str(self.conf), _MODULE: self.module}

    def make_token(self, label: str, *, pin: str = "123456", so_pin: str = "12345678") -> None:
        """Make a token."""
        self._run(
            "softhsm2-util", "--init-token", "--free", "--label", label,
            "--so-pin", so_pin, "--pin", pin,
        )  # fmt: skip

    def make_key(
        self, token: str, kind: str, *, label: str = "license", identity: str = "01",
        pin: str = "123456",
    ) -> None:  # fmt: skip
        """Make a key of `kind` (P-256, P-384, Ed25519, RSA-1024, RSA-2048) on a token."""
        self._run(
            "pkcs11-tool", "--module", self.module, "--token-label", token, "--login",
            "--pin", pin, "--keypairgen", "--key-type", _KINDS[kind], "--label", label,
            "--id", identity,
        )  # fmt: skip

    def put(self, token: str, path: Path | str, kind: str, *, identity: str = "01") -> None:
        """Write a DER file to a token as an object of `kind` (cert, privkey, pubkey)."""
        self._run(
            "pkcs11-tool", "--module", self.module, "--token-label", token, "--login",
            "--pin", "123456", "--write-object", str(path), "--type", kind, "--id", identity,
            "--label", "license",
        )  # fmt: skip

    def remove_token(self, label: str) -> None:
        """Delete a token for good; a loaded module fails with it at its next use."""
        self._run("softhsm2-util", "--delete-token", "--token", label)

    def uri(self, token: str, module: bool = False) -> str:
        """How hwlock names a token, with its module where the environment does not say it."""
        query = f"?module-path={self.module}" if module else ""
        return f"pkcs11:token={token}{query}"

    def __enter__(self) -> Self:
        if SoftHsm._folder not in (None, self.folder):
            raise NotFound("HWL-PKCS11-MODULE", path=f"{self.folder} (a second SoftHSM)")
        SoftHsm._folder = self.folder
        self._before = {name: os.environ.get(name) for name in self.environment}
        os.environ.update(self.environment)
        return self

    def __exit__(self, *exc: object) -> None:
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    def _run(self, program: str, *arguments: str) -> str:
        found = shutil.which(program)
        if found is None:
            raise UnsupportedError("HWL-PKCS11-INSTALL", program=program)
        done = subprocess.run(  # noqa: S603 - a fixed program, arguments of a test
            (found, *arguments),
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        if done.returncode != 0:
            raise NotFound("HWL-PKCS11-MODULE", path=f"{program}: {done.stderr.strip()[:200]}")
        return done.stdout


def _module() -> str:
    for pattern in _PATTERNS:
        for path in sorted(glob.glob(pattern)):
            return path
    raise UnsupportedError("HWL-PKCS11-INSTALL", program="softhsm2")
