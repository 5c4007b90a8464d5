"""Support asks for one file, and reads in it what happened and what to do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from hwlock.codec import armor, cose
from hwlock.enforce.diagnosing import masked
from hwlock.errors import UntrustedError
from hwlock.exchange.diagnostic import DIAGNOSTIC_TYP, parse_diagnostic
from hwlock.testing.host_tree import DESKTOP, LAPTOP

from .actors import Actor, Clock, at_machine

DAY = timedelta(days=1)


@pytest.fixture
def machine(tmp_path: Path, clock: Clock, vendor: Actor) -> Actor:
    """A machine that is licensed for a month."""
    sale = ("--product", "acme-cad", "--customer", "Globex", "--days", "30", "--bind", "host")
    key = vendor.does("vendor", "entitlement", "add", *sale)["key"]
    customer = at_machine(tmp_path / "customer", clock, LAPTOP)
    product = tmp_path / "acme-cad.hwproduct"
    customer.does("request", "--product", product, "--key", key, "-o", tmp_path / "my.hwreq")
    vendor.does("respond", tmp_path / "my.hwreq", "-o", tmp_path / "my.hwres")
    customer.does("activate", tmp_path / "my.hwres")
    return customer


def told(machine: Actor, vendor: Actor, path: Path) -> dict[str, object]:
    """Return what the desk reads of the license in a fresh diagnostic file."""
    machine.types("doctor", "-o", path)
    license = vendor.does("inspect", path)["license 1"]
    assert isinstance(license, dict)
    return license


def test_a_file_says_that_all_is_well(tmp_path: Path, vendor: Actor, machine: Actor) -> None:
    """It is armored, whole, and names the license and its unlock codes."""
    path = tmp_path / "a.hwdiag"
    license = told(machine, vendor, path)
    assert license["runs"] == "yes, active"
    assert license["likely cause"] == "nothing is wrong with this license"
    assert license["codes waiting"] == ["clock", "clock"]
    assert b"BEGIN HWLOCK DIAGNOSTIC" in path.read_bytes()


def test_a_wrong_clock_leads_to_an_unlock_code(
    tmp_path: Path, clock: Clock, vendor: Actor, machine: Actor
) -> None:
    """The first step is the command that gives the code; it works."""
    clock.ahead = 20 * DAY
    machine.does("check")
    clock.ahead = DAY
    license = told(machine, vendor, tmp_path / "a.hwdiag")
    assert str(license["likely cause"]).startswith("the clock")
    steps = license["next steps"]
    assert isinstance(steps, list)
    given = vendor.does(*steps[0].split()[1:])["code"]
    machine.does("redeem", given)
    after = told(machine, vendor, tmp_path / "b.hwdiag")
    assert (after["codes waiting"], after["codes used"]) == (["clock"], ["clock"])


def test_another_machine_and_an_ended_term_have_their_own_steps(
    tmp_path: Path, clock: Clock, vendor: Actor, machine: Actor
) -> None:
    """Each cause names the commands that mend it."""
    other = at_machine(tmp_path / "elsewhere", clock, DESKTOP)
    home = Path(machine.machine.user_root)
    for one in (*home.rglob("*.hwproduct"), *home.rglob("*.hwlic")):
        to = Path(other.machine.user_root) / one.relative_to(home)
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        to.write_bytes(one.read_bytes())
    license = told(other, vendor, tmp_path / "a.hwdiag")
    assert "another machine" in str(license["likely cause"])
    assert any("vendor release" in step for step in license["next steps"])  # type: ignore[attr-defined]
    clock.ahead = 40 * DAY
    license = told(machine, vendor, tmp_path / "b.hwdiag")
    assert license["likely cause"] == "what was sold has ended"
    assert any("entitlement extend E-" in step for step in license["next steps"])  # type: ignore[attr-defined]


def test_no_serial_number_is_in_a_file(tmp_path: Path, vendor: Actor, machine: Actor) -> None:
    """Neither of parts nor of dongles; a sentence that names one is masked."""
    path = tmp_path / "a.hwdiag"
    told(machine, vendor, path)
    raw = armor.decode(path.read_bytes())[1]
    for part in (tmp_path / "customer" / "hardware").rglob("*"):
        if part.is_file() and ("serial" in part.name or part.name in ("address", "machine-id")):
            value = part.read_bytes().strip()
            assert not value or value not in raw, part
    assert masked("plug in piv (serial 0012ab)") == "plug in piv (serial …)"
    assert masked("usb:1050:0407;serial=77;x=1") == "usb:1050:0407;serial=…;x=1"


def test_a_changed_file_is_refused(tmp_path: Path, vendor: Actor, machine: Actor) -> None:
    """The key in it signs it."""
    path = tmp_path / "a.hwdiag"
    told(machine, vendor, path)
    raw = bytearray(armor.decode(path.read_bytes())[1])
    assert cose.parse(bytes(raw)).header.typ == DIAGNOSTIC_TYP
    raw[-1] ^= 1
    with pytest.raises(UntrustedError):
        parse_diagnostic(bytes(raw))


def test_a_machine_without_anything_writes_one(tmp_path: Path, clock: Clock, vendor: Actor) -> None:
    """Nothing was asked for there: the file says so, signed by a key of the moment."""
    empty = at_machine(tmp_path / "empty", clock)
    empty.types("doctor", "-o", tmp_path / "a.hwdiag")
    facts = vendor.does("inspect", tmp_path / "a.hwdiag")
    assert facts["likely cause"] == "no license is there"
