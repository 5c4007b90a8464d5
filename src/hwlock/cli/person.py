"""The person at the terminal: asked for a PIN, told to touch."""

from __future__ import annotations

import sys

import click

from hwlock.cli.output import Output
from hwlock.errors import Cancelled, PinRequired

__all__ = ["Terminal"]


class Terminal:
    """Asks on the terminal, with hidden input; where there is none, nobody can be asked."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def pin(self, device: str, attempts_left: int | None) -> str:
        """Ask for the PIN of `device`; PinRequired without a terminal, Cancelled."""
        if not (sys.stdin and sys.stdin.isatty() and self._output.err.isatty()):
            raise PinRequired("HWL-DEVICE-PIN", device=device, attempts_left=attempts_left)
        left = "" if attempts_left is None else f" ({attempts_left} attempts left)"
        try:
            said: str = click.prompt(f"PIN of {device}{left}", hide_input=True, err=True)
        except click.Abort as exc:
            raise Cancelled("HWL-DEVICE-CANCELLED", device=device) from exc
        return said

    def touch(self, device: str) -> None:
        """Say that `device` waits to be touched."""
        print(f"touch {device} now …", file=self._output.err)
