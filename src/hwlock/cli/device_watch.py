"""`hwlock device watch`: what is plugged in and pulled, and what that means for a license."""

from __future__ import annotations

import queue
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from itertools import islice

import click

from hwlock.cli.options import json_option, pass_world
from hwlock.cli.output import finding_shape
from hwlock.cli.products import product_bytes
from hwlock.cli.words import columns, padded, say
from hwlock.cli.world import World
from hwlock.devices import registry
from hwlock.devices.base import Description
from hwlock.enforce.grace import WatchEvent
from hwlock.enforce.guard import Guard
from hwlock.enforce.listening import Listener
from hwlock.enforce.watch import Watching
from hwlock.evidence.claims import DONGLES
from hwlock.record import Record

__all__ = ["watch"]

_KINDS = tuple(kind for kind in DONGLES if kind in registry.KINDS)
_FOREVER_S = 3600.0
_SECOND_LOOK_S = 1.0  # an event may come a moment before the device is ready


class _Seen(Record):
    """A device of a list, or (`code`) why those of a kind cannot be seen."""

    kind: str
    uri: str
    name: str
    code: str = ""
    said: str = ""

    @classmethod
    def of(cls, one: Description) -> _Seen:
        """Return what two looks compare."""
        if one.problem is None:
            return cls(kind=one.kind, uri=one.uri, name=one.name)
        return cls(
            kind=one.kind,
            uri=one.uri,
            name=one.name,
            code=one.problem.code,
            said=one.problem.message,
        )


class _Plug(Record):
    """A device that came or went; `event` is "plugged", "pulled" or "problem"."""

    event: str
    device: _Seen


@click.command(epilog="Example: hwlock device watch --product acme-cad --json")
@click.option(
    "--product", type=click.Path(), metavar="FILE|ID", help="Check this product at each change."
)
@click.option(
    "--for", "for_s", type=click.FloatRange(0), metavar="SECONDS", help="End after this time."
)
@click.option("--count", type=click.IntRange(1), metavar="N", help="End after N events.")
@json_option
@pass_world
def watch(world: World, *, product: str | None, for_s: float | None, count: int | None) -> int:
    """Print a line for each dongle that is plugged in or pulled, until Ctrl-C.

    With a product its verdict is shown at the start and whenever it changes. With --json each
    line is one object.
    """
    news: queue.Queue[WatchEvent | None] = queue.Queue()
    end = time.monotonic() + (_FOREVER_S * 24 * 365 if for_s is None else for_s)
    try:
        with ExitStack() as stack:
            _listen(world, news, stack)
            if product is not None:
                _check(world, product, news, stack)
            for event in islice(_events(news, end), count):
                _say(world, event)
    except KeyboardInterrupt:
        pass  # how a person ends it
    return 0


def _listen(world: World, news: queue.Queue[WatchEvent | None], stack: ExitStack) -> None:
    """Let every kind of dongle put None into `news` when something changed."""
    for kind in _KINDS:
        listener = Listener(kind, partial(world.machine.changes, kind), lambda: news.put(None))
        listener.thread.start()
        stack.callback(listener.thread.join, 1.0)
        stack.callback(listener.stop)


def _check(
    world: World, product: str, news: queue.Queue[WatchEvent | None], stack: ExitStack
) -> None:
    guard = Guard(product_bytes(world, product), machine=world.machine)
    watching = Watching(guard, news.put, grace_s=0, interval_s=30, debounce_s=0.5)
    watching.start()
    stack.callback(watching.stop)
    if watching.verdict.allowed:  # where it is not, the watch says so itself
        news.put(WatchEvent(kind="back", verdict=watching.verdict))


def _events(news: queue.Queue[WatchEvent | None], end: float) -> Iterator[WatchEvent | _Plug]:
    """Yield what happens until `end` (monotonic): first what is here."""
    seen: Counter[_Seen] = Counter()
    again: float | None = time.monotonic()
    while (now := time.monotonic()) < end:
        if again is not None and now >= again:
            before, seen, again = seen, _look(), None
            yield from _difference(before, seen)
        try:
            event = news.get(timeout=min(end, again or end, now + _FOREVER_S) - now)
        except queue.Empty:
            continue
        if event is None:
            before, seen = seen, _look()
            yield from _difference(before, seen)
            again = time.monotonic() + _SECOND_LOOK_S
        else:
            yield event


def _look() -> Counter[_Seen]:
    return Counter(_Seen.of(one) for one in registry.scan(_KINDS))


def _difference(before: Counter[_Seen], now: Counter[_Seen]) -> Iterator[_Plug]:
    for gone in (before - now).elements():
        if not gone.code:
            yield _Plug(event="pulled", device=gone)
    for new in (now - before).elements():
        yield _Plug(event="problem" if new.code else "plugged", device=new)


def _say(world: World, event: WatchEvent | _Plug) -> None:
    at = world.clock()
    clock = f"{at:%H:%M:%S}"
    if isinstance(event, _Plug):
        device = event.device
        said = f": {device.said}  [{device.code}]" if device.code else ""
        world.output.line(
            {
                "at": at.isoformat(),
                "event": event.event,
                "uri": device.uri,
                "name": device.name,
                "problem": device.code or None,
            },
            [f"{clock}  {_event(event.event)}{device.uri}  {device.name}{said}"],
        )
        return
    verdict = event.verdict
    world.output.line(
        {
            "at": at.isoformat(),
            "event": event.kind,
            "product": verdict.product_id,
            "allowed": verdict.allowed,
            "findings": [finding_shape(found) for found in verdict.findings],
        },
        [
            f"{clock}  {_event(event.kind)}{verdict.product_id}: {_standing(event.kind)}",
            *world.output.findings(verdict.findings, indent=" " * 10),
        ],
    )


def _event(kind: str) -> str:
    """Return the word for an event, as wide as the others."""
    words = {
        "plugged": say("plugged"),
        "pulled": say("pulled"),
        "problem": say("problem"),
        "lost": say("lost"),
        "back": say("back"),
        "lock": say("lock"),
    }
    return padded(words[kind], 2 + max(map(columns, words.values())))


def _standing(kind: str) -> str:
    words = {
        "lost": say("no longer licensed"),
        "back": say("licensed again"),
        "lock": say("not licensed"),
    }
    return words[kind]
