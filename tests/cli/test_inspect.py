"""`hwlock inspect` explains every file that hwlock writes, and says whether it is genuine."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwlock.codec import armor
from hwlock.testing.host_tree import DESKTOP
from hwlock.testing.swtpm import SoftwareTpm
from tests.story.actors import Actor, Clock, at_desk, at_machine


class Files:
    """The files of one license's life, and the people who made them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        clock = Clock()
        self.vendor = at_desk(folder / "vendor", clock)
        self.machine = at_machine(folder / "m", clock, DESKTOP)
        self.stranger = at_machine(folder / "s", clock)
        self.product = folder / "acme-cad.hwproduct"
        self.request = folder / "a.hwreq"
        self.response = folder / "a.hwres"
        self.receipt = folder / "a.hwret"
        self.vendor.does("vendor", "product", "export", "acme-cad", "-o", self.product)

    def license(self, *request: object) -> Path:
        """Go from a sale to a license; return the license's file in the store."""
        sold = ("--product", "acme-cad", "--customer", "Meyer", "--feature", "simulation")
        key = self.vendor.does("vendor", "entitlement", "add", *sold)["key"]
        asked = ("--product", self.product, "--key", key, "--note", "room 12", *request)
        self.machine.does("request", *asked, "-o", self.request)
        self.vendor.does("respond", self.request, "-o", self.response)
        self.machine.does("activate", self.response)
        (license,) = (self.folder / "m" / "store" / "acme-cad" / "licenses").iterdir()
        return license

    def explain(self, who: Actor, file: Path, *words: object) -> dict[str, object]:
        """Return what `inspect` says of a file."""
        return who.does("inspect", file, *words)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A desk, a machine, and the files between them."""
    return Files(tmp_path)


def test_each_file_is_explained(files: Files) -> None:
    """Kind, product and what matters of it, for all five kinds and the license in the store."""
    license = files.license()
    files.machine.does("return", "-o", files.receipt)
    facts = {
        name: files.explain(files.machine, getattr(files, name))
        for name in ("product", "request", "response", "receipt")
    }
    assert {name: fact["kind"] for name, fact in facts.items()} == {name: name for name in facts}
    assert facts["product"]["vendor"] == "ACME Ltd"
    assert facts["request"]["note"] == "room 12"
    assert facts["request"]["genuine"] == "yes"
    assert any("disk" in part for part in facts["request"]["fingerprint"])  # type: ignore[attr-defined]
    assert facts["response"]["genuine"] == "yes"
    inside = facts["response"]["license inside"]
    assert isinstance(inside, dict)
    assert inside["customer"] == "Meyer" and inside["assurance"] == "fingerprint"
    assert not license.exists()


def test_a_license_is_explained_and_verified(files: Files) -> None:
    """The binding is told in points; verified here, or with --product, or said not to be."""
    license = files.license()
    fact = files.explain(files.machine, license)
    assert fact["kind"] == "license" and fact["genuine"] == "yes"
    assert "points" in str(fact["bound to"])
    assert str(files.explain(files.stranger, license)["genuine"]).startswith("not verified")
    given = files.explain(files.stranger, license, "--product", files.product)
    assert given["genuine"] == "yes"


@pytest.mark.device
def test_a_sealed_response_says_so(files: Files, tmp_path: Path) -> None:
    """What only a TPM opens is named as such, and the TPM's key in the license."""
    with SoftwareTpm(tmp_path / "tpm") as tpm:
        license = files.license("--device", tpm.uri)
        assert "sealed" in str(files.explain(files.machine, files.response)["license"])
        assert "EK certificate" in str(files.explain(files.machine, files.request)["tpm2"])
        assert str(files.explain(files.machine, license)["bound to"]).startswith("tpm2")


def test_what_is_not_genuine_is_said_with_its_reason(files: Files) -> None:
    """A changed byte in a signed file that can still be read: not genuine, and why."""
    files.license()
    raw = bytearray(armor.decode(files.request.read_bytes())[1])
    raw[-1] ^= 1
    files.request.write_text(armor.encode(bytes(raw), "REQUEST"))
    assert str(files.explain(files.machine, files.request)["genuine"]).startswith("no:")


def test_the_text_form_says_the_same(files: Files) -> None:
    """A person reads one fact a line, and what is inside is indented."""
    files.license()
    told = files.machine.types("inspect", files.response)
    assert told.status == 0
    assert "license inside:" in told.out and "\n  customer:" in told.out


def test_a_delegation_can_be_looked_at(files: Files) -> None:
    """The chain inside a license is a file of its own kind, verified against the product."""
    from hwlock.codec import cose

    license = files.license()
    delegation = cose.parse(armor.decode(license.read_bytes())[1]).header.delegation
    assert delegation is not None
    alone = files.folder / "delegation.cbor"
    alone.write_bytes(delegation)
    assert files.explain(files.machine, alone, "--product", files.product)["genuine"] == "yes"
    assert files.explain(files.stranger, alone)["genuine"] != "yes"
