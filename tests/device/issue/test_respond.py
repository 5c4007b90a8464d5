"""A machine with a TPM, at the vendor's desk."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwlock.crypto.trust import Product
from hwlock.devices.tpm2.attester import Tpm2Attester
from hwlock.errors import DeniedError, HwlockError, StoreError, UntrustedError
from hwlock.issue.desk import Desk
from hwlock.issue.records import Entitlement
from hwlock.issue.responder import NEW, REACTIVATED, respond
from hwlock.issue.returns import receive
from hwlock.issue.selling import Sale
from hwlock.record import replace
from hwlock.testing.customer import Customer, TpmCustomer
from hwlock.testing.swtpm import SoftwareTpm

pytestmark = pytest.mark.device


def sell(desk: Desk, bind: str = "tpm2", seats: int = 1) -> Entitlement:
    """Sell seats of acme-cad."""
    return desk.add_entitlement(
        Sale(product_id="acme-cad", customer="Globex", seats=seats, bind=bind)
    )


def codes(found: tuple[object, ...]) -> list[str]:
    """Return the codes of findings."""
    return [getattr(one, "code", "") for one in found]


def test_a_sealed_license_opens_in_its_tpm(
    desk: Desk, product: Product, device: Tpm2Attester
) -> None:
    """A machine with a TPM gets a license sealed for it, bound to its key, and returns it."""
    sold = sell(desk)
    customer = TpmCustomer(product, sold.key, device)
    answered = respond(desk, customer.ask())
    license = customer.open(answered.response)
    assert answered.sealed
    assert license.terms.binding.assurance == "key"
    assert license.terms.key.raw == device.public(customer.enrollment)
    assert receive(desk, customer.give_back(license)).entitlement.taken == 0


def test_a_sealed_license_opens_in_no_other_tpm(
    desk: Desk, product: Product, device: Tpm2Attester, other_device: Tpm2Attester
) -> None:
    """Another TPM cannot open the response."""
    sold = sell(desk)
    customer = TpmCustomer(product, sold.key, device)
    answered = respond(desk, customer.ask())
    stranger = TpmCustomer(product, sold.key, other_device)
    customer.device, customer.enrollment = other_device, stranger.enrollment
    with pytest.raises(HwlockError):
        customer.open(answered.response)


def test_a_maker_that_is_believed_attests(
    trusting: Desk, product: Product, device: Tpm2Attester
) -> None:
    """With its maker's root the TPM is attested; this maker is one of software, and is named."""
    sold = sell(trusting, bind="tpm2(virtual)@attested")
    customer = TpmCustomer(product, sold.key, device)
    answered = respond(trusting, customer.ask())
    (anchor,) = customer.open(answered.response).terms.binding.anchors
    assert anchor.assurance == "attested"
    assert getattr(anchor, "maker", "").startswith("IBM software TPM")
    assert codes(answered.notes) == ["HWL-DESK-TPM-MAKER"]


def test_a_virtual_tpm_is_not_silently_attested(
    trusting: Desk, product: Product, device: Tpm2Attester
) -> None:
    """A vendor who asked for hardware is told that this is none."""
    sold = sell(trusting, bind="tpm2@attested")
    with pytest.raises(DeniedError) as caught:
        respond(trusting, TpmCustomer(product, sold.key, device).ask())
    assert "HWL-BIND-VIRTUAL" in codes(caught.value.findings)


def test_without_roots_nothing_is_attested(
    desk: Desk, product: Product, device: Tpm2Attester
) -> None:
    """A refusal for want of a root says so, and where to put it."""
    sold = sell(desk, bind="tpm2@attested")
    with pytest.raises(DeniedError) as caught:
        respond(desk, TpmCustomer(product, sold.key, device).ask())
    assert codes(caught.value.findings) == [
        "HWL-BIND-UNMET",
        "HWL-BIND-WEAK",
        "HWL-DESK-TPM-ROOTS",
    ]
    assert "tpm-roots" in caught.value.findings[-1].hint


@pytest.mark.parametrize(
    "content",
    [b"put roots here", b"", b"\x30\x03abc", b"-----BEGIN CERTIFICATE-----\n!\n-----END"],
    ids=["text", "nothing", "other DER", "damaged PEM"],
)
def test_a_root_that_is_none_is_told(
    desk: Desk, product: Product, device: Tpm2Attester, tmp_path: Path, content: bytes
) -> None:
    """A file in tpm-roots that is no certificate stops the desk, by name, and no customer."""
    (tmp_path / "desk" / "tpm-roots" / "infineon.crt").write_bytes(content)
    sold = sell(desk)
    before = desk.verify_audit().records
    with pytest.raises(StoreError, match=r"infineon\.crt"):
        respond(desk, TpmCustomer(product, sold.key, device).ask())
    assert desk.verify_audit().records == before


def test_the_same_tpm_keeps_its_seat(desk: Desk, product: Product, device: Tpm2Attester) -> None:
    """New keys in the same TPM, after a new installation, cost no second seat."""
    sold = sell(desk)
    assert respond(desk, TpmCustomer(product, sold.key, device).ask()).kind == NEW
    again = TpmCustomer(product, sold.key, device, name="installed anew")
    answered = respond(desk, again.ask())
    assert answered.kind == REACTIVATED
    assert again.open(answered.response).terms.binding.assurance == "key"


def test_an_attested_tpm_keeps_its_seat_whatever_else_changes(
    trusting: Desk, product: Product, device: Tpm2Attester
) -> None:
    """Where a maker vouches for the TPM, it is the machine, even with all other parts new."""
    sold = sell(trusting, bind="tpm2 and host")
    respond(trusting, TpmCustomer(product, sold.key, device, name="before").ask())
    after = TpmCustomer(product, sold.key, device, name="after")
    assert respond(trusting, after.ask()).kind == REACTIVATED


def test_a_tpm_that_nobody_vouches_for_is_not_enough(
    desk: Desk, product: Product, device: Tpm2Attester
) -> None:
    """A TPM that may be a copy does not carry a host license from machine to machine."""
    sold = sell(desk, bind="tpm2 and host")
    respond(desk, TpmCustomer(product, sold.key, device, name="one").ask())
    with pytest.raises(DeniedError) as caught:
        respond(desk, TpmCustomer(product, sold.key, device, name="two").ask())
    assert codes(caught.value.findings) == ["HWL-DESK-SEATS"]


def test_another_tpm_takes_another_seat(
    desk: Desk, product: Product, device: Tpm2Attester, other_device: Tpm2Attester
) -> None:
    """A cloned disk in a machine with another TPM is another machine."""
    sold = sell(desk)
    respond(desk, TpmCustomer(product, sold.key, device).ask())
    with pytest.raises(DeniedError) as caught:
        respond(desk, TpmCustomer(product, sold.key, other_device).ask())
    assert codes(caught.value.findings) == ["HWL-DESK-SEATS"]


def test_a_fingerprint_grows_into_a_tpm(desk: Desk, product: Product, device: Tpm2Attester) -> None:
    """A machine that got access to its TPM later keeps the seat that its parts took."""
    sold = sell(desk, bind="tpm2 else host")
    respond(desk, Customer(product, sold.key).ask())
    customer = TpmCustomer(product, sold.key, device)
    answered = respond(desk, customer.ask())
    assert answered.kind == REACTIVATED
    assert customer.open(answered.response).terms.binding.assurance == "key"


def test_a_statement_about_another_key_is_refused(
    desk: Desk, product: Product, device: Tpm2Attester
) -> None:
    """A software key cannot borrow the statement of a TPM."""
    sold = sell(desk)
    thief = Customer(product, sold.key)
    asking = thief.asking()
    enrollment = device.enroll()
    claims = device.claims(enrollment, asking.nonce)
    with pytest.raises(UntrustedError) as caught:
        respond(desk, thief.ask(replace(asking, tpm2=claims)))
    assert caught.value.code == "HWL-DESK-TPM-KEY"


def test_an_old_statement_is_refused(desk: Desk, product: Product, device: Tpm2Attester) -> None:
    """A statement of the TPM answers one nonce."""
    sold = sell(desk)
    customer = TpmCustomer(product, sold.key, device)
    old = customer.asking()
    with pytest.raises(UntrustedError) as caught:
        respond(desk, customer.ask(replace(customer.asking(), tpm2=old.tpm2)))
    assert caught.value.code == "HWL-TPM-ATTEST-NONCE"


def test_roots_may_be_pem(
    desk: Desk, product: Product, swtpm: SoftwareTpm, device: Tpm2Attester, tmp_path: Path
) -> None:
    """A maker's bundle in PEM is as good as single files in DER."""
    bundle = b"".join(path.read_bytes() for path in sorted(swtpm.authority.glob("*cert.pem")))
    (tmp_path / "desk" / "tpm-roots" / "maker.pem").write_bytes(b"the maker:\n" + bundle)
    sold = sell(desk, bind="tpm2(virtual)@attested")
    assert respond(desk, TpmCustomer(product, sold.key, device).ask()).kind == NEW
