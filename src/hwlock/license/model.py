"""What kind of license it is: how long it runs, what its features carry, how strict it is.

A license without a model is *node-locked*: it runs until its expiry, or for good. The model
(docs/spec: model) says what differs from that, and nothing else:

- **subscription**: ends, may be renewed in its last `renew_days`, and runs `grace_days` more;
- **maintenance**: has no end, and runs those versions that were released until
  `maintained_until`;
- **trial**: ends, and a machine gets it once;
- **floating**: needs a lease of a seat from a server;
- an `edition`, parameters and an end of single features, counters of what may be used up;
- `level`: what a person meets where the answer would be no: a refusal (enforce), or a warning;
- `addon_to`: it only adds to another license, which it names by entitlement or by feature.

A model has one form: what is not said is absent, and what contradicts itself is refused.
"""

from __future__ import annotations

from hwlock.codec.fields import Fields, numeric_date
from hwlock.errors import FormatError
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from hwlock.codec import cbor

__all__ = [
    "KINDS",
    "LEVELS",
    "PERIODS",
    "Counter",
    "Feature",
    "Model",
]

NODE_LOCKED, SUBSCRIPTION, MAINTENANCE = "node-locked", "subscription", "maintenance"
TRIAL, FLOATING = "trial", "floating"
KINDS = (NODE_LOCKED, SUBSCRIPTION, MAINTENANCE, TRIAL, FLOATING)
ENFORCE, WARN, ADVISORY = "enforce", "warn", "advisory"
LEVELS = (ENFORCE, WARN, ADVISORY)
WHOLE_LIFE = ""
PERIODS = ("day", "month", "year")

MAX_DAYS = 3650
MAX_NUMBER = 2**32 - 1
_MAX_ITEMS = 64
_MAX_NAME_BYTES = 64


class Feature(Record):
    """A feature that carries more than its name: parameters, an end of its own.

    `parameters` are pairs of a name and a text or number, sorted by name.
    """

    name: str
    expires_at: datetime | None = None
    parameters: tuple[tuple[str, str | int], ...] = ()

    def parameter(self, name: str) -> str | int | None:
        """Return the value of a parameter; None where there is none of this name."""
        return next((value for key, value in self.parameters if key == name), None)

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: feature)."""
        members: dict[int | str, cbor.Value] = {}
        if self.expires_at is not None:
            members[1] = numeric_date(self.expires_at)
        if self.parameters:
            members[2] = dict(self.parameters)
        return members

    @classmethod
    def parse(cls, name: str, value: cbor.Value) -> Feature:
        """Read the member map of the feature `name`; FormatError."""
        fields = Fields(value, "feature")
        feature = cls(
            name=name,
            expires_at=fields.time(1, "end", default=None),
            parameters=_parameters(fields.raw(2, "parameters", default={})),
        )
        fields.done()
        return feature


class Counter(Record):
    """So many of something: `limit` in each `period` (day|month|year), or "" in all."""

    name: str
    limit: int
    period: str = WHOLE_LIFE

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: counter)."""
        members: dict[int | str, cbor.Value] = {1: self.limit}
        if self.period:
            members[2] = self.period
        return members

    @classmethod
    def parse(cls, name: str, value: cbor.Value) -> Counter:
        """Read the member map of the counter `name`; FormatError."""
        fields = Fields(value, "counter")
        counter = cls(
            name=name,
            limit=fields.uint(1, "limit", max_value=MAX_NUMBER),
            period=fields.choice(2, "period", PERIODS, default=WHOLE_LIFE),
        )
        fields.done()
        return counter


class Model(Record):
    """The model of a license; without an argument, that of a node-locked one.

    `features` holds those that carry more than their name, `counters` what may be used up;
    both are sorted by name.
    """

    kind: str = NODE_LOCKED
    renew_days: int = 0
    grace_days: int = 0
    maintained_until: datetime | None = None
    edition: str = ""
    features: tuple[Feature, ...] = ()
    counters: tuple[Counter, ...] = ()
    level: str = ENFORCE
    addon_to: str = ""

    def feature(self, name: str) -> Feature:
        """Return what the model says of a feature; one without more is its name alone."""
        found = (feature for feature in self.features if feature.name == name)
        return next(found, Feature(name=name))

    def encode(self) -> dict[int | str, cbor.Value]:
        """Return the member map (docs/spec: model); empty for a node-locked license."""
        said: tuple[tuple[int, cbor.Value, object], ...] = (
            (1, self.kind, NODE_LOCKED),
            (2, self.renew_days, 0),
            (3, self.grace_days, 0),
            (5, self.edition, ""),
            (6, {one.name: one.encode() for one in self.features}, {}),
            (7, {one.name: one.encode() for one in self.counters}, {}),
            (8, self.level, ENFORCE),
            (9, self.addon_to, ""),
        )
        members: dict[int | str, cbor.Value] = {
            key: value for key, value, unsaid in said if value != unsaid
        }
        if self.maintained_until is not None:
            members[4] = numeric_date(self.maintained_until)
        return members

    @classmethod
    def parse(cls, value: cbor.Value) -> Model:
        """Read the member map; FormatError, also for one that says what is understood anyway."""
        fields = Fields(value, "model")
        model = cls(
            kind=fields.choice(1, "kind", KINDS, default=NODE_LOCKED),
            renew_days=fields.uint(2, "renewal window", max_value=MAX_DAYS, default=0),
            grace_days=fields.uint(3, "grace", max_value=MAX_DAYS, default=0),
            maintained_until=fields.time(4, "maintenance", default=None),
            edition=fields.text(5, "edition", max_bytes=_MAX_NAME_BYTES, default=""),
            features=tuple(
                Feature.parse(name, said)
                for name, said in _named(fields.raw(6, "features", default={}), "feature")
            ),
            counters=tuple(
                Counter.parse(name, said)
                for name, said in _named(fields.raw(7, "counters", default={}), "counter")
            ),
            level=fields.choice(8, "level", LEVELS, default=ENFORCE),
            addon_to=fields.text(9, "base", default=""),
        )
        fields.done()
        if not value or model.encode() != value:
            raise _contradiction("it has an entry that says nothing")
        return model

    def refuse_contradiction(self, features: tuple[str, ...], expires_at: datetime | None) -> None:
        """Return if the model fits a license with these features and this end; FormatError.

        1. a subscription and a trial have an end, maintenance has none;
        2. only a subscription has a renewal window and a grace;
        3. maintenance, and nothing else, says until when;
        4. what is said of a feature is of a feature of the license, and says something.
        """
        # 1.
        if self.kind in (SUBSCRIPTION, TRIAL) and expires_at is None:
            raise _contradiction(f"a {self.kind} must have an end")
        if self.kind == MAINTENANCE and expires_at is not None:
            raise _contradiction("a license with maintenance has no end of its own")
        # 2.
        if self.kind != SUBSCRIPTION and (self.renew_days or self.grace_days):
            raise _contradiction("only a subscription has a renewal window and a grace")
        # 3.
        if (self.kind == MAINTENANCE) != (self.maintained_until is not None):
            raise _contradiction("maintenance, and nothing else, has a day until which it goes")
        # 4.
        for feature in self.features:
            if feature.name not in features:
                raise _contradiction(f"the feature {feature.name!r} is described and not granted")
            if not feature.encode():
                raise _contradiction(f"the feature {feature.name!r} is described with nothing")


def _contradiction(why: str) -> FormatError:
    return FormatError("HWL-FIELD-MODEL", stage="field", why=why)


def _named(value: cbor.Value, what: str) -> list[tuple[str, cbor.Value]]:
    """Read a map from names to maps, by name."""
    if type(value) is not dict:
        raise FormatError("HWL-FIELD-MAP", stage="field", where=f"model: {what}s")
    if len(value) > _MAX_ITEMS:
        raise FormatError(
            "HWL-FIELD-MANY",
            stage="field",
            where="model",
            name=f"{what}s",
            found=len(value),
            limit=_MAX_ITEMS,
        )
    read = Fields(dict(enumerate(value)), "model")
    names = [read.text(number, f"name of a {what}") for number in range(len(value))]
    return [(name, value[name]) for name in sorted(names)]


def _parameters(value: cbor.Value) -> tuple[tuple[str, str | int], ...]:
    pairs: list[tuple[str, str | int]] = []
    for name, said in _named(value, "parameter"):
        one = Fields({0: said}, "feature")
        if type(said) is int:
            pairs.append((name, one.uint(0, name, max_value=MAX_NUMBER)))
        else:
            pairs.append((name, one.text(0, name)))
    return tuple(pairs)
