"""Runs in the guest as root: starts programs for the test that sits outside, as any user.

One JSON object a line, both ways, over a virtio-serial port. A request has an `id` and one of
  run     [word, ...]   answered by {id, status, out, err} when the program has ended
  start   [word, ...]   answered by {id, pid}; then {of: id, line}..., at last {of: id, status}
  signal  [pid, number] answered by {id}
and for the first two: user, groups, env, input, timeout_s. Bytes travel in base64.
"""

from __future__ import annotations

import base64
import glob
import json
import os
import pwd
import subprocess
import threading
import time
from typing import Any, BinaryIO

_PORTS = "/sys/class/virtio-ports/*/name"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

Request = dict[str, Any]


def _find_port() -> BinaryIO:
    """Open our port; the host names its ports some time after the driver has come up."""
    while True:
        for path in glob.glob(_PORTS):
            with open(path) as file:
                if file.read().strip() == "hwlock":
                    return open(f"/dev/{path.split('/')[-2]}", "r+b", buffering=0)
        time.sleep(0.02)


class Agent:
    """Serves what comes over `port`, each request in a thread of its own."""

    def __init__(self, port: BinaryIO) -> None:
        self._port = port
        self._answering = threading.Lock()

    def serve(self) -> None:
        """Answer until nobody is outside any more."""
        self._answer(ready=True)
        rest = b""
        while data := os.read(self._port.fileno(), 65536):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                threading.Thread(target=self._one, args=(json.loads(line),), daemon=True).start()

    def _answer(self, **said: Any) -> None:
        line = json.dumps(said).encode() + b"\n"
        with self._answering:
            while line:
                line = line[self._port.write(line) :]

    def _one(self, request: Request) -> None:
        try:
            if "run" in request:
                self._run(request)
            elif "start" in request:
                self._start(request)
            else:
                os.kill(*request["signal"])
                self._answer(id=request["id"])
        except Exception as exc:  # whatever it is, the test shall read it
            self._answer(id=request["id"], error=f"{type(exc).__name__}: {exc}")

    def _run(self, request: Request) -> None:
        pipe = subprocess.PIPE
        process = _popen(request["run"], request, stdin=pipe, stdout=pipe, stderr=pipe)
        given = base64.b64decode(request.get("input", ""))
        try:
            out, err = process.communicate(given, timeout=request.get("timeout_s", 60))
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            err += b"\nthe agent lost patience"
        texts = {
            name: base64.b64encode(text).decode() for name, text in (("out", out), ("err", err))
        }
        self._answer(id=request["id"], status=process.returncode, **texts)

    def _start(self, request: Request) -> None:
        process = _popen(
            request["start"],
            request,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._answer(id=request["id"], pid=process.pid)
        assert process.stdout is not None
        for line in process.stdout:
            self._answer(of=request["id"], line=line.decode("utf-8", "replace").rstrip("\n"))
        self._answer(of=request["id"], status=process.wait())


def _popen(words: list[str], request: Request, **more: Any) -> subprocess.Popen[bytes]:
    name = request.get("user") or "root"
    home = pwd.getpwnam(name).pw_dir
    env = {"PATH": _PATH, "HOME": home, "USER": name, "LANG": "C.UTF-8", **request.get("env", {})}
    if name != "root":
        more |= {"user": name, "group": name, "extra_groups": request.get("groups", [])}
    return subprocess.Popen(words, env=env, cwd=home, **more)


if __name__ == "__main__":
    Agent(_find_port()).serve()
