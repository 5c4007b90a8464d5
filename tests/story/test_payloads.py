"""Sealed files: opened where the license's hardware is, by no patch of the answer elsewhere."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hwlock.check import Grant
from hwlock.codec import armor
from hwlock.enforce import importer
from hwlock.enforce.guard import Guard
from hwlock.errors import DeniedError, UntrustedError
from hwlock.license import binding, content_keys
from hwlock.testing.host_tree import DESKTOP, LAPTOP
from hwlock.testing.swtpm import SoftwareTpm
from tests.story.actors import Actor, Clock, at_desk, at_machine

MODEL = bytes(at * 7 % 256 for at in range(200_000))


class Vendor:
    """A desk that has sealed a model and a module, and sells what opens them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.clock = Clock()
        self.desk = at_desk(home / "v", self.clock)
        self.product = home / "acme-cad.hwproduct"
        self.desk.does("vendor", "product", "export", "acme-cad", "-o", self.product)
        (home / "model.bin").write_bytes(MODEL)
        (home / "acme_solver.py").write_text("def answer():\n    return 42\n", encoding="utf-8")
        seal = ("vendor", "seal", "--product", "acme-cad")
        self.desk.does(*seal, home / "model.bin", "--key", "models")
        self.desk.does(*seal, home / "acme_solver.py", "--key", "plugins")

    @property
    def model(self) -> Path:
        """The sealed model."""
        return self.home / "model.bin.hwsealed"

    def sell(self, *opens: str, bind: str = "tpm2 else host") -> str:
        """Sell what opens these keys; return the activation key."""
        words = [word for name in opens for word in ("--opens", name)]
        add = ("vendor", "entitlement", "add", "--product", "acme-cad", "--customer", "Meyer")
        return str(self.desk.does(*add, "--bind", bind, *words)["key"])

    def license(self, actor: Actor, key: str, *words: object) -> None:
        """Take a machine through request, response and activation."""
        asked, answered = self.home / "my.hwreq", self.home / "my.hwres"
        actor.does("request", "--product", self.product, "--key", key, "-o", asked, *words)
        self.desk.does("respond", asked, "-o", answered)
        actor.does("activate", answered)

    def grant(self, actor: Actor) -> Grant:
        """Check on a machine."""
        return Guard(self.product, machine=actor.machine).require()


@pytest.fixture
def vendor(tmp_path: Path) -> Vendor:
    """Return the vendor."""
    return Vendor(tmp_path)


def test_a_machine_opens_what_it_was_sold(vendor: Vendor, tmp_path: Path) -> None:
    """By its parts; another key's file stays closed, and says why."""
    machine = at_machine(tmp_path / "m", vendor.clock, DESKTOP)
    vendor.license(machine, vendor.sell("models"))
    grant = vendor.grant(machine)
    with grant.open(vendor.model) as file:
        assert file.read() == MODEL
    with pytest.raises(DeniedError) as caught:
        grant.open(tmp_path / "acme_solver.py.hwsealed")
    assert caught.value.code == "HWL-SEALED-KEY"


def test_a_license_without_keys_opens_nothing(vendor: Vendor, tmp_path: Path) -> None:
    """And is good for everything else."""
    machine = at_machine(tmp_path / "m", vendor.clock, DESKTOP)
    vendor.license(machine, vendor.sell())
    with pytest.raises(DeniedError) as caught:
        vendor.grant(machine).open(vendor.model)
    assert caught.value.code == "HWL-SEALED-NONE"


def test_a_tpm_opens_it(
    vendor: Vendor, tmp_path: Path, tpms: tuple[SoftwareTpm, SoftwareTpm]
) -> None:
    """The key comes out of an agreement inside the TPM."""
    machine = at_machine(tmp_path / "m", vendor.clock, DESKTOP, tpms[0].uri)
    vendor.license(machine, vendor.sell("models", bind="tpm2"))
    with vendor.grant(machine).open(vendor.model) as file:
        file.seek(150_000)
        assert file.read(1000) == MODEL[150_000:151_000]


def test_either_opens_it_where_either_will_do(
    vendor: Vendor, tmp_path: Path, tpms: tuple[SoftwareTpm, SoftwareTpm]
) -> None:
    """TPM or host: with the TPM gone, the host's shares are enough."""
    machine = at_machine(tmp_path / "m", vendor.clock, DESKTOP, tpms[0].uri)
    vendor.license(machine, vendor.sell("models", bind="tpm2 or host"))
    tpms[0].stop()
    with vendor.grant(machine).open(vendor.model) as file:
        assert file.read() == MODEL


ROOMS = ("check", "license", "evidence", "crypto")
NO = {"_behind", "_fell_back", "_is_roca", "is_virtual", "has"}  # good news where they say no
READING = {"__eq__", "__bool__", "more", "flag"}  # part of reading and comparing: nothing to gain


def decisions() -> Iterator[tuple[object, str, Callable[..., object]]]:
    """Yield whatever decides in the rooms that decide: where it is, and what says yes in its place.

    What returns a bool, what returns nothing or raises, and what returns findings.
    """
    answers = {"bool": True, "None": None, "tuple[Finding, ...]": ()}
    names = [
        found.name
        for room in ROOMS
        for found in pkgutil.walk_packages(
            importlib.import_module(f"hwlock.{room}").__path__, f"hwlock.{room}."
        )
    ]
    for module in map(importlib.import_module, names):
        classes = [one for one in vars(module).values() if inspect.isclass(one)]
        for owner in (module, *(one for one in classes if one.__module__ == module.__name__)):
            for name, found in tuple(vars(owner).items()):
                rule = found.fget if isinstance(found, property) else found
                if not inspect.isfunction(rule) or rule.__module__ != module.__name__:
                    continue
                said = rule.__annotations__.get("return")
                refuses = said != "None" or name.lstrip("_").startswith(
                    ("verify", "refuse", "require")
                )
                if said in answers and refuses and name not in READING:
                    answer = False if name in NO else answers[said]
                    yes = lambda *_, answer=answer, **__: answer  # noqa: E731
                    yield owner, name, property(yes) if isinstance(found, property) else yes


def patched(monkeypatch: pytest.MonkeyPatch) -> int:
    """Patch everything that says yes or no, as a cracker would, wherever it was imported to."""

    def satisfied(*_: object, **__: object) -> binding.Appraisal:
        return binding.Appraisal(satisfied=True, findings=())

    changes = list(decisions())
    changes.append((sys.modules["hwlock.license.binding"], "appraise", satisfied))
    ours = [module for name, module in sys.modules.items() if name.startswith("hwlock")]
    for owner, name, yes in changes:
        before = vars(owner)[name]
        monkeypatch.setattr(owner, name, yes)
        for module in ours:
            if vars(module).get(name) is before:
                monkeypatch.setattr(module, name, yes)
    return len(changes)


def test_a_patched_check_on_another_machine_opens_nothing(
    vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole store copied, every decision patched: it is licensed, and has no key."""
    machine = at_machine(tmp_path / "m", vendor.clock, DESKTOP)
    vendor.license(machine, vendor.sell("models"))
    other = at_machine(tmp_path / "o", vendor.clock, LAPTOP)
    shutil.copytree(tmp_path / "m" / "store", tmp_path / "o" / "store")
    # the copied enrollment must not lead back to the first machine's parts
    for enrolled in (tmp_path / "o" / "store").rglob("host.cbor"):
        enrolled.unlink()
    with pytest.raises(DeniedError):
        vendor.grant(other)
    # so many today: a room that decides by other means is to be added to `decisions`
    assert patched(monkeypatch) > 45
    grant = vendor.grant(other)
    assert grant.license_id
    with pytest.raises((DeniedError, UntrustedError)) as caught:
        grant.open(vendor.model)
    assert caught.value.code in ("HWL-SEALED-HARDWARE", "HWL-SEALED-KEYS")


def test_a_patched_unwrapping_opens_nothing_either(
    vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever key it gives, the file was encrypted under another."""
    machine = at_machine(tmp_path / "m", vendor.clock, DESKTOP)
    vendor.license(machine, vendor.sell("models"))
    monkeypatch.setattr(content_keys.WrappedKeys, "unwrap", lambda *_: bytes(32))
    with vendor.grant(machine).open(vendor.model) as file, pytest.raises(UntrustedError):
        file.read()


def test_the_license_file_alone_holds_no_key(vendor: Vendor, tmp_path: Path) -> None:
    """Neither a key nor the master can be found in its bytes; `inspect` names what it opens."""
    machine = at_machine(tmp_path / "m", vendor.clock, DESKTOP)
    vendor.license(machine, vendor.sell("models", "plugins"))
    (file,) = (tmp_path / "m" / "store").rglob("*.hwlic")
    raw = armor.decode(file.read_bytes())[1]
    grant = vendor.grant(machine)
    assert grant.opener is not None
    with grant.open(vendor.model) as opened:
        key = grant.opener.key(opened.header.key_id)  # type: ignore[attr-defined]
    assert len(key) == 32
    assert key not in raw
    told = machine.does("inspect", file, "--product", vendor.product)
    assert told["opens"] == ["models", "plugins"]


def test_a_sealed_module_is_imported_where_it_is_licensed(
    vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`import` as ever."""
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    machine = at_machine(tmp_path / "m", vendor.clock, DESKTOP)
    vendor.license(machine, vendor.sell("plugins"))
    with importer.modules(vendor.grant(machine).open, str(tmp_path)):
        import acme_solver  # type: ignore[import-not-found]

        assert acme_solver.answer() == 42


def test_both_are_needed_where_both_were_sold(
    vendor: Vendor, tmp_path: Path, tpms: tuple[SoftwareTpm, SoftwareTpm]
) -> None:
    """TPM and host: each gives its share."""
    machine = at_machine(tmp_path / "m", vendor.clock, DESKTOP, tpms[0].uri)
    vendor.license(machine, vendor.sell("models", bind="tpm2 and host"))
    with vendor.grant(machine).open(vendor.model) as file:
        assert file.read(5) == MODEL[:5]


def opens(vendor: Vendor, actor: Actor) -> bool:
    """Tell whether a machine opens the model; what it may not is denied, and not damaged."""
    try:
        with vendor.grant(actor).open(vendor.model) as file:
            return file.read() == MODEL
    except DeniedError:
        return False


def test_a_sealed_file_through_the_life_of_its_license(vendor: Vendor, tmp_path: Path) -> None:
    """Ended, renewed without a request, given back, restored from a backup, sold again."""
    add = ("vendor", "entitlement", "add", "--product", "acme-cad", "--customer", "Meyer")
    sold = vendor.desk.does(*add, "--bind", "host", "--days", "30", "--opens", "models")
    machine = at_machine(tmp_path / "m", vendor.clock, DESKTOP)
    vendor.license(machine, sold["key"])
    assert opens(vendor, machine)
    # it ends
    vendor.clock.ahead = timedelta(days=31)
    assert not opens(vendor, machine)
    # it is renewed by a file that nobody asked for: the new license carries the key as well
    vendor.desk.does("vendor", "entitlement", "extend", sold["id"], "--days", "60")
    shown = vendor.desk.does("vendor", "entitlement", "show", sold["id"])
    renewal = tmp_path / "renewal.hwres"
    vendor.desk.does("vendor", "renew", shown["licenses"][-1]["id"], "-o", renewal)
    machine.does("activate", renewal)
    assert opens(vendor, machine)
    # it is given back; a backup of the store brings it back to life until the vendor's word comes
    shutil.copytree(tmp_path / "m" / "store", tmp_path / "backup")
    machine.does("return", "-o", tmp_path / "my.hwret")
    vendor.desk.does("vendor", "receive", tmp_path / "my.hwret")
    assert not opens(vendor, machine)
    shutil.rmtree(tmp_path / "m" / "store")
    (tmp_path / "backup").rename(tmp_path / "m" / "store")
    assert opens(vendor, machine)
    shown = vendor.desk.does("vendor", "entitlement", "show", sold["id"])
    returned = shown["licenses"][-1]["id"]
    vendor.desk.does("vendor", "revoke", "license", returned, "--reason", "given back")
    vendor.desk.does("vendor", "revocations", "acme-cad", "-o", tmp_path / "a.hwcrl")
    machine.does("import", tmp_path / "a.hwcrl")
    assert not opens(vendor, machine)
    # the seat is free: another machine gets it, and the same file opens there
    other = at_machine(tmp_path / "o", vendor.clock, LAPTOP)
    vendor.license(other, sold["key"])
    assert opens(vendor, other)


def test_a_lost_machine_opens_nothing_more(vendor: Vendor, tmp_path: Path) -> None:
    """Once it has heard of it; the machine that replaces it does."""
    add = ("vendor", "entitlement", "add", "--product", "acme-cad", "--customer", "Meyer")
    sold = vendor.desk.does(*add, "--bind", "host", "--opens", "models", "--losses", "1")
    lost = at_machine(tmp_path / "m", vendor.clock, DESKTOP)
    vendor.license(lost, sold["key"])
    shown = vendor.desk.does("vendor", "entitlement", "show", sold["id"])
    license = shown["licenses"][-1]["id"]
    vendor.desk.does("vendor", "release", license, "--reason", "stolen")
    vendor.desk.does("vendor", "revocations", "acme-cad", "-o", tmp_path / "a.hwcrl")
    assert opens(vendor, lost)
    lost.does("import", tmp_path / "a.hwcrl")
    assert not opens(vendor, lost)
    new = at_machine(tmp_path / "o", vendor.clock, LAPTOP)
    vendor.license(new, sold["key"])
    assert opens(vendor, new)
