"""docs/json.md names what the commands print, and the commands print what it names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hwlock.testing.host_tree import DESKTOP
from tests.story.actors import Actor, Clock, at_desk, at_machine

PAGE = Path(__file__).parents[2] / "docs" / "json.md"


def documented(title: str) -> set[str]:
    """Return the first-level members that the page gives to a command."""
    text = PAGE.read_text(encoding="utf-8")
    start = text.index(f"\n## {title}") + 1
    section = text[start : text.find("\n## ", start)]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    names = rows or [section.partition("\n")[2]]
    return {name for row in names for name in re.findall(r"`([a-z_]+)`", row)}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The members that each command prints, from one life of a license."""
    folder = tmp_path_factory.mktemp("json")
    clock = Clock()
    vendor = at_desk(folder / "vendor", clock)
    machine = at_machine(folder / "m", clock, DESKTOP)
    product, asked, answered, receipt = (
        folder / name for name in ("acme-cad.hwproduct", "a.hwreq", "a.hwres", "a.hwret")
    )
    seen: dict[str, set[str]] = {}

    def run(actor: Actor, name: str, *words: object) -> dict[str, object]:
        said = actor.types(*name.split(), *words, "--json").json
        seen[name] = set(said)
        return said

    run(vendor, "vendor product export", "acme-cad", "-o", product)
    sold = ("--product", "acme-cad", "--customer", "Meyer")
    key = run(vendor, "vendor entitlement add", *sold)["key"]
    run(machine, "request", "--product", product, "--key", key, "-o", asked)
    run(vendor, "respond", asked, "-o", answered)
    run(machine, "activate", answered)
    run(machine, "check")
    run(machine, "status")
    run(machine, "device list")
    run(machine, "doctor")
    run(machine, "return", "-o", receipt)
    run(vendor, "vendor receive", receipt)
    run(vendor, "vendor audit verify")
    seen["error"] = set(machine.types("activate", answered, "--json").json["error"])
    return seen


@pytest.mark.parametrize(
    "name", ["request", "check", "status", "return", "device list", "doctor", "respond"]
)
def test_members_are_those_of_the_page(name: str, told: dict[str, set[str]]) -> None:
    """A command's object has exactly the members of its section."""
    assert told[name] == documented(f"`{name}`")


def test_activate_prints_a_verdict(told: dict[str, set[str]]) -> None:
    """What activation prints is a verdict, and that it was activated."""
    assert told["activate"] == {"activated"} | documented("`check`")


def test_errors_have_the_members_of_the_page(told: dict[str, set[str]]) -> None:
    """A denial is an error with findings."""
    assert told["error"] == documented("An error")


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("vendor entitlement add", "`vendor entitlement add`"),
        ("vendor product export", "`vendor product add`"),
        ("vendor receive", "`vendor receive`"),
        ("vendor audit verify", "`vendor audit verify`"),
    ],
)
def test_members_of_the_desk_are_on_the_page(
    name: str, title: str, told: dict[str, set[str]]
) -> None:
    """Every member that the vendor's commands print is named in their section."""
    assert told[name] <= documented(title)
