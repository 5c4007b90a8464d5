"""A workstation with a TPM: the wheel is installed, files go to the desk and come back."""

from __future__ import annotations

import pytest
from vm.computer import Computer

from .conftest import Desk, Person

pytestmark = pytest.mark.vm

ATTESTED = "tpm2(virtual)@attested and host"
GUARDED = """
import hwlock, sys
print(hwlock.Guard(sys.argv[1]).require().features)
"""
COMPONENTS = """
from hwlock.devices import host
for each in host.open("host:").components():
    print(each.kind, each.weight, each.value.hex())
"""


def test_doctor_and_device_list_show_what_is_there(station: Computer) -> None:
    """In a machine with a kernel of its own, the TPM and the parts are found, and in order."""
    root = Person(station.agent)
    assert root.does("doctor")["healthy"] is True
    listed = root.types("device", "list")
    assert "tpm2:  TPM 2.0 by" in listed.out, listed
    assert "host:  Contoso Workstation 7: assurance fingerprint" in listed.out, listed
    for part in ("disk: 25", "network adapter: 20", "mainboard model: 15"):
        assert part in listed.out, listed


def test_an_ordinary_user_is_told_who_may_use_the_tpm(station: Computer, desk: Desk) -> None:
    """/dev/tpmrm0 belongs to a group; who is not in it reads which, and how to get in."""
    ada = Person(station.agent, "ada")
    said = ada.does("doctor")["examined"]
    denied = next(each for each in said if each["what"].startswith("tpm2:"))
    assert (denied["mark"], denied["code"]) == ("mind", "HWL-TPM-DENIED")
    assert "/dev/tpmrm0" in denied["said"]
    assert "usermod -aG tss ada" in denied["hint"] or "usermod -aG tss USER" in denied["hint"]
    station.agent.write("/home/ada/acme-cad.hwproduct", desk.product, user="ada")
    words = ("--product", "acme-cad.hwproduct", "--key", desk.sells("tpm2"), "-o", "my.hwreq")
    refused = ada.types("request", *words, "--device", "tpm2:")
    assert refused.status == 3, refused
    assert "HWL-TPM-DENIED" in refused.err, refused


def test_what_the_hint_says_helps(station: Computer, desk: Desk) -> None:
    """Request, response, activate: in that group an ordinary user gets a license and runs.

    The license is sealed for the TPM, and the wheel's own commands are all that is typed.
    """
    ada = Person(station.agent, "ada", "tss")
    ada.activates(desk, ATTESTED)
    verdict = ada.does("check")
    assert (verdict["allowed"], verdict["features"]) == (True, ["sim"])
    guarded = ada.python(GUARDED, "acme-cad.hwproduct")
    assert guarded.out == "('sim',)\n", guarded


def test_the_fingerprint_is_the_same_for_everybody(station: Computer) -> None:
    """Root, who could read more, sees the parts that an ordinary user sees."""
    seen = [Person(station.agent, name).python(COMPONENTS) for name in ("root", "ada")]
    assert seen[0].status == 0, seen[0]
    assert seen[0].out.count("\n") == 6, seen[0]
    assert seen[0].out == seen[1].out
