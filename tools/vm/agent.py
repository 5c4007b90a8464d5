"""The outside of guest/agent.py: run programs in the guest, as any user, and watch them."""

from __future__ import annotations

import base64
import json
import socket
import time
from typing import Any

from vm.lines import Lines

__all__ = ["Agent", "Done", "Running"]


class Done:
    """A program that has ended: `status`, and what it wrote."""

    def __init__(self, words: tuple[str, ...], status: int, out: bytes, err: bytes) -> None:
        self.words = words
        self.status = status
        self.raw = out
        self.out = out.decode("utf-8", "replace")
        self.err = err.decode("utf-8", "replace")

    def __repr__(self) -> str:
        return f"{' '.join(self.words)} → {self.status}\n{self.out}{self.err}"

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


class Running:
    """A program that runs in the guest: its `lines` so far, its `status` once it has ended."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self.pid = 0
        self.lines: list[tuple[float, str]] = []
        self.status: int | None = None
        self._seen = 0

    def wait_line(self, part: str, within_s: float = 60) -> tuple[float, str]:
        """Return the next line with `part` in it, and when it came (monotonic, outside)."""
        deadline = time.monotonic() + within_s
        while True:
            for number in range(self._seen, len(self.lines)):
                if part in self.lines[number][1]:
                    self._seen = number + 1
                    return self.lines[number]
            if self.status is not None:
                raise AssertionError(f"it ended ({self.status}) without {part!r}: {self.lines}")
            self._agent.pump(deadline)

    def heard(self, part: str) -> bool:
        """Tell whether a line with `part` in it has come since the last one that was waited for."""
        return any(part in line for _, line in self.lines[self._seen :])

    def wait(self, within_s: float = 60) -> int:
        """Wait for its end; return the exit status."""
        deadline = time.monotonic() + within_s
        while self.status is None:
            self._agent.pump(deadline)
        return self.status

    def signal(self, number: int) -> None:
        """Send it a signal."""
        self._agent.ask(signal=[self.pid, number])


class Agent:
    """The connection to one guest."""

    def __init__(self, connection: socket.socket) -> None:
        self._lines = Lines(connection)
        self._last = 0
        self._answers: dict[int, dict[str, Any]] = {}
        self._running: dict[int, Running] = {}

    def wait_ready(self, within_s: float) -> None:
        """Wait until the guest is up."""
        while not self._lines.receive(within_s).get("ready"):
            pass

    def run(
        self,
        *words: str,
        user: str = "root",
        groups: tuple[str, ...] = (),
        given: bytes = b"",
        env: dict[str, str] | None = None,
        within_s: float = 60,
    ) -> Done:
        """Run a program to its end."""
        said = self.ask(
            within_s=within_s + 30,
            run=words,
            user=user,
            groups=groups,
            input=base64.b64encode(given).decode(),
            env=env or {},
            timeout_s=within_s,
        )
        out, err = (base64.b64decode(said[name]) for name in ("out", "err"))
        return Done(words, said["status"], out, err)

    def start(
        self, *words: str, user: str = "root", groups: tuple[str, ...] = (), **env: str
    ) -> Running:
        """Start a program and come back at once."""
        program = self._running[self._last + 1] = Running(self)
        program.pid = self.ask(start=words, user=user, groups=groups, env=env)["pid"]
        return program

    def write(self, path: str, content: bytes, *, user: str = "root") -> None:
        """Write a file of the guest."""
        done = self.run("dd", f"of={path}", "status=none", given=content, user=user)
        assert done.status == 0, done

    def read(self, path: str) -> bytes:
        """Return a file of the guest."""
        done = self.run("cat", path)
        assert done.status == 0, done
        return done.raw

    def ask(self, *, within_s: float = 60, **request: Any) -> dict[str, Any]:
        """Send a request; return its answer."""
        self._last += 1
        number = self._last
        self._lines.send({"id": number, **request})
        deadline = time.monotonic() + within_s
        while number not in self._answers:
            self.pump(deadline)
        said = self._answers.pop(number)
        if "error" in said:
            raise AssertionError(f"the agent says: {said['error']}")
        return said

    def pump(self, deadline: float) -> None:
        """Take one message in; TimeoutError at the deadline."""
        said = self._lines.receive(max(deadline - time.monotonic(), 0.0))
        if "id" in said:
            self._answers[said["id"]] = said
        elif "line" in said:
            self._running[said["of"]].lines.append((time.monotonic(), said["line"]))
        elif "status" in said:
            self._running[said["of"]].status = said["status"]

    def close(self) -> None:
        """Close the connection."""
        self._lines.close()
