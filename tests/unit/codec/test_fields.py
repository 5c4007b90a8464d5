"""Fields: each refusal names the place and the member, and nothing is left unread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest

from hwlock.codec.fields import Fields, numeric_date
from hwlock.errors import FormatError, InternalError

UTC = timezone.utc


def of(value: object) -> Fields:
    """Return fields with one member, 1."""
    return Fields({1: value}, "license")  # type: ignore[dict-item]


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "no-map": (lambda: Fields((), "license"), "HWL-FIELD-MAP"),
    "missing": (lambda: of(1).text(2, "thing"), "HWL-FIELD-MISSING"),
    "missing-raw": (lambda: of(1).raw(2, "thing"), "HWL-FIELD-MISSING"),
    "text-type": (lambda: of(b"x").text(1, "thing"), "HWL-FIELD-TYPE"),
    "text-null": (lambda: of(None).text(1, "thing", default=None), "HWL-FIELD-TYPE"),
    "text-long": (lambda: of("\u00fc" * 128).text(1, "thing"), "HWL-FIELD-LONG"),
    "text-newline": (lambda: of("a\nb").text(1, "thing"), "HWL-FIELD-TEXT"),
    "text-nul": (lambda: of("a\0").text(1, "thing"), "HWL-FIELD-TEXT"),
    "text-del": (lambda: of("a\x7f").text(1, "thing"), "HWL-FIELD-TEXT"),
    "text-c1": (lambda: of("a\x9b").text(1, "thing"), "HWL-FIELD-TEXT"),
    "text-escape": (lambda: of("\x1b[2J").text(1, "thing"), "HWL-FIELD-TEXT"),
    "text-reversed": (lambda: of("exe.\u202egpj").text(1, "thing"), "HWL-FIELD-TEXT"),
    "text-line-separator": (lambda: of("a\u2028b").text(1, "thing"), "HWL-FIELD-TEXT"),
    "text-decomposed": (lambda: of("u\u0308").text(1, "thing"), "HWL-FIELD-TEXT"),
    "bytes-type": (lambda: of("x").bytes(1, "thing"), "HWL-FIELD-TYPE"),
    "bytes-size": (lambda: of(b"x").bytes(1, "thing", size=2), "HWL-FIELD-SIZE"),
    "bytes-short": (lambda: of(b"x").bytes(1, "thing", min_bytes=2), "HWL-FIELD-SHORT"),
    "bytes-long": (lambda: of(b"xx").bytes(1, "thing", max_bytes=1), "HWL-FIELD-LONG"),
    "uint-type": (lambda: of("1").uint(1, "thing"), "HWL-FIELD-TYPE"),
    "uint-true": (lambda: of(True).uint(1, "thing"), "HWL-FIELD-TYPE"),
    "uint-negative": (lambda: of(-1).uint(1, "thing"), "HWL-FIELD-RANGE"),
    "uint-large": (lambda: of(2**32).uint(1, "thing"), "HWL-FIELD-RANGE"),
    "flag-number": (lambda: of(1).flag(1, "thing"), "HWL-FIELD-TYPE"),
    "flag-null": (lambda: of(None).flag(1, "thing", None), "HWL-FIELD-TYPE"),
    "time-type": (lambda: of("2030").time(1, "thing"), "HWL-FIELD-TYPE"),
    "time-before-1970": (lambda: of(-1).time(1, "thing"), "HWL-FIELD-RANGE"),
    "time-after-9999": (lambda: of(253402300800).time(1, "thing"), "HWL-FIELD-RANGE"),
    "array-type": (lambda: of({}).array(1, "thing"), "HWL-FIELD-TYPE"),
    "array-many": (lambda: of((1, 2)).array(1, "thing", max_items=1), "HWL-FIELD-MANY"),
    "texts-twice": (lambda: of(("a", "a")).texts(1, "thing"), "HWL-FIELD-TWICE"),
    "texts-type": (lambda: of(("a", 1)).texts(1, "thing"), "HWL-FIELD-TYPE"),
    "map-type": (lambda: of(()).map(1, "thing"), "HWL-FIELD-TYPE"),
    "choice-type": (lambda: of(1).choice(1, "thing", ("a",)), "HWL-FIELD-TYPE"),
    "choice-word": (lambda: of("c").choice(1, "thing", ("a", "b")), "HWL-FIELD-WORD"),
    "asked-twice": (lambda: [f := of(1), f.uint(1, "thing"), f.uint(1, "thing")],
                    "HWL-FIELD-MISSING"),
}  # fmt: skip


@pytest.mark.parametrize(("ask", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_refusal_names_the_place_and_the_member(ask: Callable[[], object], code: str) -> None:
    """Whatever is refused is refused with its own code, the place, and the member's name."""
    with pytest.raises(FormatError) as caught:
        ask()
    assert (caught.value.code, caught.value.stage) == (code, "field")
    assert "license" in caught.value.message
    assert "thing" in caught.value.message or code == "HWL-FIELD-MAP"


def test_members_become_values() -> None:
    """Each kind of member comes back as its type."""
    fields = Fields(
        {
            1: "J\u00fcrgen \u2013 100 %",
            2: b"\1\2",
            3: 2**32 - 1,
            4: False,
            5: 253402300799,
            6: (1, b"x"),
            7: {1: "in"},
            8: "b",
            -9: None,
            "x": ("p", "q"),
        },
        "license",
    )
    assert fields.text(1, "a") == "J\u00fcrgen \u2013 100 %"
    assert fields.bytes(2, "b", size=2) == b"\1\2"
    assert fields.uint(3, "c") == 2**32 - 1
    assert fields.flag(4, "d") is False
    assert fields.time(5, "e") == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert fields.array(6, "f") == (1, b"x")
    inner = fields.map(7, "g")
    assert inner.text(1, "h") == "in"
    inner.done()
    assert fields.choice(8, "i", ("a", "b")) == "b"
    assert fields.raw(-9, "j") is None
    assert fields.texts("x", "k") == ("p", "q")
    fields.done()


def test_joiners_of_real_scripts_are_text() -> None:
    """A zero-width non-joiner, which Persian needs, and an emoji sequence are allowed."""
    for text in ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\U0001f468\u200d\U0001f4bb"):
        assert of(text).text(1, "name") == text


def test_default_stands_for_an_absent_member() -> None:
    """An optional member that is absent is the default, of whatever type."""
    fields = Fields({}, "license")
    assert fields.text(1, "a", default=None) is None
    assert fields.bytes(1, "a", default=b"") == b""
    assert fields.uint(1, "a", default=7) == 7
    assert fields.flag(1, "a", False) is False
    assert fields.time(1, "a", None) is None
    assert fields.array(1, "a", default=()) == ()
    assert fields.texts(1, "a", default=()) == ()
    assert fields.map(1, "a", None) is None
    assert fields.choice(1, "a", ("x",), default="y") == "y"
    assert fields.raw(1, "a", 5) == 5
    fields.done()


def test_a_member_that_nobody_asked_for_is_refused_by_its_key() -> None:
    """What is left is named, in a map inside another as well, with the way to it."""
    outer = Fields({1: {5: 0}}, "license")
    with pytest.raises(FormatError) as caught:
        outer.map(1, "binding").done()
    assert caught.value.code == "HWL-FIELD-UNKNOWN"
    assert caught.value.message == "license: binding: it has an unknown member 5"


def test_a_hostile_key_is_shown_short_and_in_ascii() -> None:
    """The name of an unknown member cannot write to a terminal, nor fill it."""
    with pytest.raises(FormatError) as caught:
        Fields({"\x1b[2J" + "\u202e" * 500: 0}, "license").done()
    assert caught.value.message.isascii()
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 120


def test_reading_leaves_the_decoded_map_as_it_was() -> None:
    """Fields take from a copy."""
    value = {1: 2}
    Fields(value, "license").uint(1, "a")  # type: ignore[arg-type]
    assert value == {1: 2}


def test_numeric_date_is_the_inverse_of_time() -> None:
    """A time of whole seconds comes back, whatever its zone; parts of a second are dropped."""
    moment = datetime(2030, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=-5)))
    assert of(numeric_date(moment)).time(1, "a") == moment
    assert numeric_date(datetime(1970, 1, 1, 0, 0, 1, 999999, tzinfo=UTC)) == 1


@pytest.mark.parametrize(
    "moment", [datetime(2030, 1, 1), datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)], ids=str
)
def test_numeric_date_refuses_what_time_would_not_give(moment: datetime) -> None:
    """A time without a zone, and one before 1970, are faults of the caller."""
    with pytest.raises(InternalError):
        numeric_date(moment)
