"""qemu's control channel: commands by name, events as they come (QMP, JSON lines)."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from vm.lines import Lines

__all__ = ["Qmp", "QmpError"]


class QmpError(Exception):
    """qemu refused a command."""


class Qmp:
    """The channel over a connected socket; `events` are those that nobody waited for yet."""

    def __init__(self, connection: socket.socket) -> None:
        self._lines = Lines(connection)
        self.events: list[dict[str, Any]] = []
        self._lines.receive(20)  # the greeting
        self.do("qmp_capabilities")

    def do(self, command: str, **arguments: Any) -> Any:
        """Run a command; return what it returns. Words with a dash are written with `_`."""
        given = {name.replace("_", "-"): value for name, value in arguments.items()}
        self._lines.send({"execute": command, "arguments": given})
        while True:
            said = self._lines.receive(60)
            if "error" in said:
                raise QmpError(f"{command}: {said['error']['desc']}")
            if "return" in said:
                return said["return"]
            self.events.append(said)

    def monitor(self, line: str) -> str:
        """Run a line of the monitor for people; QmpError where it says anything."""
        said = str(self.do("human-monitor-command", **{"command-line": line})).strip()
        if said:
            raise QmpError(f"{line}: {said}")
        return said

    def wait(self, event: str, matches: Callable[[dict[str, Any]], bool], within_s: float) -> None:
        """Wait for an event whose data matches; it is taken out of `events`."""
        while True:
            for said in self.events:
                if said.get("event") == event and matches(said.get("data", {})):
                    self.events.remove(said)
                    return
            self.events.append(self._lines.receive(within_s))

    def close(self) -> None:
        """Close the channel."""
        self._lines.close()
