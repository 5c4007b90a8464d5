"""Kinds of license as options of a sale, and as what a person reads of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

import click

from hwlock.errors import UsageError
from hwlock.issue.records import Entitlement
from hwlock.issue.selling import end_of_day
from hwlock.license.model import (
    FLOATING,
    LEVELS,
    MAINTENANCE,
    PERIODS,
    SUBSCRIPTION,
    TRIAL,
    Counter,
    Feature,
    Model,
)

__all__ = ["DAY", "kind_options", "model_lines", "model_shape", "read_features", "read_model"]

F = TypeVar("F", bound=Callable[..., object])

DAY = click.DateTime(["%Y-%m-%d"])
_OPTIONS = (
    click.option("--subscription", is_flag=True, help="May be renewed; needs --days or --until."),
    click.option("--renew-days", type=int, default=0, metavar="N", help="Renewable before its end"),
    click.option("--grace-days", type=int, default=0, metavar="N", help="Runs on after its end."),
    click.option("--maintenance-until", type=DAY, help="For good, versions up to that day."),
    click.option("--trial-days", type=int, default=0, metavar="N", help="Once on each machine."),
    click.option("--floating", is_flag=True, help="Seats on loan from a license server."),
    click.option("--edition", default="", metavar="NAME", help="Such as Pro."),
    click.option("--counter", "counters", multiple=True, metavar="NAME=LIMIT[/PERIOD]",
                 help="So many, in all or each day, month, year; repeat it."),
    click.option("--level", type=click.Choice(LEVELS), default=LEVELS[0], show_default=True,
                 help="Refuse, warn, or only tell."),
    click.option("--addon-to", default="", metavar="ID|FEATURE", help="Adds to such a license."),
)  # fmt: skip


def kind_options(command: F) -> F:
    """Give a command the options that choose a kind of license."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read_features(said: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[Feature, ...]]:
    """Return the names of features, and those that carry more; UsageError.

    Each is NAME[=VALUE][@DATE]. VALUE is a number or a text, a parameter of the feature's own
    name, or several of KEY:VALUE with commas between.
    """
    features = [_feature(one) for one in said]
    more = {one.name: one for one in features if one.encode()}
    return tuple(one.name for one in features), tuple(more[name] for name in sorted(more))


def read_model(  # noqa: PLR0913 - an argument for each option
    features: tuple[Feature, ...],
    *,
    subscription: bool,
    renew_days: int,
    grace_days: int,
    maintenance_until: datetime | None,
    trial_days: int,
    floating: bool,
    edition: str,
    counters: tuple[str, ...],
    level: str,
    addon_to: str,
) -> Model:
    """Return the model that the options choose; UsageError for two kinds at once."""
    chosen = [
        kind
        for kind, wanted in (
            (SUBSCRIPTION, subscription),
            (MAINTENANCE, maintenance_until is not None),
            (TRIAL, bool(trial_days)),
            (FLOATING, floating),
        )
        if wanted
    ]
    if len(chosen) > 1:
        raise UsageError("HWL-VENDOR-KIND", kinds=" and ".join(chosen))
    found = {one.name: one for one in map(_counter, counters)}
    until = None if maintenance_until is None else end_of_day(maintenance_until.date())
    return Model(
        kind=chosen[0] if chosen else Model().kind,
        renew_days=renew_days,
        grace_days=grace_days,
        maintained_until=until,
        edition=edition.strip(),
        features=features,
        counters=tuple(found[name] for name in sorted(found)),
        level=level,
        addon_to=addon_to.strip(),
    )


def model_shape(model: Model, trial_days: int = 0) -> dict[str, object]:
    """Return the shape of a kind of license (docs/json.md)."""
    until = model.maintained_until
    return {
        "kind": model.kind,
        "edition": model.edition or None,
        "level": model.level,
        "renew_days": model.renew_days,
        "grace_days": model.grace_days,
        "trial_days": trial_days,
        "maintained_until": None if until is None else until.isoformat(),
        "feature_details": [
            {
                "name": one.name,
                "expires_at": None if one.expires_at is None else one.expires_at.isoformat(),
                "parameters": dict(one.parameters),
            }
            for one in model.features
        ],
        "counters": [
            {"name": one.name, "limit": one.limit, "period": one.period or None}
            for one in model.counters
        ],
        "addon_to": model.addon_to or None,
    }


def model_lines(sold: Entitlement) -> list[str]:
    """Return what a person reads of a kind of license; nothing of a plain one."""
    model = sold.model
    if model == Model():
        return []
    said = [("kind", _kind(sold)), ("edition", model.edition)]
    said += [("feature", _described(one)) for one in model.features]
    said += [("counter", _counted(one)) for one in model.counters]
    said += [("level", "" if model.level == LEVELS[0] else model.level)]
    said += [("adds to", model.addon_to)]
    return [f"  {name:15} {value}" for name, value in said if value]


def _kind(sold: Entitlement) -> str:
    model = sold.model
    if model.kind == SUBSCRIPTION:
        window = f", renewable {model.renew_days} days before" if model.renew_days else ""
        grace = f", runs {model.grace_days} days more" if model.grace_days else ""
        return f"subscription{window}{grace}"
    if model.maintained_until is not None:
        return f"for good, versions up to {model.maintained_until:%Y-%m-%d}"
    if model.kind == TRIAL:
        return f"trial, {sold.trial_days} days on each machine"
    return model.kind


def _described(feature: Feature) -> str:
    values = ", ".join(f"{name} {value}" for name, value in feature.parameters)
    end = f"until {feature.expires_at:%Y-%m-%d}" if feature.expires_at else ""
    return f"{feature.name}: {', '.join(one for one in (values, end) if one)}"


def _counted(counter: Counter) -> str:
    return (
        f"{counter.name}: {counter.limit} {f'a {counter.period}' if counter.period else 'in all'}"
    )


def _feature(said: str) -> Feature:
    left, at, day = said.rpartition("@")
    ends = _date(day) if at else None
    if ends is None:
        left = said
    name, _, value = left.partition("=")
    if not name.strip():
        raise UsageError("HWL-VENDOR-FEATURE", said=said)
    return Feature(
        name=name.strip(),
        expires_at=None if ends is None else end_of_day(ends),
        parameters=_parameters(name.strip(), value, said),
    )


def _parameters(name: str, value: str, said: str) -> tuple[tuple[str, str | int], ...]:
    if not value:
        return ()
    if ":" not in value:
        return ((name, _value(value)),)
    pairs = {}
    for pair in value.split(","):
        key, colon, text = (part.strip() for part in pair.partition(":"))
        if not (key and colon and text):
            raise UsageError("HWL-VENDOR-FEATURE", said=said)
        pairs[key] = _value(text)
    return tuple(sorted(pairs.items()))


def _value(text: str) -> str | int:
    return int(text) if text.isascii() and text.isdigit() else text.strip()


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _counter(said: str) -> Counter:
    name, _, rest = said.partition("=")
    limit, slash, period = rest.partition("/")
    if not (name.strip() and limit.isascii() and limit.isdigit()) or (
        slash and period not in PERIODS
    ):
        raise UsageError("HWL-VENDOR-COUNTER", said=said)
    return Counter(name=name.strip(), limit=int(limit), period=period)
