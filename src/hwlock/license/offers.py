"""What an expression becomes for one machine: the anchors that it offers, matched.

Each request offers anchors; `bind` turns an expression (`hwlock.license.expression`) and these
offers into the binding of one license, or says what the machine lacks:

1. of an `else`, the first choice counts that the machine can meet;
2. each mention of a kind of dongle takes another device; an earlier mention goes first, and
   gives its device up for another one that will do as well. The machine's own TPM and
   fingerprint can be meant by several;
3. an alternative of `or` and `of` that is not met is left out, as long as enough remain, and
   takes no device from others; alternatives that come to the same anchor count once.
"""

from __future__ import annotations

from itertools import product

from hwlock.errors import DeniedError, Finding
from hwlock.evidence.claims import DONGLES, at_least
from hwlock.license.anchors import HostAnchor
from hwlock.license.binding import Binding, Threshold
from hwlock.license.expression import Else, Of, Wanted
from hwlock.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from hwlock.license.anchors import Anchor

    _Tree: TypeAlias = "_Leaf | _Node"
    _Selected: TypeAlias = "Anchor | _Chosen | None"
    _Assigned: TypeAlias = "dict[_Leaf, Offer]"

__all__ = ["ROOTS", "Offer", "bind"]

# What a kind can reach at most where that is less than `attested`.
_MOST = {
    "host": "fingerprint",
    "openpgp": "key",
    "pkcs11": "key",
    "yubikey": "shared",
    "usb": "identifier",
}
# Kinds that a maker can vouch for, and where the desk keeps the certificates of those makers.
ROOTS = {"tpm2": "tpm-roots", "piv": "piv-roots", "fido2": "fido2-roots"}
_MAX_TRIES = 500  # of leaving out other devices, before a request is refused


class Offer(Record):
    """An anchor that a request offers, after its evidence was appraised.

    `virtual` tells that its maker makes virtual TPMs, so that its attestation counts only
    where the vendor said so. `device` names the device that it lives in, where that can have
    several; `firmware` (empty: unknown), `pin` and `touch` are what the maker attests.
    """

    anchor: Anchor
    virtual: bool = False
    device: str = ""
    firmware: tuple[int, ...] = ()
    pin: bool = False
    touch: bool = False

    @property
    def assurance(self) -> str:
        """The strength of this anchor where the maker of a virtual TPM does not count."""
        return "key" if self.virtual else self.anchor.assurance

    @property
    def holder(self) -> tuple[str, bytes]:
        """What only one mention can take."""
        return (self.anchor.kind, self.device.encode()) if self.device else self.anchor.identity


def bind(expression: Wanted | Else | Of, offers: tuple[Offer, ...]) -> Binding:
    """Return the binding that `expression` means for a machine that makes `offers`.

    DeniedError carries a finding per anchor that is wanted and not offered, or too weak.
    """
    for tree in _plain(expression, offers):
        chosen = _solve(tree, offers)
        if chosen is not None:
            anchors: list[Anchor] = []
            return Binding(policy=_number(chosen, anchors), anchors=tuple(anchors))
    missing = tuple(_missing(expression, offers)) or tuple(_fewer(expression, offers))
    raise DeniedError("HWL-BIND-UNMET", findings=missing)


# --- 1. choices


class _Leaf:
    """One mention of a kind, None for an `else` of which nothing can be met."""

    def __init__(self, wanted: Wanted | None) -> None:
        self.wanted = wanted


class _Node:
    """At least `needed` of `parts`."""

    def __init__(self, needed: int, parts: tuple[_Tree, ...]) -> None:
        self.needed = needed
        self.parts = parts


def _plain(expression: Wanted | Else | Of, offers: tuple[Offer, ...]) -> Iterator[_Tree]:
    """Yield what `expression` can mean without `else`, the preferred meaning first."""
    if isinstance(expression, Wanted):
        yield _Leaf(expression)
    elif isinstance(expression, Else):
        choices = [choice for choice in expression.choices if _is_met(choice, offers)]
        for choice in choices:
            yield from _plain(choice, offers)
        if not choices:
            yield _Leaf(None)
    else:
        for parts in product(*(tuple(_plain(part, offers)) for part in expression.parts)):
            yield _Node(expression.needed, parts)


def _is_met(expression: Wanted | Else | Of, offers: tuple[Offer, ...]) -> bool:
    return any(_solve(tree, offers) is not None for tree in _plain(expression, offers))


# --- 2. devices


def _solve(tree: _Tree, offers: tuple[Offer, ...]) -> _Selected:
    """Return what is left of `tree` for these offers, None where it cannot be met."""
    leaves = tuple(_leaves(tree))
    tried: set[frozenset[_Leaf]] = set()
    waiting: list[frozenset[_Leaf]] = [frozenset()]
    while waiting and len(tried) < _MAX_TRIES:
        out = waiting.pop(0)
        if out in tried:
            continue
        tried.add(out)
        assigned = _assign(tuple(leaf for leaf in leaves if leaf not in out), offers)
        wasted = frozenset(_wasted(tree, assigned))
        if wasted:
            waiting.insert(0, out | wasted)
            continue
        chosen = _fold(tree, assigned)
        if chosen is not None:
            return chosen
        waiting += [out | {leaf} for leaf in assigned if _is_dongle(leaf)]
    return None


def _assign(leaves: tuple[_Leaf, ...], offers: tuple[Offer, ...]) -> _Assigned:
    """Give each leaf an offer that will do; a dongle to one leaf only (augmenting paths)."""
    assigned: _Assigned = {}
    holds: dict[tuple[str, bytes], _Leaf] = {}

    def takes(leaf: _Leaf, asked: set[tuple[str, bytes]]) -> bool:
        fitting = tuple(_fitting(leaf, offers))
        free = [offer for offer in fitting if not _is_dongle(leaf) or offer.holder not in holds]
        for offer in free or fitting:
            if free or (offer.holder not in asked and moves(offer.holder, asked)):
                holds[offer.holder] = leaf
                assigned[leaf] = offer
                return True
        return False

    def moves(holder: tuple[str, bytes], asked: set[tuple[str, bytes]]) -> bool:
        asked.add(holder)
        return takes(holds[holder], asked)

    for leaf in leaves:
        takes(leaf, set())
    return assigned


def _fitting(leaf: _Leaf, offers: tuple[Offer, ...]) -> Iterator[Offer]:
    wanted = leaf.wanted
    if wanted is not None:
        for offer in offers:
            if offer.anchor.kind == wanted.kind and _falls_short(wanted, offer) is None:
                yield offer


def _is_dongle(leaf: _Leaf) -> bool:
    return leaf.wanted is not None and leaf.wanted.kind in DONGLES


def _leaves(tree: _Tree) -> Iterator[_Leaf]:
    if isinstance(tree, _Leaf):
        yield tree
    else:
        for part in tree.parts:
            yield from _leaves(part)


# --- 3. what is left


class _Chosen(Record):
    """A policy whose leaves are still anchors."""

    needed: int
    parts: tuple[Anchor | _Chosen, ...]


def _fold(tree: _Tree, assigned: _Assigned) -> _Selected:
    """Return what is left of `tree`; alternatives that became the same count once."""
    if isinstance(tree, _Leaf):
        offer = assigned.get(tree)
        return None if offer is None or tree.wanted is None else _sized(offer.anchor, tree.wanted)
    found = [_fold(part, assigned) for part in tree.parts]
    parts = tuple(dict.fromkeys(part for part in found if part is not None))
    needed = tree.needed
    if needed == len(tree.parts) and None not in found:
        needed = len(parts)
    if len(parts) < needed:
        return None
    return parts[0] if len(parts) == 1 else _Chosen(needed=needed, parts=parts)


def _wasted(tree: _Tree, assigned: _Assigned) -> Iterator[_Leaf]:
    """Yield the leaves that hold a dongle inside of something that is not met anyway."""
    if isinstance(tree, _Leaf):
        return
    for part in tree.parts:
        if _fold(part, assigned) is None:
            yield from (leaf for leaf in _leaves(part) if leaf in assigned and _is_dongle(leaf))
        else:
            yield from _wasted(part, assigned)


def _sized(anchor: Anchor, wanted: Wanted) -> Anchor:
    if wanted.percent is None or not isinstance(anchor, HostAnchor):
        return anchor
    total = sum(component.weight for component in anchor.components)
    return replace(anchor, needed=-(-total * wanted.percent // 100))


def _number(chosen: Anchor | _Chosen, anchors: list[Anchor]) -> int | Threshold:
    if isinstance(chosen, _Chosen):
        return Threshold(
            needed=chosen.needed, parts=tuple(_number(part, anchors) for part in chosen.parts)
        )
    if chosen not in anchors:
        anchors.append(chosen)
    return anchors.index(chosen)


# --- what is missing


def _missing(expression: Wanted | Else | Of, offers: tuple[Offer, ...]) -> Iterator[Finding]:
    """Yield why each mention that no offer meets is not met; an `else` that is met ends there."""
    if isinstance(expression, Of):
        for part in expression.parts:
            yield from _missing(part, offers)
    elif isinstance(expression, Else):
        for choice in expression.choices:
            yield from _missing(choice, offers)
            if _is_met(choice, offers):
                return
    else:
        of_kind = [offer for offer in offers if offer.anchor.kind == expression.kind]
        if not of_kind:
            yield Finding("HWL-BIND-NOT-OFFERED", "deny", anchor=expression.kind)
        short = [_falls_short(expression, offer) for offer in of_kind]
        if None not in short:
            yield from (found for found in short if found is not None)


def _fewer(expression: Wanted | Else | Of, offers: tuple[Offer, ...]) -> Iterator[Finding]:
    """Yield the kinds of dongle of which the request offers fewer devices than are wanted."""
    tree = next(_plain(expression, offers))
    kinds = [leaf.wanted.kind for leaf in _leaves(tree) if leaf.wanted is not None]
    for kind in dict.fromkeys(kinds):
        devices = {offer.holder for offer in offers if offer.anchor.kind == kind}
        if kind in DONGLES and len(devices) < kinds.count(kind):
            yield Finding(
                "HWL-BIND-FEWER",
                "deny",
                anchor=kind,
                offered=len(devices),
                wanted=kinds.count(kind),
            )


def _falls_short(wanted: Wanted, offer: Offer) -> Finding | None:
    """Return in what an offer of the kind is less than what is wanted, None where in nothing."""
    kind = wanted.kind
    reached = offer.anchor.assurance if wanted.virtual else offer.assurance
    if not at_least(reached, wanted.assurance):
        return _too_weak(kind, reached, wanted.assurance, virtual=offer.virtual)
    lacks = [
        what
        for asked, proven, what in (
            (wanted.firmware, offer.firmware >= wanted.firmware, _firmware(wanted)),
            (wanted.pin, offer.pin, "that its key asks for the PIN"),
            (wanted.touch, offer.touch, "that its key asks for a touch"),
        )
        if asked and not proven
    ]
    if lacks:
        return Finding("HWL-BIND-UNPROVEN", "deny", anchor=kind, what=", ".join(lacks))
    return None


def _too_weak(kind: str, reached: str, wanted: str, *, virtual: bool) -> Finding:
    details = {"anchor": kind, "reached": reached, "wanted": wanted}
    if virtual:
        return Finding("HWL-BIND-VIRTUAL", "deny", **details)
    if not at_least(_MOST.get(kind, "attested"), wanted):
        return Finding("HWL-BIND-LIMIT", "deny", **details)
    return Finding("HWL-BIND-WEAK", "deny", **details, folder=ROOTS.get(kind, ""))


def _firmware(wanted: Wanted) -> str:
    return f"firmware {'.'.join(map(str, wanted.firmware))} or later"
