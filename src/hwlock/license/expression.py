"""What a vendor wants a license bound to, and what that becomes for one machine.

The vendor writes an *expression* once per entitlement; each request offers anchors; `bind`
turns both into the binding of one license, or says what the machine lacks. Grammar::

    expression = choice { "else" choice }         the first that this machine can meet
    choice     = both   { "or"   both }           any of them will do at each check
    both       = wanted { "and"  wanted }         all of them are needed at each check
    wanted     = "(" expression ")"
               | NUMBER "of" "(" expression { "," expression } ")"
               | KIND [ "(" option ")" ] [ "@" assurance ]
    option     = NUMBER "%"                       host: how much of the machine must stay
               | "virtual"                        tpm2: attested by a maker of virtual TPMs will do
    assurance  = identifier | fingerprint | shared | key | attested      at least this strong

`tpm2 else host` binds to the TPM where there is one; `tpm2 and host(70%)` to both;
`1 of (tpm2, host)` to either. An alternative of `or` and of `of` that the machine does
not offer is left out of its license, as long as enough remain; alternatives that come to
the same anchor count once.
"""

from __future__ import annotations

from hwlock.errors import DeniedError, Finding, UsageError
from hwlock.evidence.claims import ASSURANCE, at_least
from hwlock.license.binding import (
    MAX_ANCHORS,
    MAX_DEPTH,
    Binding,
    HostAnchor,
    KeyAnchor,
    Threshold,
)
from hwlock.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    _Selected: TypeAlias = "KeyAnchor | HostAnchor | _Chosen | None"

__all__ = ["DEFAULT", "Offer", "Wanted", "bind", "parse"]

DEFAULT = "tpm2 else host"
_MAX_CHARACTERS = 500
_MAX_DEPTH = 4  # of parentheses
# what a license can be bound to in this version
KINDS = ("tpm2", "host")


class Wanted(Record):
    """One anchor as a vendor wants it."""

    kind: str
    assurance: str = "identifier"
    percent: int | None = None
    virtual: bool = False


class Else(Record):
    """The first of several that a machine can meet."""

    choices: tuple[Wanted | Else | Of, ...]


class Of(Record):
    """At least `needed` of several, at each check."""

    needed: int
    parts: tuple[Wanted | Else | Of, ...]


class Offer(Record):
    """An anchor that a request offers, after its evidence was appraised.

    `virtual` tells that its maker makes virtual TPMs, so that its attestation counts only
    where the vendor said so.
    """

    anchor: KeyAnchor | HostAnchor
    virtual: bool = False

    @property
    def assurance(self) -> str:
        """The strength of this anchor where the maker of a virtual TPM does not count."""
        return "key" if self.virtual else self.anchor.assurance


def parse(text: str) -> Wanted | Else | Of:
    """Read an expression; UsageError says what was expected and where."""
    if len(text) > _MAX_CHARACTERS:
        raise UsageError(
            "HWL-BIND-GRAMMAR", where="the end", expected=f"at most {_MAX_CHARACTERS} characters"
        )
    reader = _Reader(text)
    expression = reader.expression(depth=0)
    reader.expect("")
    # what no license could hold must not wait for a customer's request to be noticed
    limits = (
        (_levels(expression), MAX_DEPTH, "rules inside one another"),
        (_count(expression), MAX_ANCHORS, "anchors"),
    )
    for found, limit, what in limits:
        if found > limit:
            raise UsageError(
                "HWL-BIND-GRAMMAR", where="the end", expected=f"at most {limit} {what}"
            )
    return expression


def bind(expression: Wanted | Else | Of, offers: tuple[Offer, ...]) -> Binding:
    """Return the binding that `expression` means for a machine that makes `offers`.

    DeniedError carries a finding per anchor that is wanted and not offered, or too weak.
    """
    missing: list[Finding] = []
    chosen = _choose(expression, offers, missing)
    if chosen is None:
        raise DeniedError("HWL-BIND-UNMET", findings=tuple(missing))
    anchors: list[KeyAnchor | HostAnchor] = []
    return Binding(policy=_number(chosen, anchors), anchors=tuple(anchors))


def _levels(expression: Wanted | Else | Of) -> int:
    """Return how deep the policy of a license can nest; `else` leaves one choice of several."""
    if isinstance(expression, Wanted):
        return 0
    if isinstance(expression, Else):
        return max(_levels(choice) for choice in expression.choices)
    return 1 + max(_levels(part) for part in expression.parts)


def _count(expression: Wanted | Else | Of) -> int:
    if isinstance(expression, Wanted):
        return 1
    parts = expression.choices if isinstance(expression, Else) else expression.parts
    return sum(_count(part) for part in parts)


class _Chosen(Record):
    """A policy whose leaves are still anchors."""

    needed: int
    parts: tuple[KeyAnchor | HostAnchor | _Chosen, ...]


def _choose(
    expression: Wanted | Else | Of, offers: tuple[Offer, ...], missing: list[Finding]
) -> _Selected:
    if isinstance(expression, Wanted):
        return _offered(expression, offers, missing)
    if isinstance(expression, Else):
        for choice in expression.choices:
            chosen = _choose(choice, offers, missing)
            if chosen is not None:
                return chosen
        return None
    return _of(expression, [_choose(part, offers, missing) for part in expression.parts])


def _of(wanted: Of, found: list[KeyAnchor | HostAnchor | _Chosen | None]) -> _Selected:
    """Return what is left of `wanted`; alternatives that became the same count once."""
    parts = tuple(dict.fromkeys(part for part in found if part is not None))
    needed = wanted.needed
    if needed == len(wanted.parts) and None not in found:
        needed = len(parts)
    if len(parts) < needed:
        return None
    return parts[0] if len(parts) == 1 else _Chosen(needed=needed, parts=parts)


def _offered(
    wanted: Wanted, offers: tuple[Offer, ...], missing: list[Finding]
) -> KeyAnchor | HostAnchor | None:
    of_kind = [offer for offer in offers if offer.anchor.kind == wanted.kind]
    if not of_kind:
        missing.append(Finding("HWL-BIND-NOT-OFFERED", "deny", anchor=wanted.kind))
    for offer in of_kind:
        reached = offer.anchor.assurance if wanted.virtual else offer.assurance
        if at_least(reached, wanted.assurance):
            return _sized(offer.anchor, wanted)
        code = "HWL-BIND-VIRTUAL" if offer.virtual else "HWL-BIND-WEAK"
        missing.append(
            Finding(code, "deny", anchor=wanted.kind, reached=reached, wanted=wanted.assurance)
        )
    return None


def _sized(anchor: KeyAnchor | HostAnchor, wanted: Wanted) -> KeyAnchor | HostAnchor:
    if wanted.percent is None or not isinstance(anchor, HostAnchor):
        return anchor
    total = sum(component.weight for component in anchor.components)
    needed = -(-total * wanted.percent // 100)
    return replace(anchor, needed=needed)


def _number(
    chosen: KeyAnchor | HostAnchor | _Chosen, anchors: list[KeyAnchor | HostAnchor]
) -> int | Threshold:
    if isinstance(chosen, _Chosen):
        return Threshold(
            needed=chosen.needed, parts=tuple(_number(part, anchors) for part in chosen.parts)
        )
    if chosen not in anchors:
        anchors.append(chosen)
    return anchors.index(chosen)


class _Reader:
    """Recursive descent over the words of an expression."""

    def __init__(self, text: str) -> None:
        self.words = _words(text)
        self.at = 0

    @property
    def word(self) -> str:
        return self.words[self.at]

    def take(self) -> str:
        word = self.word
        self.at += 1
        return word

    def expect(self, wanted: str) -> None:
        if self.word != wanted:
            raise self.fault(repr(wanted) if wanted else "nothing more")
        self.at += 1

    def fault(self, expected: str) -> UsageError:
        where = repr(self.word) if self.word else "the end"
        return UsageError("HWL-BIND-GRAMMAR", where=where, expected=expected)

    def expression(self, depth: int) -> Wanted | Else | Of:
        if depth > _MAX_DEPTH:
            raise self.fault(f"at most {_MAX_DEPTH} levels")
        choices = [self.choice(depth)]
        while self.word == "else":
            self.take()
            choices.append(self.choice(depth))
        return choices[0] if len(choices) == 1 else Else(choices=tuple(choices))

    def choice(self, depth: int) -> Wanted | Else | Of:
        parts = [self.both(depth)]
        while self.word == "or":
            self.take()
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else Of(needed=1, parts=tuple(parts))

    def both(self, depth: int) -> Wanted | Else | Of:
        parts = [self.wanted(depth)]
        while self.word == "and":
            self.take()
            parts.append(self.wanted(depth))
        return parts[0] if len(parts) == 1 else Of(needed=len(parts), parts=tuple(parts))

    def wanted(self, depth: int) -> Wanted | Else | Of:
        if self.word == "(":
            self.take()
            inner = self.expression(depth + 1)
            self.expect(")")
            return inner
        if self.word.isdigit():
            return self.of(depth)
        return self.anchor()

    def of(self, depth: int) -> Of:
        number = int(self.take())
        self.expect("of")
        self.expect("(")
        parts = [self.expression(depth + 1)]
        while self.word == ",":
            self.take()
            parts.append(self.expression(depth + 1))
        if self.word != ")":
            raise self.fault("',' or ')'")
        if not 1 <= number <= len(parts):
            expected = f"a number from 1 to {len(parts)} before 'of'"
            raise UsageError("HWL-BIND-GRAMMAR", where=repr(f"{number} of"), expected=expected)
        self.take()
        return Of(needed=number, parts=tuple(parts))

    def anchor(self) -> Wanted:
        kind = self.word
        if kind not in KINDS:
            raise self.fault("one of " + ", ".join(KINDS))
        self.take()
        percent, virtual = self.option(kind) if self.word == "(" else (None, False)
        assurance = self.assurance() if self.word == "@" else "identifier"
        return Wanted(kind=kind, assurance=assurance, percent=percent, virtual=virtual)

    def option(self, kind: str) -> tuple[int | None, bool]:
        self.take()
        percent, virtual = None, False
        if kind == "host" and self.word.isdigit() and 1 <= int(self.word) <= 100:
            percent = int(self.take())
            self.expect("%")
        elif kind == "tpm2" and self.word == "virtual":
            self.take()
            virtual = True
        else:
            raise self.fault("1% to 100%" if kind == "host" else "'virtual'")
        self.expect(")")
        return percent, virtual

    def assurance(self) -> str:
        self.take()
        if self.word not in ASSURANCE:
            raise self.fault("one of " + ", ".join(ASSURANCE))
        return self.take()


def _words(text: str) -> list[str]:
    """Split into words and single signs; the empty word marks the end."""
    words: list[str] = []
    word = ""
    for sign in text + " ":
        if sign.isascii() and (sign.isalnum() or sign == "-"):
            word += sign
            continue
        if word:
            words.append(word)
        word = ""
        if not sign.isspace():
            words.append(sign)
    return [*words, ""]
