"""The vendor's commands: what they print, and how they end."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timezone
from io import StringIO
from pathlib import Path

import pytest

from hwlock.cli import app
from hwlock.cli.output import Output
from hwlock.cli.world import World
from hwlock.codec import armor
from hwlock.crypto.trust import Product
from hwlock.enforce.machine import Machine
from hwlock.exchange.activation_key import ActivationKey
from hwlock.issue import pkcs8
from hwlock.testing.customer import Customer

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)


class Vendor:
    """Somebody at a desk: types commands and reads what is printed."""

    def __init__(self, folder):
        self.folder = folder
        self.environ = {"HWLOCK_VENDOR": str(folder / "desk"), "HWLOCK_PASSPHRASE": "horse"}
        home = str(folder / "home")
        self.machine = Machine(user_root=home, system_root=home, clock=lambda: NOW)

    def types(self, *words):
        """Return exit status, standard output and standard error of a command."""
        out, err = StringIO(), StringIO()
        world = World(machine=self.machine, environ=self.environ, output=Output(out, err))
        status = app.run([str(word) for word in words], world)
        return status, out.getvalue(), err.getvalue()

    def does(self, *words):
        """Return the lines of a command that must succeed."""
        status, out, err = self.types(*words)
        assert (status, err) == (0, ""), err
        return out

    def tells(self, *words):
        """Return what a command with --json says; it must succeed."""
        return json.loads(self.does(*words, "--json"))

    def fails(self, *words):
        """Return exit status and code of a command that must fail."""
        status, out, err = self.types(*words)
        assert out == ""
        return status, err.rsplit("code: ", 1)[1].strip()

    def sells(self, *words):
        """Sell acme-cad to Globex; return what `entitlement add` says."""
        sale = ("--product", "acme-cad", "--customer", "Globex", *words)
        return self.tells("vendor", "entitlement", "add", *sale)

    def gets(self, sold, name="alpha"):
        """Return a customer, and the path of their request."""
        raw = armor.decode((self.folder / "acme-cad.hwproduct").read_bytes())[1]
        customer = Customer(Product.parse(raw), ActivationKey.parse(sold["key"]), name=name)
        path = self.folder / f"{name}.hwreq"
        path.write_text(armor.encode(customer.ask(), "REQUEST"))
        return customer, path


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A vendor without a desk."""
    monkeypatch.setattr(pkcs8, "COST", (2, 8, 1))
    return Vendor(tmp_path)


@pytest.fixture
def vendor(bare):
    """A vendor with a desk and the product acme-cad, exported."""
    bare.does("vendor", "init", "--name", "ACME Ltd")
    bare.does("vendor", "product", "add", "acme-cad", "--name", "ACME CAD")
    bare.does("vendor", "product", "export", "acme-cad", "-o", bare.folder / "acme-cad.hwproduct")
    return bare


def test_the_whole_life_of_a_seat(vendor):
    """Sell, answer, refuse, take back, answer: with what a person reads at each step."""
    sold = vendor.sells("--feature", "sim", "--days", 30)
    customer, request = vendor.gets(sold)
    _, other = vendor.gets(sold, "beta")
    response, receipt = vendor.folder / "a.hwres", vendor.folder / "a.hwret"
    told = vendor.does("respond", request, "-o", response)
    assert "a seat was taken" in told and "1 of 1 taken" in told
    assert "can be used until 2026-03-15" in told
    assert "answered before" in vendor.does("respond", request, "-o", response)
    status, _, err = vendor.types("respond", other, "-o", vendor.folder / "b.hwres")
    assert status == 1
    assert f"all seats of {sold['id']} are taken: 1 of 1" in err
    assert "HWL-DESK-REFUSED" in err
    assert not (vendor.folder / "b.hwres").exists()
    license = customer.open(armor.decode(response.read_bytes())[1])
    receipt.write_text(armor.encode(customer.give_back(license), "RECEIPT"))
    assert "its seat is free again" in vendor.does("vendor", "receive", receipt)
    assert "booked before" in vendor.does("vendor", "receive", receipt)
    assert vendor.tells("respond", other, "-o", vendor.folder / "b.hwres")["kind"] == "new"
    assert "the audit holds: 8 records" in vendor.does("vendor", "audit", "verify")


def test_shapes(vendor):
    """Each --json has the members that docs/json.md lists."""
    init = Vendor(vendor.folder / "second")
    init.folder.mkdir()
    assert set(init.tells("vendor", "init")) == {"desk", "name", "root", "issuer"}
    product = {"id", "name", "vendor", "roots", "added_at"}
    assert set(vendor.tells("vendor", "product", "add", "x")) == product
    assert set(vendor.tells("vendor", "product", "list")["products"][0]) == product
    exported = vendor.tells("vendor", "product", "export", "x", "-o", vendor.folder / "x")
    assert set(exported) == product | {"file", "bytes"}
    entitlement = {
        *("id", "product", "customer", "features", "seats", "taken", "bind"),
        *("expires_at", "state", "added_at", "amend", "kind", "edition", "level", "renew_days"),
        *("grace_days", "trial_days", "opens", "maintained_until", "feature_details", "counters"),
        *("addon_to", "losses", "loss_wait_days", "transfers", "transfer_wait_days", "on_reuse"),
    }
    sold = vendor.sells("--until", "2026-12-31")
    assert set(sold) == entitlement | {"key"}
    assert sold["expires_at"] == "2026-12-31T23:59:59+00:00"
    assert set(vendor.tells("vendor", "entitlement", "list")["entitlements"][0]) == entitlement
    _, request = vendor.gets(sold)
    answered = vendor.tells("respond", request, "-o", vendor.folder / "a.hwres")
    assert set(answered) == {
        *("kind", "license", "product", "entitlement", "customer", "features", "seats", "taken"),
        *("assurance", "sealed", "license_expires_at", "response_expires_at", "notes"),
        "moved",
        *("file", "qr", "bytes"),
    }
    shown = vendor.tells("vendor", "entitlement", "show", sold["id"])
    assert set(shown) == entitlement | {"key", "licenses", "usage"}
    assert set(shown["licenses"][0]) == {
        *("id", "state", "assurance", "software", "note", "issued_at", "ended_at"),
        *("replaced_by", "moved_to"),
    }
    released = vendor.tells("vendor", "release", answered["license"], "--reason", "fire")
    released_shape = {"license", "entitlement", "product", "customer", "seats", "taken"}
    assert set(released) == released_shape
    assert released["taken"] == 0
    assert vendor.tells("vendor", "entitlement", "suspend", sold["id"])["state"] == "suspended"
    assert vendor.tells("vendor", "entitlement", "resume", sold["id"])["state"] == "active"
    verified = vendor.tells("vendor", "audit", "verify")
    assert set(verified) == {"records", "head", "signed_until", "against"}


def test_refusals_have_findings_in_json(vendor):
    """A script reads every reason of a refusal."""
    sold = vendor.sells("--bind", "tpm2")
    _, request = vendor.gets(sold)
    status, out, _ = vendor.types("respond", request, "-o", vendor.folder / "r", "--json")
    assert status == 1
    codes = [found["code"] for found in json.loads(out)["error"]["findings"]]
    assert codes == ["HWL-BIND-UNMET", "HWL-BIND-NOT-OFFERED"]


def test_the_audit_is_exported_and_compared(vendor):
    """An export is a line of JSON a record, and the audit must continue it."""
    path = vendor.folder / "audit.jsonl"
    assert vendor.tells("vendor", "audit", "export", "-o", path)["records"] == 2
    assert [json.loads(line)["action"] for line in path.read_text().splitlines()] == [
        "init",
        "product add",
    ]
    vendor.sells()
    told = vendor.does("vendor", "audit", "verify", "--against", path)
    assert "3 records" in told and "it continues" in told
    assert vendor.fails("vendor", "audit", "verify", "--against", vendor.folder / "no") == (
        2,
        "HWL-FILE-READ",
    )
    path.write_bytes(b"\xff\xfe")
    assert vendor.fails("vendor", "audit", "verify", "--against", path) == (2, "HWL-FILE-READ")


def test_keys_are_shown_to_support_and_not_in_lists(vendor):
    """`show` tells the activation key, `list` does not."""
    sold = vendor.sells()
    assert sold["key"] in vendor.does("vendor", "entitlement", "show", sold["id"])
    listed = vendor.does("vendor", "entitlement", "list")
    assert sold["key"] not in listed and sold["id"] in listed
    assert "ACME CAD" in vendor.does("vendor", "product", "list")


@pytest.mark.parametrize("name", ["[bold]Globex[/bold]", "Globex [E-1]", ":smiley:"])
def test_names_are_not_markup(vendor, name):
    """A customer's name stands in a table as it is."""
    sale = ("--product", "acme-cad", "--customer", name)
    vendor.does("vendor", "entitlement", "add", *sale)
    assert name in vendor.does("vendor", "entitlement", "list")


@pytest.mark.parametrize(
    "words, expected",
    [
        (("vendor", "init"), (2, "HWL-DESK-EXISTS")),
        (("vendor", "product", "add", "Acme"), (2, "HWL-DESK-PRODUCT-ID")),
        (("vendor", "product", "add", "acme-cad"), (2, "HWL-DESK-PRODUCT-TWICE")),
        (("vendor", "product", "export", "none", "-o", "-"), (2, "HWL-DESK-PRODUCT-NONE")),
        (("vendor", "entitlement", "show", "E-NONE"), (2, "HWL-DESK-ENTITLEMENT-NONE")),
        (("vendor", "release", "xyz", "--reason", "x"), (2, "HWL-DESK-RELEASE")),
        (("vendor", "receive", "/no/such/file"), (2, "HWL-FILE-READ")),
        (("respond", "/no/such/file", "-o", "-"), (2, "HWL-FILE-READ")),
        (("vendor", "nonsense"), (2, "HWL-USAGE")),
    ],
)
def test_mistakes_have_codes(vendor, words, expected):
    """A mistake at the desk ends with status 2 and says which it was."""
    assert vendor.fails(*words) == expected


@pytest.mark.parametrize(
    "terms, code",
    [
        (("--days", 1, "--perpetual"), "HWL-VENDOR-TERM"),
        (("--days", 1, "--until", "2027-01-01"), "HWL-VENDOR-TERM"),
        (("--until", "2020-01-01"), "HWL-DESK-PAST"),
        (("--until", "tomorrow"), "HWL-USAGE"),
        (("--bind", "floppy"), "HWL-BIND-GRAMMAR"),
        (("--seats", 0), "HWL-DESK-NUMBER"),
    ],
)
def test_impossible_sales_have_codes(vendor, terms, code):
    """A sale that contradicts itself is not made."""
    sale = ("--product", "acme-cad", "--customer", "Globex", *terms)
    assert vendor.fails("vendor", "entitlement", "add", *sale) == (2, code)


def test_passphrases(vendor, monkeypatch):
    """Wrong, empty and missing passphrases are three different things."""
    vendor.environ["HWLOCK_PASSPHRASE"] = "wrong"
    assert vendor.fails("vendor", "product", "add", "x") == (5, "HWL-DESK-PASSPHRASE")
    vendor.environ["HWLOCK_PASSPHRASE"] = ""
    assert vendor.fails("vendor", "product", "add", "x") == (2, "HWL-DESK-PASSPHRASE-EMPTY")
    del vendor.environ["HWLOCK_PASSPHRASE"]
    monkeypatch.setattr("sys.stdin", StringIO())
    monkeypatch.setattr("sys.stderr", StringIO())
    assert vendor.fails("vendor", "product", "add", "x") == (2, "HWL-DESK-PASSPHRASE-NONE")


def test_a_desk_that_is_not_there_is_told(bare):
    """Every command but init needs a desk."""
    assert bare.fails("vendor", "product", "list") == (2, "HWL-DESK-NONE")
    bare.folder.joinpath("a").write_text("x")
    assert bare.fails("respond", bare.folder / "a", "-o", "-") == (2, "HWL-DESK-NONE")


WITHOUT = "import sys; sys.modules[{!r}] = None; from hwlock.cli import main; main()"


@pytest.mark.parametrize("missing", ["sqlalchemy", "rich"])
def test_a_missing_extra_says_what_to_install(missing, tmp_path):
    """Without the extra, the machine's commands work and the vendor's say what they need."""

    def run(*words):
        code = WITHOUT.format(missing)
        environ = {"HWLOCK_HOME": str(tmp_path), "HWLOCK_VENDOR": str(tmp_path / "desk")}
        return subprocess.run(
            [sys.executable, "-c", code, *words],
            env=environ,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )

    refused = run("vendor", "product", "list")
    assert refused.returncode == 3
    assert "pip install 'hwlock[vendor]'" in refused.stderr
    assert "HWL-EXTRA-MISSING" in refused.stderr
    helped = run("--help")
    assert helped.returncode == 0
    assert "(pip install 'hwlock[vendor]')" in helped.stdout
    assert run("status").returncode == 0


def test_every_command_helps(bare):
    """--help of every command of the vendor has an example."""
    families = {
        (): ("init", "receive", "release"),
        ("product",): ("add", "list", "export"),
        ("entitlement",): ("add", "list", "show", "suspend", "resume"),
        ("audit",): ("verify", "export"),
    }
    for family, commands in families.items():
        for command in commands:
            result = subprocess_free_help("vendor", *family, command)
            assert f"Example: hwlock vendor {' '.join((*family, command))}" in result
    assert "Example: hwlock respond" in subprocess_free_help("respond")


def subprocess_free_help(*words):
    """Return the help of a command, on one line."""
    from click.testing import CliRunner

    result = CliRunner().invoke(app.app, [*words, "--help"])
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def test_a_file_is_written_whole(vendor):
    """A response that cannot be written leaves nothing half, and is given again."""
    sold = vendor.sells()
    _, request = vendor.gets(sold)
    nowhere = vendor.folder / "no" / "such" / "a.hwres"
    assert vendor.fails("respond", request, "-o", nowhere) == (2, "HWL-FILE-WRITE")
    assert vendor.tells("respond", request, "-o", vendor.folder / "a")["kind"] == "repeated"
    assert not [path for path in Path(vendor.folder).iterdir() if path.name.endswith(".part")]
