"""The main job: an offline machine goes from nothing to licensed, and what must not work."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from hwlock import Guard
from hwlock.errors import DeniedError
from hwlock.record import replace
from hwlock.testing.host_tree import DESKTOP, LAPTOP, Nic, VirtualHost, cloned, installed_anew
from hwlock.testing.swtpm import SoftwareTpm

from .actors import Actor, Clock, at_machine


def sell(vendor: Actor, *words: object) -> str:
    """Sell one seat for 30 days, unless `words` say otherwise; return the activation key."""
    terms = words if "--days" in words or "--perpetual" in words else (*words, "--days", 30)
    sold = vendor.does(
        *("vendor", "entitlement", "add", "--product", "acme-cad", "--customer", "Meyer"), *terms
    )
    key = sold["key"]
    assert isinstance(key, str)
    return key


def activated(vendor: Actor, machine: Actor, key: str, folder: Path, *request: object) -> Path:
    """Go through the three steps; return the response's file."""
    asked, answered = folder / "my.hwreq", folder / "my.hwres"
    product = folder / "acme-cad.hwproduct"
    machine.does("request", "--product", product, "--key", key, "-o", asked, *request)
    vendor.does("respond", asked, "-o", answered)
    machine.does("activate", answered)
    return answered


def test_fingerprint_machine_becomes_licensed(vendor: Actor, clock: Clock, tmp_path: Path) -> None:
    """Three files license a machine that has no TPM, with the features that were sold."""
    key = sell(vendor, "--feature", "simulation", "--feature", "export")
    machine = at_machine(tmp_path / "m", clock, DESKTOP)
    activated(vendor, machine, key, tmp_path)
    verdict = machine.does("check", "--product", tmp_path / "acme-cad.hwproduct")
    assert verdict["allowed"] is True
    assert sorted(verdict["features"]) == ["export", "simulation"]
    assert verdict["days_left"] == 30


def test_tpm_machine_becomes_licensed_and_only_it(
    vendor: Actor, clock: Clock, tmp_path: Path, tpms: tuple[SoftwareTpm, SoftwareTpm]
) -> None:
    """A license that is bound to a TPM opens in it, runs with it, and with no other."""
    key = sell(vendor, "--bind", "tpm2 and host")
    machine = at_machine(tmp_path / "m", clock, DESKTOP)
    activated(vendor, machine, key, tmp_path, "--device", tpms[0].uri)
    assert machine.does("check")["allowed"] is True
    tpms[0].stop()
    told = machine.types("check", "--json")
    assert told.status == 1
    assert told.json["allowed"] is False
    tpms[0].start()
    assert machine.does("check")["allowed"] is True


def test_response_of_another_tpm_does_not_open(
    vendor: Actor, clock: Clock, tmp_path: Path, tpms: tuple[SoftwareTpm, SoftwareTpm]
) -> None:
    """A store copied to a machine with another TPM cannot open the response made for the first."""
    key = sell(vendor)
    machine = at_machine(tmp_path / "m", clock, DESKTOP)
    asked, answered = tmp_path / "a.hwreq", tmp_path / "a.hwres"
    product = tmp_path / "acme-cad.hwproduct"
    machine.does(
        *("request", "--product", product, "--key", key, "--device", tpms[0].uri), "-o", asked
    )
    vendor.does("respond", asked, "-o", answered)
    swapped = tpms[1].uri.encode()
    record = tmp_path / "m" / "store" / "acme-cad" / "devices" / "tpm2.cbor"
    assert len(swapped) == len(tpms[0].uri)
    record.write_bytes(record.read_bytes().replace(tpms[0].uri.encode(), swapped))
    told = machine.types("activate", answered)
    assert told.status in (3, 5), told
    record.write_bytes(record.read_bytes().replace(swapped, tpms[0].uri.encode()))
    machine.does("activate", answered)


def test_another_machine_is_told_so(vendor: Actor, clock: Clock, tmp_path: Path) -> None:
    """A copied store on other hardware is denied, and the parts that differ are named."""
    key = sell(vendor)
    machine = at_machine(tmp_path / "m", clock, DESKTOP)
    activated(vendor, machine, key, tmp_path)
    other = at_machine(tmp_path / "o", clock, cloned(DESKTOP, 7))
    shutil.copytree(tmp_path / "m" / "store", tmp_path / "o" / "store")
    record = tmp_path / "o" / "store" / "acme-cad" / "devices" / "host.cbor"
    record.unlink()
    told = other.types("check")
    assert told.status == 1
    assert told.codes & {"HWL-HOST-OTHER", "HWL-HOST-TOO-CHANGED"}
    assert "disk" in told.out


def test_a_new_adapter_is_tolerated_and_told(vendor: Actor, clock: Clock, tmp_path: Path) -> None:
    """One changed part is a warning that says how much more may change."""
    key = sell(vendor)
    machine = at_machine(tmp_path / "m", clock)
    hardware = VirtualHost(tmp_path / "laptop", LAPTOP)
    machine.machine = replace(machine.machine, host_uri=hardware.uri)
    activated(vendor, machine, key, tmp_path)
    hardware.change(nics=(Nic(name="eth9", mac="b0:7b:25:99:88:77"), *LAPTOP.nics[1:]))
    verdict = machine.does("check")
    assert verdict["allowed"] is True
    assert [found["code"] for found in verdict["findings"]] == ["HWL-HOST-CHANGED"]
    assert "network adapter" in verdict["findings"][0]["message"]


@pytest.mark.parametrize(
    ("name", "mangle"),
    [
        ("CRLF line ends", lambda text: text.replace("\n", "\r\n")),
        ("quoted twice", lambda text: "".join(f"> > {line}\n" for line in text.splitlines())),
        ("joined lines", lambda text: _joined(text)),
        ("trailing spaces", lambda text: text.replace("\n", "   \n")),
        ("a mail around it", lambda text: f"Dear customer,\n\nhere:\n{text}\n--\nACME\n"),
        ("lines broken elsewhere", lambda text: _rewrapped(text, 31)),
    ],
)
def test_a_mangled_response_still_activates(
    vendor: Actor, clock: Clock, tmp_path: Path, name: str, mangle: object
) -> None:
    """What mail does to a text does not keep a machine from being licensed."""
    assert callable(mangle)
    key = sell(vendor)
    machine = at_machine(tmp_path / "m", clock, DESKTOP)
    asked, answered = tmp_path / "a.hwreq", tmp_path / "a.hwres"
    product = tmp_path / "acme-cad.hwproduct"
    machine.does("request", "--product", product, "--key", key, "-o", asked)
    asked.write_bytes(mangle(asked.read_text()).encode())
    vendor.does("respond", asked, "-o", answered)
    answered.write_bytes(mangle(answered.read_text()).encode())
    assert machine.does("activate", answered)["allowed"] is True, name


def test_a_response_works_once(vendor: Actor, clock: Clock, tmp_path: Path) -> None:
    """The same response again says that its license is here; elsewhere, that nobody waits."""
    key = sell(vendor)
    machine = at_machine(tmp_path / "m", clock, DESKTOP)
    response = activated(vendor, machine, key, tmp_path)
    again = machine.types("activate", response)
    assert (again.status, again.codes) == (1, {"HWL-RESPONSE-USED"})
    elsewhere = at_machine(tmp_path / "o", clock, LAPTOP).types("activate", response)
    assert (elsewhere.status, elsewhere.codes) == (1, {"HWL-RESPONSE-OTHER"})


def test_return_frees_the_seat_and_kills_the_license(
    vendor: Actor, clock: Clock, tmp_path: Path
) -> None:
    """After a return: not licensed, the response is refused as such, the next machine gets in."""
    key = sell(vendor)
    machine = at_machine(tmp_path / "m", clock, DESKTOP)
    response = activated(vendor, machine, key, tmp_path)
    other = at_machine(tmp_path / "o", clock, LAPTOP)
    asked, answered, receipt = (tmp_path / name for name in ("o.hwreq", "o.hwres", "m.hwret"))
    product = tmp_path / "acme-cad.hwproduct"
    other.does("request", "--product", product, "--key", key, "-o", asked)
    assert vendor.types("respond", asked, "-o", answered).status == 1
    machine.does("return", "-o", receipt)
    assert machine.types("check").codes == {"HWL-LICENSE-NONE"}
    refused = machine.types("activate", response)
    assert (refused.status, refused.codes) == (1, {"HWL-RESPONSE-RETURNED"})
    first = receipt.read_bytes()
    machine.does("return", "-o", receipt)
    assert receipt.read_bytes() == first
    vendor.does("vendor", "receive", receipt)
    vendor.does("respond", asked, "-o", answered)
    assert other.does("activate", answered)["allowed"] is True


def test_the_same_machine_again_costs_no_seat(
    vendor: Actor, clock: Clock, tmp_path: Path, tpms: tuple[SoftwareTpm, SoftwareTpm]
) -> None:
    """A deleted store, a new system: the TPM, or the parts, are recognized."""
    key = sell(vendor)
    machine = at_machine(tmp_path / "m", clock, DESKTOP)
    activated(vendor, machine, key, tmp_path)
    shutil.rmtree(tmp_path / "m")
    activated(vendor, at_machine(tmp_path / "m", clock, installed_anew(DESKTOP)), key, tmp_path)
    second = sell(vendor)
    device = ("--device", tpms[0].uri)
    activated(vendor, at_machine(tmp_path / "t", clock, LAPTOP), second, tmp_path, *device)
    shutil.rmtree(tmp_path / "t")
    activated(vendor, at_machine(tmp_path / "t", clock, LAPTOP), second, tmp_path, *device)


def test_time_ends_a_license_and_does_not_run_back(
    vendor: Actor, clock: Clock, tmp_path: Path
) -> None:
    """Warned in the last days, ended after them, and a clock set back does not help."""
    key = sell(vendor)
    machine = at_machine(tmp_path / "m", clock, DESKTOP)
    activated(vendor, machine, key, tmp_path)
    clock.ahead = timedelta(days=20)
    verdict = machine.does("check")
    assert [found["code"] for found in verdict["findings"]] == ["HWL-TERM-ENDING"]
    clock.ahead = timedelta(days=31)
    assert machine.types("check").codes == {"HWL-TERM-ENDED"}
    clock.ahead = timedelta(days=5)
    assert machine.types("check").codes == {"HWL-CLOCK-BACK"}


def test_a_wrong_clock_has_a_way_back(vendor: Actor, clock: Clock, tmp_path: Path) -> None:
    """A mark driven into the future by a wrong clock is undone by a fresh answer."""
    key = sell(vendor)
    machine = at_machine(tmp_path / "m", clock, DESKTOP)
    activated(vendor, machine, key, tmp_path)
    clock.ahead = timedelta(days=10)
    machine.does("check")
    clock.ahead = timedelta()
    assert machine.types("check").codes == {"HWL-CLOCK-BACK"}
    activated(vendor, machine, key, tmp_path)
    assert machine.does("check")["allowed"] is True


def test_a_response_from_the_drawer_does_not_turn_back_time(
    vendor: Actor, clock: Clock, tmp_path: Path
) -> None:
    """A second response, kept unused until the license has ended, does not undo the mark."""
    key = sell(vendor)
    machine = at_machine(tmp_path / "m", clock, DESKTOP)
    activated(vendor, machine, key, tmp_path)
    asked, drawer = tmp_path / "b.hwreq", tmp_path / "b.hwres"
    product = tmp_path / "acme-cad.hwproduct"
    machine.does("request", "--product", product, "--key", key, "-o", asked)
    vendor.does("respond", asked, "-o", drawer)
    clock.ahead = timedelta(days=31)
    assert machine.types("check").codes == {"HWL-TERM-ENDED"}
    clock.ahead = timedelta(days=1)
    assert machine.types("activate", drawer).codes == {"HWL-DENIED", "HWL-CLOCK-BACK"}


def test_guard_grants_and_denies(vendor: Actor, clock: Clock, tmp_path: Path) -> None:
    """The face for developers: a Grant with features, or DeniedError with every finding."""
    key = sell(vendor, "--feature", "simulation")
    machine = at_machine(tmp_path / "m", clock, DESKTOP)
    guard = Guard(tmp_path / "acme-cad.hwproduct", machine=machine.machine)
    with pytest.raises(DeniedError) as denied:
        guard.require()
    assert [found.code for found in denied.value.findings] == ["HWL-LICENSE-NONE"]
    activated(vendor, machine, key, tmp_path)
    grant = guard.require("simulation")
    assert grant.has("simulation") and not grant.has("export")
    assert guard.feature("simulation")(lambda: "ran")() == "ran"
    with pytest.raises(DeniedError) as missing:
        guard.feature("export")(lambda: "ran")()
    assert missing.value.code == "HWL-FEATURE-MISSING"
    with pytest.raises(TypeError):
        bool(guard.check())


def test_state_that_was_edited_is_noticed(vendor: Actor, clock: Clock, tmp_path: Path) -> None:
    """An edited memory denies and says so; a new activation mends it and costs no seat."""
    key = sell(vendor)
    machine = at_machine(tmp_path / "m", clock, DESKTOP)
    activated(vendor, machine, key, tmp_path)
    state = tmp_path / "m" / "store" / "acme-cad" / "state.cbor"
    state.write_bytes(state.read_bytes()[:-1] + b"\x00")
    assert machine.types("check").codes == {"HWL-STORE-FORGED"}
    activated(vendor, machine, key, tmp_path)
    assert machine.does("check")["allowed"] is True


def _joined(text: str) -> str:
    lines = text.splitlines()
    return "\n".join((lines[0], "".join(lines[1:-1]), lines[-1]))


def _rewrapped(text: str, width: int) -> str:
    lines = text.splitlines()
    body = "".join(lines[1:-1])
    parts = [body[at : at + width] for at in range(0, len(body), width)]
    return "\n".join((lines[0], *parts, lines[-1]))
