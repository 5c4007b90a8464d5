"""A request where devices do less than they should, or are asked again and again."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from hwlock.crypto.trust import Product
from hwlock.enforce.activation import activate
from hwlock.enforce.asking import MAX_WAITING, make_request
from hwlock.enforce.machine import Machine
from hwlock.enforce.stores import stores_of
from hwlock.errors import AccessDenied, Busy, DeniedError, DeviceError, UnsupportedError
from hwlock.exchange import request
from hwlock.exchange.activation_key import ActivationKey
from hwlock.store.product_store import Enrollment
from hwlock.testing.host_tree import LAPTOP, VirtualHost
from hwlock.testing.vendor import SOLD_AT, Vendor

VENDOR = Vendor()
KEY = ActivationKey.make(bytes(range(13)))
DENIED = AccessDenied("HWL-TPM-BLOCKED")
BUSY = Busy("HWL-TPM-BUSY", where="/dev/tpmrm0")


class Lame:
    """A device that opens, and does nothing more than raise `fault`."""

    kind, uri = "tpm2", "tpm2:lame"

    def __init__(self, fault):
        self.fault = fault

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass

    def enroll(self):
        """Refuse to make keys."""
        raise self.fault

    def sign(self, enrollment, message):
        """Refuse to sign."""
        raise self.fault


@pytest.fixture
def machine(tmp_path):
    """Return what makes a machine with a fingerprint and this device."""
    host = VirtualHost(tmp_path / "hardware", LAPTOP)

    def make(fault, *, clock=lambda: SOLD_AT):
        return Machine(
            user_root=str(tmp_path / "home"),
            system_root=str(tmp_path / "system"),
            host_uri=host.uri,
            open_key=lambda uri: Lame(fault),
            clock=clock,
        )

    return make


def asks(machine, **more):
    """Make a request."""
    return make_request(machine, Product.parse(VENDOR.product.raw), KEY, software="test", **more)


@pytest.mark.parametrize("fault", [DENIED, BUSY, UnsupportedError("HWL-TPM-EK-POLICY")], ids=repr)
def test_a_tpm_that_opens_and_does_no_more_is_left_out(machine, fault):
    """Nobody named it: the request goes with the fingerprint, and a note says why."""
    made = asks(machine(fault))
    assert made.anchors == ("host",)
    assert [note.code for note in made.notes] == [fault.code]
    assert request.UnverifiedRequest.parse(made.raw).verify().asks.tpm2 is None


def test_a_named_tpm_is_not_left_out(machine):
    """What was asked for and does not work is an error."""
    with pytest.raises(DeviceError) as caught:
        asks(machine(DENIED), devices=("tpm2:",))
    assert caught.value.code == "HWL-TPM-BLOCKED"


def test_a_busy_tpm_keeps_its_keys(machine):
    """A device that is busy for a moment costs no license that is bound to its key."""
    here = machine(BUSY)
    store = stores_of(here, "acme-cad")[0]
    enrollment = Enrollment(uri="tpm2:lame", record=b"keys")
    with store.locked() as held:
        held.put_enrollment("tpm2", enrollment)
    asks(here)
    assert store.enrollment("tpm2") == enrollment


def test_an_enrollment_that_cannot_be_read_is_made_again(machine, tmp_path):
    """A damaged record of keys does not stand in the way of new ones."""
    here = machine(DENIED)
    store = stores_of(here, "acme-cad")[0]
    with store.locked() as held:
        held.put_enrollment("tpm2", Enrollment(uri="tpm2:lame", record=b"keys"))
    (tmp_path / "home/acme-cad/devices/tpm2.cbor").write_bytes(b"?")
    assert [note.code for note in asks(here).notes] == ["HWL-TPM-BLOCKED"]  # of `enroll`


def test_who_asks_each_day_is_not_stopped(machine):
    """The oldest requests are forgotten, and the newest waits for its answer."""
    days = iter(range(3 * MAX_WAITING))
    here = machine(DENIED, clock=lambda: SOLD_AT + timedelta(days=next(days)))
    made = [asks(here) for _ in range(MAX_WAITING + 5)]
    store = stores_of(here, "acme-cad")[0]
    assert len(store.pending()) == MAX_WAITING

    def answered(one):
        says = request.UnverifiedRequest.parse(one.raw).says
        license = VENDOR.license(VENDOR.terms())
        late = datetime(2026, 5, 1, tzinfo=timezone.utc)
        digest = request.digest(one.raw)
        answer = VENDOR.answer(license, nonce=says.nonce, request=digest, issued_at=late)
        with pytest.raises(DeniedError) as caught:
            activate(here, answer)
        return caught.value.code

    assert answered(made[4]) == "HWL-RESPONSE-OTHER"
    assert answered(made[5]) == "HWL-DENIED"  # it waited; the license is bound elsewhere
