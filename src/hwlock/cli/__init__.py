"""The command line: one file per command, each of them parse, call, render, exit."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run `hwlock` with the process's arguments and exit with its status."""
    from hwlock.cli.app import run

    sys.exit(run(sys.argv[1:]))
