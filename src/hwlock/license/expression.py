"""What a vendor wants a license bound to, as it is written.

The vendor writes an *expression* once per entitlement; what it becomes for one machine is
decided by `hwlock.license.offers`. Grammar::

    expression = choice { "else" choice }         the first that this machine can meet
    choice     = both   { "or"   both }           any of them will do at each check
    both       = wanted { "and"  wanted }         all of them are needed at each check
    wanted     = "(" expression ")"
               | NUMBER "of" "(" expression { "," expression } ")"
               | KIND [ "(" option { "," option } ")" ] [ "@" assurance ]
    option     = NUMBER "%"                       host: how much of the machine must stay
               | "virtual"                        tpm2: attested by a maker of virtual TPMs will do
               | NUMBER "." NUMBER [ "." NUMBER ] piv: the maker attests this firmware or a later
               | "pin" | "touch"                  piv: the maker attests that the key asks for it
    assurance  = identifier | fingerprint | shared | key | attested      at least this strong

`tpm2 else host` binds to the TPM where there is one; `tpm2 and host(70%)` to both;
`1 of (tpm2, piv)` to either. Each mention of a kind of dongle means another device:
`piv or piv` is two cards, of which either will do. A machine has one TPM and one fingerprint,
however often they are mentioned. `usb` is only read as `usb@identifier`: whoever knows the
number can copy such a device, and nobody should sell that unawares.
"""

from __future__ import annotations

from hwlock.errors import UsageError
from hwlock.evidence.claims import ASSURANCE, DONGLES
from hwlock.license.binding import MAX_ANCHORS, MAX_DEPTH
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["DEFAULT", "KINDS", "Else", "Of", "Wanted", "parse"]

DEFAULT = "tpm2 else host"
_MAX_CHARACTERS = 500
_MAX_DEPTH = 4  # of parentheses
_MAX_NUMBER = 9999  # of a version
KINDS = ("tpm2", "host", *DONGLES)
_OPTIONS = {
    "host": "1% to 100%",
    "tpm2": "'virtual'",
    "piv": "a version such as 5.7, 'pin' or 'touch', each once",
}


class Wanted(Record):
    """One anchor as a vendor wants it.

    `percent` and `virtual` are options of host and tpm2; `firmware` (empty: any), `pin` and
    `touch` are what a maker's attestation of a card must say.
    """

    kind: str
    assurance: str = "identifier"
    percent: int | None = None
    virtual: bool = False
    firmware: tuple[int, ...] = ()
    pin: bool = False
    touch: bool = False


class Else(Record):
    """The first of several that a machine can meet."""

    choices: tuple[Wanted | Else | Of, ...]


class Of(Record):
    """At least `needed` of several, at each check."""

    needed: int
    parts: tuple[Wanted | Else | Of, ...]


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
        options = self.options(kind) if self.word == "(" else {}
        if kind == "usb" and self.word != "@":
            raise self.fault("'@identifier' after 'usb', which anybody can copy")
        assurance = self.assurance() if self.word == "@" else "identifier"
        return Wanted(kind=kind, assurance=assurance, **options)

    def options(self, kind: str) -> dict[str, Any]:
        if kind not in _OPTIONS:
            raise self.fault(f"no option: {kind} has none")
        self.take()
        found = self.option(kind)
        while self.word == "," and kind == "piv":
            self.take()
            one = self.option(kind)
            if one.keys() & found.keys():
                raise self.fault(_OPTIONS[kind])
            found |= one
        self.expect(")")
        return found

    def option(self, kind: str) -> dict[str, Any]:
        word = self.word
        if kind == "host" and word.isdigit() and 1 <= int(word) <= 100:
            percent = int(self.take())
            self.expect("%")
            return {"percent": percent}
        if kind == "piv" and word.isdigit():
            return {"firmware": self.version()}
        if (kind, word) in (("tpm2", "virtual"), ("piv", "pin"), ("piv", "touch")):
            return {self.take(): True}
        raise self.fault(_OPTIONS[kind])

    def version(self) -> tuple[int, ...]:
        numbers = [self.number()]
        while self.word == "." and len(numbers) < 3:
            self.take()
            numbers.append(self.number())
        if len(numbers) == 1:
            raise self.fault("'.' and a number")
        return tuple(numbers)

    def number(self) -> int:
        if not self.word.isdigit() or int(self.word) > _MAX_NUMBER:
            raise self.fault(f"a number up to {_MAX_NUMBER}")
        return int(self.take())

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
