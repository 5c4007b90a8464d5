"""The diagnostic file: what a machine says of itself to support, signed by its own key.

It holds codes and their particulars, so that whoever reads it does so in their own language, and
for each license what the desk needs to choose a next step. No serial numbers: of parts only their
kinds are named.
"""

from __future__ import annotations

from hwlock.codec import cbor, cose, cwt
from hwlock.codec.fields import Fields, numeric_date
from hwlock.crypto.keys import Signer, VerificationKey, sign_file
from hwlock.crypto.trust import confirmation
from hwlock.errors import FormatError, retold
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "DIAGNOSTIC_TYP",
    "MAX_SAID_BYTES",
    "Diagnosed",
    "Diagnostic",
    "Licensed",
    "Remembered",
    "diagnose",
    "parse_diagnostic",
]

DIAGNOSTIC_TYP = "application/hwlock-diagnostic"
_MAX_LINES = 256
_MAX_LICENSES = 64
_MAX_PARTICULARS = 32
MAX_SAID_BYTES = 2000


class Diagnosed(Record):
    """One line: `what` was looked at, its `mark` (ok|mind|no), a code, and what it names.

    `details` are (name, value) in the order of names; a value is a text or a number from 0.
    """

    what: str
    mark: str
    code: str
    details: tuple[tuple[str, str | int], ...] = ()

    @property
    def said(self) -> str:
        """The sentence, in the language of who reads it."""
        return retold(self.code, dict(self.details))[0]

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: diagnosed)."""
        return {1: self.what, 2: self.mark, 3: self.code, 4: dict(self.details)}

    @classmethod
    def parse(cls, value: cbor.Value) -> Diagnosed:
        """Read the member map; FormatError."""
        fields = Fields(value, "diagnosed")
        line = cls(
            what=fields.text(1, "what", max_bytes=MAX_SAID_BYTES),
            mark=fields.choice(2, "mark", ("ok", "mind", "no")),
            code=fields.text(3, "code", max_bytes=64),
            details=_details(fields),
        )
        fields.done()
        if not line.code:
            raise FormatError("HWL-FIELD-EMPTY", stage="field", where="diagnosed", name="code")
        return line


def _details(fields: Fields) -> tuple[tuple[str, str | int], ...]:
    """Read the particulars: texts and numbers under the names that a sentence has for them."""
    named = fields.raw(4, "details")
    if type(named) is not dict:
        raise FormatError("HWL-FIELD-MAP", stage="field", where="details")
    if len(named) > _MAX_PARTICULARS:
        raise _many(len(named))
    return tuple(sorted(_detail(name, value) for name, value in named.items()))


def _detail(name: cbor.Value, value: cbor.Value) -> tuple[str, str | int]:
    one = Fields({0: name, 1: value}, "details")
    said = one.text(0, "name", max_bytes=64)
    if type(value) is int:
        return said, one.uint(1, said)
    return said, one.text(1, said, max_bytes=MAX_SAID_BYTES)


def _many(found: int) -> FormatError:
    return FormatError(
        "HWL-FIELD-MANY",
        stage="field",
        where="diagnosed",
        name="details",
        found=found,
        limit=_MAX_PARTICULARS,
    )


class Remembered(Record):
    """What a machine remembers of time: the latest, and how often its clock was set.

    `turns` counts how often it was set back since `began_at`, `answers` how often an answer of
    the vendor set it.
    """

    seen_at: datetime
    began_at: datetime
    turns: int
    answers: int

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: remembered)."""
        return {
            1: numeric_date(self.seen_at),
            2: numeric_date(self.began_at),
            3: self.turns,
            4: self.answers,
        }

    @classmethod
    def parse(cls, fields: Fields) -> Remembered:
        """Read the member map; FormatError."""
        remembered = cls(
            seen_at=fields.time(1, "seen"),
            began_at=fields.time(2, "began"),
            turns=fields.uint(3, "turns"),
            answers=fields.uint(4, "answers"),
        )
        fields.done()
        return remembered


class Licensed(Record):
    """One license: may it run, what speaks to it, and which unlock codes it takes and has used.

    `bound` are the kinds of its anchors, `memory` what is remembered of time, if anything.
    """

    product_id: str
    license_id: bytes
    entitlement_id: str
    allowed: bool
    standing: str
    bound: tuple[str, ...]
    findings: tuple[Diagnosed, ...]
    waiting: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    memory: Remembered | None = None

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: licensed)."""
        members: dict[int | str, cbor.Value] = {
            1: self.product_id,
            2: self.license_id,
            3: self.entitlement_id,
            4: self.allowed,
            5: self.standing,
            6: self.bound,
            7: tuple(one.encode() for one in self.findings),
            8: self.waiting,
            9: self.used,
        }
        if self.memory is not None:
            members[10] = self.memory.encode()
        return members

    @classmethod
    def parse(cls, value: cbor.Value) -> Licensed:
        """Read the member map; FormatError."""
        fields = Fields(value, "licensed")
        memory = None if fields.peek(10) is None else fields.map(10, "memory")
        licensed = cls(
            product_id=fields.text(1, "product", max_bytes=64),
            license_id=fields.bytes(2, "license", size=16),
            entitlement_id=fields.text(3, "entitlement", max_bytes=64),
            allowed=fields.flag(4, "allowed"),
            standing=fields.text(5, "standing", max_bytes=64),
            bound=fields.texts(6, "bound"),
            findings=_lines(fields, 7, "findings"),
            waiting=_words(fields, 8, "waiting"),
            used=_words(fields, 9, "used"),
            memory=None if memory is None else Remembered.parse(memory),
        )
        fields.done()
        return licensed


class Diagnostic(Record):
    """What the file says; `made_at` is the machine's clock, which may be wrong."""

    made_at: datetime
    key: VerificationKey
    software: str
    system: str
    lines: tuple[Diagnosed, ...]
    licenses: tuple[Licensed, ...]

    def encode(self) -> cbor.Value:
        """Return the claims (docs/spec: diagnostic)."""
        return {
            cwt.IAT: numeric_date(self.made_at),
            cwt.CNF: {cwt.COSE_KEY: self.key.cose_key()},
            cwt.HWLOCK: {
                1: self.software,
                2: self.system,
                3: tuple(one.encode() for one in self.lines),
                4: tuple(one.encode() for one in self.licenses),
            },
        }


def diagnose(says: Diagnostic, signer: Signer) -> bytes:
    """Sign a diagnostic file (binary form) with the machine's key."""
    return sign_file(signer, DIAGNOSTIC_TYP, says.encode())


def parse_diagnostic(raw: bytes) -> Diagnostic:
    """Read a file (binary form) that the key in it has signed; FormatError, BadSignature.

    The signature shows that it is whole. Whose key it is, the licenses of the desk say.
    """
    signed = cose.parse(raw, expected_typ=DIAGNOSTIC_TYP)
    claims = Fields(cbor.decode(signed.payload), "diagnostic")
    own = claims.map(cwt.HWLOCK, "hwlock")
    listed = own.array(4, "licenses", max_items=_MAX_LICENSES)
    says = Diagnostic(
        made_at=claims.time(cwt.IAT, "made"),
        key=confirmation(claims),
        software=own.text(1, "software"),
        system=own.text(2, "system"),
        lines=_lines(own, 3, "lines"),
        licenses=tuple(Licensed.parse(one) for one in listed),
    )
    own.done()
    claims.done()
    says.key.open(signed)
    return says


def _lines(fields: Fields, key: int, name: str) -> tuple[Diagnosed, ...]:
    return tuple(Diagnosed.parse(one) for one in fields.array(key, name, max_items=_MAX_LINES))


def _words(fields: Fields, key: int, name: str) -> tuple[str, ...]:
    """Read a list of texts, in which one may stand twice."""
    values = fields.array(key, name)
    listed = Fields(dict(enumerate(values)), name)
    return tuple(listed.text(at, name) for at in range(len(values)))
