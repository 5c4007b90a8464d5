"""A card found by what its URI says, connected when it is needed.

A connection lives until something goes wrong on it; the next use looks for the card again.
So a card that was pulled and comes back, also in another reader, is simply there again.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager

from hwlock.errors import (
    AccessDenied,
    BadAnswer,
    Busy,
    DeviceError,
    HwlockError,
    NotFound,
    Removed,
    UsageError,
)

from .apdu import Channel
from .pcsc import Context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Generic, Protocol, TypeVar

    from .apdu import Wire

    class Application(Protocol):
        """An application on a card, selected."""

        @property
        def serial(self) -> str:
            """What tells this card from others; empty where it says nothing."""

        @property
        def name(self) -> str:
            """What a person calls it."""

        def select_again(self) -> None:
            """Select the application in a new transaction; other programs may have left it."""

    A = TypeVar("A", bound=Application)
else:
    A = object

    class Generic:
        """Stand in for what only type checkers look at."""

        def __class_getitem__(cls, _):
            return cls


__all__ = ["Found", "Link", "look"]


class Found(Generic[A]):
    """What is in one reader: an open `wire` and the application, or the `problem`."""

    def __init__(
        self,
        reader: str,
        wire: Wire | None = None,
        application: A | None = None,
        problem: HwlockError | None = None,
    ) -> None:
        self.reader = reader
        self.wire = wire
        self.application = application
        self.problem = problem


def look(select: Callable[[Channel], A], only_reader: str = "") -> Iterator[Found[A]]:
    """Yield the cards that have the application; whoever takes a wire closes it.

    A reader without a card, or with a card of another kind, is passed over; what is there
    and cannot be used comes with its problem.
    """
    context = Context()
    try:
        readers = context.readers()
    finally:
        context.close()
    for reader in readers:
        if only_reader and reader != only_reader:
            continue
        try:
            wire = _connect(reader)
        except NotFound:
            continue
        except DeviceError as exc:
            yield Found(reader, problem=exc)
            continue
        try:
            with wire.transaction():
                application = select(Channel(wire))
        except BaseException as exc:
            wire.close()
            if isinstance(exc, NotFound | Removed):
                continue
            if not isinstance(exc, DeviceError):
                raise
            yield Found(reader, problem=exc)
            continue
        yield Found(reader, wire, application)


def _connect(reader: str) -> Wire:
    context = Context()
    try:
        return context.connect(reader)
    except BaseException:
        context.close()
        raise


class Link(Generic[A]):
    """The way to one card: `kind` names it for a person, `select` finds its application.

    `wanted` are the parts of its URI: serial, reader. `find` is `look`, or what a test gives.
    """

    def __init__(
        self,
        kind: str,
        select: Callable[[Channel], A],
        wanted: Mapping[str, str],
        find: Callable[[Callable[[Channel], A], str], Iterator[Found[A]]] = look,
    ) -> None:
        self.kind = kind
        self.reader = ""
        self.connections = 0
        self._select = select
        self._wanted = wanted
        self._find = find
        self._wire: Wire | None = None
        self._application: A | None = None
        self._lock = threading.RLock()

    @property
    def name(self) -> str:
        """What a person calls this card: "PIV card 1234567"."""
        if self._application is not None:
            return self._application.name
        return f"{self.kind} {self._wanted.get('serial', '')}".rstrip()

    @contextmanager
    def card(
        self, connection: int | None = None, fits: Callable[[A], bool] | None = None
    ) -> Iterator[A]:
        """Give the application, selected, to whoever uses it for a moment.

        Where several cards are what the URI says, `fits` chooses among them.

        `connection` is the number of the connection that it must still be: Removed where
        the card was away since, because it may be another one now.
        """
        with self._lock:
            if connection is not None and (self._wire is None or connection != self.connections):
                raise Removed("HWL-DEVICE-GONE", device=self.name)
            if self._wire is None or self._application is None:
                self._connect(fits)
            assert self._wire is not None and self._application is not None
            try:
                with self._wire.transaction():
                    self._application.select_again()
                    yield self._application
            except (Removed, BadAnswer, Busy, NotFound):
                self.close()
                raise

    def close(self) -> None:
        """Let go of the card; the next use connects again."""
        with self._lock:
            wire, self._wire = self._wire, None
            if wire is not None:
                wire.close()

    def look(self) -> None:
        """See that such a card is here; which of several is said when one is used."""
        with self._lock:
            here = [] if self._wire is not None else self._here()
            if len(here) == 1:
                self._take(here[0])
            else:
                _close(here)

    def _here(self) -> list[Found[A]]:
        """Return the cards that are what the URI says; NotFound where there is none."""
        serial, problem = self._wanted.get("serial", ""), None
        here = []
        for found in self._find(self._select, self._wanted.get("reader", "")):
            if found.application is None or found.wire is None:
                problem = problem or found.problem
            elif serial in ("", found.application.serial):
                here.append(found)
            else:
                found.wire.close()
        if here:
            return here
        # a card that could not be looked at may be the one that is wanted
        if isinstance(problem, AccessDenied | Busy):
            raise problem
        raise NotFound("HWL-DEVICE-NONE", device=self.name)

    def _connect(self, fits: Callable[[A], bool] | None) -> None:
        """Find the card: the only one, or of several that which fits, or the first of a serial."""
        here = self._here()
        chosen = here[0]
        if len(here) > 1 and fits is not None:
            chosen = next((one for one in here if _fits(one, fits)), chosen)
        elif len(here) > 1 and not self._wanted.get("serial"):
            _close(here)
            readers = ", ".join(one.reader for one in here)
            raise UsageError("HWL-SMARTCARD-SEVERAL", kind=self.kind, readers=readers)
        _close([one for one in here if one is not chosen])
        self._take(chosen)

    def _take(self, chosen: Found[A]) -> None:
        self._wire, self._application = chosen.wire, chosen.application
        self.reader = chosen.reader
        self.connections += 1


def _fits(found: Found[A], fits: Callable[[A], bool]) -> bool:
    """Ask a card whether it is the one; what does not answer is not."""
    assert found.wire is not None and found.application is not None
    try:
        with found.wire.transaction():
            found.application.select_again()
            return fits(found.application)
    except DeviceError:
        return False


def _close(unused: list[Found[A]]) -> None:
    for one in unused:
        assert one.wire is not None
        one.wire.close()
