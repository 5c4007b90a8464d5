"""What one look at a machine found: components, and what was left out and why.

Every operating system's reader fills a `Reading`; the rules that are the same everywhere
(which values lie, how they are spelled, how memory is rounded) are applied here.
"""

from __future__ import annotations

from hwlock.errors import Finding

from .placeholder import clean, is_placeholder, is_placeholder_mac, is_placeholder_uuid

__all__ = ["Reading"]

_SHOWN = 4


class Reading:
    """A collector: `parts` are (kind, value); `virtual` names a hypervisor, if there is one."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, bytes]] = []
        self.name = ""
        self.virtual = ""
        self._left: dict[tuple[str, str], list[str]] = {}

    def leave(self, code: str, what: str, detail: str = "") -> None:
        """Note that `what` does not count, for the reason that `code` says."""
        names = self._left.setdefault((code, detail), [])
        if what not in names:
            names.append(what)

    def serial(self, kind: str, what: str, *candidates: str) -> None:
        """Take the first of `candidates` that is a serial number; else note why not."""
        said = [value for value in map(clean, candidates) if value]
        for value in said:
            if not is_placeholder(value):
                self._add(kind, value)
                return
        if said:
            self.leave("HWL-HOST-PLACEHOLDER", f"{what} ({said[0][:40]})")
        else:
            self.leave("HWL-HOST-NO-SERIAL", what)

    def uuid(self, kind: str, what: str, text: str) -> None:
        """Take a UUID, written with or without hyphens."""
        value = clean(text).replace("-", "")
        if is_placeholder_uuid(value):
            self.leave("HWL-HOST-PLACEHOLDER", what)
        else:
            self._add(kind, value)

    def mac(self, what: str, address: bytes) -> None:
        """Take the permanent address of a network adapter (6 bytes)."""
        if len(address) == 6 and address[0] & 3:
            self.leave("HWL-HOST-MAC", what)
        elif is_placeholder_mac(address):
            self.leave("HWL-HOST-PLACEHOLDER", f"{what} ({address.hex(':')})")
        else:
            self._add("nic", address.hex().upper())

    def board(self, *words: str) -> None:
        """Take maker and model, whichever of `words` say something."""
        said = [word for word in map(clean, words) if not is_placeholder(word, unique=False)]
        if said:
            self._add("board", "|".join(said))
        elif any(words):
            self.leave("HWL-HOST-PLACEHOLDER", "mainboard model")

    def processor(self, *words: str) -> None:
        """Take maker, family, model and stepping."""
        if any(words):
            self._add("cpu", "|".join(clean(word) for word in words))

    def memory(self, size: int) -> None:
        """Take the size of the memory in bytes, rounded up to a quarter of its magnitude.

        What the kernel and the graphics keep for themselves differs between boots and
        systems; the rounded size does not: 15.5 and 15.9 GiB are both 16.
        """
        if size > 0:
            step = 1 << max(size.bit_length() - 3, 0)
            self._add("memory", str((size + step - 1) // step * step))

    def _add(self, kind: str, value: str) -> None:
        self.parts.append((kind, value.encode("ascii", "replace")[:256]))

    def notes(self) -> tuple[Finding, ...]:
        """Return a finding of level "note" for each reason, naming what it concerns."""
        notes = []
        if self.virtual:
            notes.append(Finding("HWL-HOST-VIRTUAL", "note", detail=self.virtual))
        for (code, detail), names in self._left.items():
            more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            what = ", ".join(names[:_SHOWN]) + more
            notes.append(Finding(code, "note", what=what, detail=detail))
        return tuple(notes)

    def left_out(self) -> str:
        """Return what could have been a component and was not, as a person reads it."""
        hardware = [
            name
            for (code, _), names in self._left.items()
            if code != "HWL-HOST-SOFTWARE"
            for name in names
        ]
        return ", ".join(hardware[:8]) or "nothing"
