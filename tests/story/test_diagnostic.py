"""Support asks for one file, and reads in it what happened and what to do."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from pathlib import Path

import pytest

from hwlock.codec import armor, cose
from hwlock.enforce.diagnosing import masked
from hwlock.enforce.machine import Machine
from hwlock.errors import UntrustedError
from hwlock.exchange.diagnostic import DIAGNOSTIC_TYP, parse_diagnostic
from hwlock.license.license import UnverifiedLicense
from hwlock.testing.dongles import Sockets, SoftDongle
from hwlock.testing.host_tree import DESKTOP, LAPTOP, VM
from hwlock.testing.host_tree import Machine as Hardware
from hwlock.testing.swtpm import SoftwareTpm

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


def identifiers(hardware: Hardware, machine: Machine) -> set[bytes]:
    """Return every raw identifier of a machine, in each form in which it could be written."""
    names = ("serial", "uuid")
    said = [text for name, text in hardware.dmi.items() if name.endswith(names)]
    said += [word for disk in hardware.disks for word in (disk.serial, disk.wwid)]
    said += [word for nic in hardware.nics for word in (nic.mac, nic.phy)]
    said.append(hardware.machine_id)
    found = set()
    for word in filter(None, said):
        plain = re.sub("[^0-9a-zA-Z]", "", word)
        found |= {word.encode(), plain.encode()}
        if re.fullmatch("[0-9a-fA-F]{12}|[0-9a-fA-F]{32}", plain):
            found |= {bytes.fromhex(plain), uuid.UUID(plain).bytes_le if len(plain) == 32 else b"-"}
    with machine.open_host(machine.host_uri) as host:
        own = ("disk", "nic", "serial", "uuid", "machine-id")
        found |= {one.value for one in host.components() if any(w in one.kind for w in own)}
    return {one for each in found - {b"-"} for one in (each, each.lower(), each.upper())}


@pytest.mark.parametrize("hardware", [LAPTOP, DESKTOP, VM], ids=["laptop", "desktop", "vm"])
def test_the_tpm_signs_and_nothing_raw_leaves(
    tmp_path: Path,
    clock: Clock,
    vendor: Actor,
    tpms: tuple[SoftwareTpm, SoftwareTpm],
    hardware: Hardware,
) -> None:
    """The key is the one that the license names; of parts and dongles no identifier is there."""
    stick = SoftDongle("piv", "red", serial="7700112233")
    customer = at_machine(tmp_path / "c", clock, hardware, tpms[0].uri, Sockets(stick))
    sale = ("--product", "acme-cad", "--customer", "Globex", "--bind", "tpm2 and piv")
    key = vendor.does("vendor", "entitlement", "add", *sale)["key"]
    product = tmp_path / "acme-cad.hwproduct"
    ask = ("request", "--product", product, "--key", key, "--device", stick.uri)
    customer.does(*ask, "-o", tmp_path / "my.hwreq")
    vendor.does("respond", tmp_path / "my.hwreq", "-o", tmp_path / "my.hwres")
    customer.does("activate", tmp_path / "my.hwres")
    (file,) = (tmp_path / "c" / "store").rglob("*.hwlic")
    license = UnverifiedLicense.parse(armor.decode(file.read_bytes())[1]).says
    raws = []
    for pulled in (False, True):  # what is missing is told of by its label
        if pulled:
            customer.machine.open_dongle.__self__.pull(stick)  # type: ignore[attr-defined]
        customer.types("doctor", "-o", tmp_path / "a.hwdiag")
        raws.append(armor.decode((tmp_path / "a.hwdiag").read_bytes())[1])
        says = parse_diagnostic(raws[-1])
        assert says.key == license.key
        assert says.key.alg == cose.ES256
        assert says.licenses[0].allowed is not pulled
    secrets = identifiers(hardware, customer.machine) | {b"7700112233"}
    assert len(secrets) > 5
    for raw in raws:
        assert not {one for one in secrets if one in raw}
        assert stick.label.encode() not in raw
    # the TPM is away: a file all the same, by the key of the store
    tpms[0].stop()
    customer.types("doctor", "-o", tmp_path / "b.hwdiag")
    says = parse_diagnostic(armor.decode((tmp_path / "b.hwdiag").read_bytes())[1])
    assert says.key.alg == cose.EDDSA


def test_what_was_taken_back_is_told(
    tmp_path: Path, vendor: Actor, machine: Actor, clock: Clock
) -> None:
    """By the list that is here, and not as a list that is missing."""
    (file,) = (tmp_path / "customer" / "store").rglob("*.hwlic")
    vendor.does("vendor", "revoke", "license", file.stem, "--reason", "not paid")
    vendor.does("vendor", "revocations", "acme-cad", "-o", tmp_path / "a.hwcrl")
    machine.does("import", tmp_path / "a.hwcrl")
    machine.types("check")
    told(machine, vendor, tmp_path / "a.hwdiag")
    says = parse_diagnostic(armor.decode((tmp_path / "a.hwdiag").read_bytes())[1])
    (license,) = says.licenses
    assert [one.code for one in license.findings if one.mark == "no"] == ["HWL-REVOKED-LICENSE"]


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
