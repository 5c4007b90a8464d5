"""What somebody tries at a vendor's desk, and what comes of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from hwlock.codec import cose
from hwlock.crypto.trust import Product
from hwlock.devices import tpm2
from hwlock.errors import DeniedError, HwlockError, UntrustedError
from hwlock.evidence.tpm2.claims import Tpm2Claims
from hwlock.exchange.activation_key import ActivationKey
from hwlock.issue import pkcs8
from hwlock.issue.desk import Desk
from hwlock.issue.records import Entitlement
from hwlock.issue.responder import respond
from hwlock.issue.returns import receive
from hwlock.issue.selling import Sale
from hwlock.record import replace
from hwlock.testing.customer import Customer, TpmCustomer, parts_of
from hwlock.testing.swtpm import SoftwareTpm

ORDER_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk with the product acme-cad."""
    monkeypatch.setattr(pkcs8, "COST", (2, 8, 1))
    desk = Desk.init(str(tmp_path / "desk"), name="Acme", passphrase="correct horse")
    desk.add_product("acme-cad")
    return desk


@pytest.fixture
def product(desk: Desk) -> Product:
    """The product acme-cad."""
    return desk.product("acme-cad")


@pytest.fixture
def sold(desk: Desk) -> Entitlement:
    """One seat of acme-cad."""
    return sell(desk)


def sell(desk: Desk, bind: str = "tpm2 else host", product_id: str = "acme-cad") -> Entitlement:
    """Sell one seat."""
    return desk.add_entitlement(Sale(product_id=product_id, customer="Globex", bind=bind))


def refused(desk: Desk, request: bytes) -> str:
    """Return the code by which a request is refused; it takes no seat and is audited."""
    before = sum(one.taken for one in desk.entitlements())
    with pytest.raises(HwlockError) as caught:
        respond(desk, request)
    assert sum(one.taken for one in desk.entitlements()) == before
    with desk.registry.reading() as books:
        tail = books.audit_tail()
    assert tail is not None
    assert (tail.action, tail.outcome) == ("respond", caught.value.code)
    return caught.value.code


def test_guessed_activation_key(desk: Desk, product: Product, sold: Entitlement) -> None:
    """A key that nobody sold names no entitlement."""
    guessed = ActivationKey(number=sold.key.number ^ 1)
    assert refused(desk, Customer(product, guessed).ask()) == "HWL-DESK-REQUEST-KEY"


def test_forged_key_proof(desk: Desk, product: Product, sold: Entitlement) -> None:
    """Who knows the id of a key, from a mail that passed by, does not have the key."""
    thief = Customer(product, ActivationKey(number=1))
    asking = replace(thief.asking(), key_id=sold.key.id)
    assert refused(desk, thief.ask(asking)) == "HWL-DESK-PROOF"


def test_borrowed_key_proof(desk: Desk, product: Product, sold: Entitlement) -> None:
    """The proof in somebody's request is good for the key that signed that request alone."""
    overheard = Customer(product, sold.key).asking()
    thief = Customer(product, sold.key, name="thief")
    assert refused(desk, thief.ask(replace(overheard, key=thief.signer.key))) == "HWL-DESK-PROOF"


def test_request_signed_by_another_key(desk: Desk, product: Product, sold: Entitlement) -> None:
    """A request must be signed by the key that it names."""
    victim = Customer(product, sold.key)
    thief = Customer(product, sold.key, name="thief")
    assert refused(desk, thief.ask(victim.asking())) == "HWL-KEY-OTHER"


def test_key_of_a_cheaper_product(desk: Desk, product: Product) -> None:
    """The activation key of one product opens no other."""
    desk.add_product("acme-viewer")
    cheap = sell(desk, product_id="acme-viewer")
    assert refused(desk, Customer(product, cheap.key).ask()) == "HWL-DESK-REQUEST-KEY"


def test_fingerprint_of_another_entitlement(desk: Desk, product: Product) -> None:
    """Digests that were salted for another license are not taken."""
    first, second = sell(desk), sell(desk)
    overheard = Customer(product, first.key).asking()
    customer = Customer(product, second.key)
    asking = replace(customer.asking(), host=overheard.host)
    assert refused(desk, customer.ask(asking)) == "HWL-DESK-SALT"


def test_garbage_instead_of_a_statement(desk: Desk, product: Product, sold: Entitlement) -> None:
    """Evidence that cannot be read refuses the whole request, and is audited."""
    customer = Customer(product, sold.key)
    garbage = Tpm2Claims(
        ek_certificate=None,
        ek_public=b"x",
        ak_public=b"x",
        key_public=b"x",
        attest=b"x",
        signature=bytes(64),
    )
    request = customer.ask(replace(customer.asking(), tpm2=garbage))
    assert refused(desk, request) == "HWL-TPM-STRUCTURE"


def test_request_replayed_after_return(desk: Desk, product: Product, sold: Entitlement) -> None:
    """A request whose license was given back is dead."""
    customer = Customer(product, sold.key)
    request = customer.ask()
    license = customer.open(respond(desk, request).response)
    receive(desk, customer.give_back(license))
    assert refused(desk, request) == "HWL-DESK-REQUEST-RETURNED"


@pytest.mark.device
def test_request_replayed_with_its_other_signature(
    desk: Desk, product: Product, tmp_path: Path
) -> None:
    """An ECDSA signature has a twin that anybody can compute: still the same request."""
    sold = sell(desk, bind="tpm2")
    with SoftwareTpm(tmp_path / "tpm") as tpm, tpm2.open(tpm.uri) as device:
        customer = TpmCustomer(product, sold.key, device)
        request = customer.ask()
        license = customer.open(respond(desk, request).response)
        signed = cose.parse(request)
        s = ORDER_P256 - int.from_bytes(signed.signature[32:], "big")
        twin = request[:-32] + s.to_bytes(32, "big")
        assert twin != request
        assert respond(desk, twin).activation.id == license.terms.id
        receive(desk, customer.give_back(license))
        assert refused(desk, twin) == "HWL-DESK-REQUEST-RETURNED"


def test_one_seat_for_many_machines_by_copying_the_store(
    desk: Desk, product: Product, sold: Entitlement
) -> None:
    """The software key of a licensed machine, copied, takes no seat on other hardware."""
    respond(desk, Customer(product, sold.key).ask())
    for name in ("beta", "gamma"):
        copied = Customer(product, sold.key, parts=parts_of(name))
        assert refused(desk, copied.ask()) == "HWL-DESK-REFUSED"


def test_every_flipped_byte_of_a_request(desk: Desk, product: Product, sold: Entitlement) -> None:
    """Whichever byte is changed, the desk answers with one of its errors and gives nothing."""
    request = Customer(product, sold.key).ask()
    desk.issuer()
    for at in range(0, len(request), 3):
        changed = bytearray(request)
        changed[at] ^= 0x41
        with pytest.raises(HwlockError):
            respond(desk, bytes(changed))
    assert desk.entitlement(sold.id)[0].taken == 0


def test_receipt_forged_by_who_answered_the_phone(
    desk: Desk, product: Product, sold: Entitlement
) -> None:
    """A seat is not freed by somebody who merely knows the id of its license."""
    customer = Customer(product, sold.key)
    license = customer.open(respond(desk, customer.ask()).response)
    thief = Customer(product, sold.key, name="thief")
    with pytest.raises(UntrustedError):
        receive(desk, thief.give_back(license))
    assert desk.entitlement(sold.id)[0].taken == 1


def test_receipt_replayed_after_a_new_activation(
    desk: Desk, product: Product, sold: Entitlement
) -> None:
    """An old receipt does not free the seat of the license that came after it."""
    customer = Customer(product, sold.key)
    license = customer.open(respond(desk, customer.ask()).response)
    receipt = customer.give_back(license)
    receive(desk, receipt)
    respond(desk, customer.ask())
    assert receive(desk, receipt).again
    assert desk.entitlement(sold.id)[0].taken == 1


def test_answer_taken_out_of_the_audit(
    desk: Desk, product: Product, sold: Entitlement, tmp_path: Path
) -> None:
    """An agent who gave a license away and deletes the record is found out."""
    respond(desk, Customer(product, sold.key).ask())
    desk.suspend(sold.id)
    connection = sqlite3.connect(tmp_path / "desk" / "registry.sqlite")
    with connection:
        connection.execute("DELETE FROM audit WHERE action = 'respond'")
    connection.close()
    with pytest.raises(UntrustedError) as caught:
        desk.verify_audit()
    assert caught.value.code == "HWL-AUDIT-MISSING"


def test_suspended_in_between(desk: Desk, product: Product, sold: Entitlement) -> None:
    """A suspended customer gets nothing again, not even what they had."""
    request = Customer(product, sold.key).ask()
    respond(desk, request)
    desk.suspend(sold.id)
    with pytest.raises(DeniedError) as caught:
        respond(desk, request)
    assert [found.code for found in caught.value.findings] == ["HWL-DESK-SUSPENDED"]
