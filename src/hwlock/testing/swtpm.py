"""A software TPM for tests, demos and integrators: swtpm, with an authority of its own.

    with SoftwareTpm(folder) as tpm:
        Guard(...)  # with the device tpm.uri; tpm.roots go into the desk's folder tpm-roots

A folder holds one TPM. Making one (manufacturing it, with EK certificates) takes about a
second, copying one a few milliseconds: make one per test session and `copy` it. A copy is a
clone, with the same keys; make two where two different TPMs are wanted.

The ports are reserved as long as the object lives, so that tests run side by side: the data
port of `uri`, and the control port after it. swtpm sets SO_REUSEADDR, as the reservation
does, and the reservation does not listen, so swtpm alone gets them. swtpm is killed with
the object that started it, and with its process, however that ends; nothing else is.
"""

from __future__ import annotations

import base64
import shutil
import socket
import subprocess
import time
from pathlib import Path

from hwlock.errors import NotFound, UnsupportedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["SoftwareTpm"]

_START_S = 10.0
_SETUP_S = 120.0
_STEP_S = 0.002
# of swtpm's control channel
_COMMAND_GET_CAPABILITY = b"\0\0\0\1"
_COMMAND_SHUTDOWN = b"\0\0\0\3"


class SoftwareTpm:
    """A swtpm whose state is in `folder`, made there when the folder has none.

    `authority` is a folder with the certificate authority that vouches for it, shared by
    several TPMs of one "maker"; by default it has one of its own. UnsupportedError where
    swtpm is not installed, NotFound where it does not start.
    """

    def __init__(self, folder: Path | str, *, authority: Path | str | None = None) -> None:
        self.folder = Path(folder)
        self.authority = Path(authority) if authority else self.folder / "authority"
        self._process: subprocess.Popen[bytes] | None = None
        self._watchdog: subprocess.Popen[bytes] | None = None
        self._reserved: tuple[socket.socket, ...] = ()
        self.port = 0
        if not self._state.is_dir() or not any(self._state.iterdir()):
            _manufacture(self._state, self.authority)

    @property
    def _state(self) -> Path:
        return self.folder / "state"

    @property
    def uri(self) -> str:
        """How hwlock names it, once it was started."""
        return f"tpm2:swtpm:host=127.0.0.1,port={self.port}"

    @property
    def tcti(self) -> str:
        """How tpm2-tools and tpm2-pytss name it."""
        return f"swtpm:host=127.0.0.1,port={self.port}"

    @property
    def roots(self) -> tuple[bytes, ...]:
        """The certificates (DER) that vouch for this TPM: what a maker would publish."""
        found = sorted(self.authority.glob("*cert.pem"))
        return tuple(der for path in found for der in _pem(path.read_text("ascii")))

    @property
    def running(self) -> bool:
        """Tell whether swtpm runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start swtpm, as a machine starts its TPM, and wait until it answers."""
        if self.running:
            return
        if not self._reserved:
            self._reserved, self.port = _reserve()
        program = _program("swtpm")
        self._process = subprocess.Popen(  # noqa: S603 - a fixed program, arguments of ours
            (
                program,
                *("socket", "--tpm2", "--tpmstate", f"dir={self._state}"),
                *("--server", f"type=tcp,port={self.port},bindaddr=127.0.0.1"),
                *("--ctrl", f"type=tcp,port={self.port + 1},bindaddr=127.0.0.1"),
                *("--flags", "not-need-init,startup-clear"),
                *("--log", f"file={self.folder / 'swtpm.log'}"),
            ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._watchdog = _watchdog(self._process.pid)
        self._await()

    def stop(self, *, orderly: bool = True) -> None:
        """Stop it: after TPM2_Shutdown, or as when the power fails, which costs the clock."""
        process, self._process = self._process, None
        watchdog, self._watchdog = self._watchdog, None
        if watchdog is not None:  # first: it must never meet another process with that number
            watchdog.kill()
            watchdog.communicate()
        if process is None:
            return
        if orderly and process.poll() is None:
            self._shut_down()
        process.kill()
        process.wait()

    def snapshot(self) -> dict[str, bytes]:
        """Return the state files: what somebody who copies a virtual machine gets."""
        return {path.name: path.read_bytes() for path in self._state.iterdir() if path.is_file()}

    def restore(self, snapshot: dict[str, bytes]) -> None:
        """Put an old state back, stopping and starting where it runs: a rolled-back machine."""
        ran = self.running
        self.stop(orderly=False)
        for path in self._state.iterdir():
            path.unlink()
        for name, data in snapshot.items():
            (self._state / name).write_bytes(data)
        if ran:
            self.start()

    def copy(self, folder: Path | str) -> SoftwareTpm:
        """Return a clone in `folder`, not started: the same TPM a second time."""
        state = Path(folder) / "state"
        state.mkdir(parents=True)
        for name, data in self.snapshot().items():
            (state / name).write_bytes(data)
        return SoftwareTpm(folder, authority=self.authority)

    def close(self) -> None:
        """Stop it as if the power failed, and give its ports back."""
        self.stop(orderly=False)
        reserved, self._reserved = self._reserved, ()
        for port in reserved:
            port.close()

    def __enter__(self) -> SoftwareTpm:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _await(self) -> None:
        """Ask on the control port until swtpm answers, which it does when its TPM is ready."""
        assert self._process is not None
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if self._control(_COMMAND_GET_CAPABILITY):
                    return
            except OSError:
                pass  # nobody listens yet, or it is about to end: the loop sees which
            time.sleep(_STEP_S)
        self.close()
        raise NotFound("HWL-TPM-START", detail=f"see {self.folder / 'swtpm.log'}")

    def _control(self, command: bytes) -> bytes:
        """Send a command to the control channel; return the beginning of its answer."""
        where = ("127.0.0.1", self.port + 1)
        with socket.create_connection(where, timeout=_START_S) as control:
            control.sendall(command)
            return control.recv(4)

    def _shut_down(self) -> None:
        from hwlock.devices.tpm2 import commands
        from hwlock.devices.tpm2.channel import Channel
        from hwlock.devices.tpm2.transport import connect

        channel = Channel(connect(self.uri))
        try:
            commands.shutdown(channel)
        finally:
            channel.close()
        self._control(_COMMAND_SHUTDOWN)


def _manufacture(state: Path, authority: Path) -> None:
    """Make a TPM with EK certificates (RSA-2048, P-384) by `authority`, made when missing."""
    program, localca = _program("swtpm_setup"), _program("swtpm_localca")
    for needed in (state, authority):
        needed.mkdir(parents=True, exist_ok=True)
    folder = state.parent
    (folder / "localca.conf").write_text(
        f"statedir = {authority}\n"
        f"signingkey = {authority / 'signkey.pem'}\n"
        f"issuercert = {authority / 'issuercert.pem'}\n"
        f"certserial = {authority / 'certserial'}\n"
    )
    (folder / "localca.options").write_text(
        "--platform-manufacturer hwlock\n--platform-version 1\n--platform-model software\n"
    )
    (folder / "setup.conf").write_text(
        f"create_certs_tool = {localca}\n"
        f"create_certs_tool_config = {folder / 'localca.conf'}\n"
        f"create_certs_tool_options = {folder / 'localca.options'}\n"
    )
    log = folder / "setup.log"
    done = subprocess.run(  # noqa: S603 - a fixed program, arguments of ours
        (
            program,
            *("--tpm2", "--tpmstate", str(state), "--create-ek-cert"),
            *("--config", str(folder / "setup.conf"), "--logfile", str(log)),
        ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=_SETUP_S,
        check=False,
    )
    if done.returncode != 0:
        raise NotFound("HWL-TPM-START", detail=f"see {log}")


def _watchdog(pid: int) -> subprocess.Popen[bytes]:
    """Start what kills `pid` when this process ends: then its standard input ends.

    In a session of its own, so that what ends this process from a terminal does not end it.
    """
    script = 'read -r _; kill -KILL "$1"'
    return subprocess.Popen(  # noqa: S603 - a fixed program, arguments of ours
        ("/bin/sh", "-c", script, "hwlock-swtpm", str(pid)),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(
        name, path="/usr/bin:/usr/share/swtpm:/usr/lib/swtpm"
    )
    if found is None:
        raise UnsupportedError("HWL-TPM-INSTALL", program=name)
    return found


def _reserve() -> tuple[tuple[socket.socket, ...], int]:
    """Bind two neighboring free ports of the loopback without listening; return the first."""
    for _ in range(100):
        first = _bound(0)
        assert first is not None
        port: int = first.getsockname()[1]
        second = _bound(port + 1) if port < 65535 else None
        if second is not None:
            return (first, second), port
        first.close()
    raise NotFound("HWL-TPM-START", detail="no two neighboring ports are free")


def _bound(port: int) -> socket.socket | None:
    reserved = socket.socket()
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        reserved.bind(("127.0.0.1", port))
    except OSError:
        reserved.close()
        return None
    return reserved


def _pem(text: str) -> tuple[bytes, ...]:
    parts = text.split("-----BEGIN CERTIFICATE-----")[1:]
    return tuple(base64.b64decode(part.split("-----END")[0]) for part in parts)
