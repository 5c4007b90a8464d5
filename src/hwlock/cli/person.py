"""The person at the terminal: asked for a PIN, told to touch."""

from __future__ import annotations

import sys

import click

from hwlock.cli.output import Output
from hwlock.cli.words import plural, say
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
        asked = say("PIN of {device}", device=device)
        if attempts_left is not None:
            left = plural("{n} attempt left", "{n} attempts left", attempts_left)
            asked = f"{asked} ({left})"
        try:
            said: str = click.prompt(asked, hide_input=True, err=True)
        except click.Abort as exc:
            raise Cancelled("HWL-DEVICE-CANCELLED", device=device) from exc
        return said

    def touch(self, device: str) -> None:
        """Say that `device` waits to be touched."""
        print(say("touch {device} now …", device=device), file=self._output.err)
