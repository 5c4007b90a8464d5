"""The command line: one file per command, each of them parse, call, render, exit."""

from __future__ import annotations

import sys

__all__ = ["main"]

_INTERRUPTED = 2  # as of HWL-USAGE-ABORTED


def main() -> None:
    """Run `hwlock` with the process's arguments and exit with its status."""
    from hwlock.cli import streams

    streams.prepare()
    try:
        from hwlock.cli.app import run
        from hwlock.cli.world import World

        world = World.here()
        status = streams.deliver(world.output, run(sys.argv[1:], world))
    except KeyboardInterrupt:  # before `run` could listen, or after it ended
        status = _INTERRUPTED
    sys.exit(status)
