"""A desk with a product and a sale, on a clock that tests move."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from hwlock.issue import pkcs8
from hwlock.issue.desk import Desk
from hwlock.issue.selling import Sale
from hwlock.testing.customer import Customer

PASSPHRASE = "correct horse"


class Clock:
    """The time, as a test sets it."""

    def __init__(self):
        self.now = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)

    def __call__(self):
        """Return it."""
        return self.now

    def advance(self, **parts):
        """Let some time pass."""
        self.now += timedelta(**parts)


@pytest.fixture(autouse=True)
def _cheap_keys(monkeypatch):
    """Derive keys at the least cost; test_pkcs8 has its own words about the real one."""
    monkeypatch.setattr(pkcs8, "COST", (2, 8, 1))


@pytest.fixture
def clock():
    """The desk's clock."""
    return Clock()


@pytest.fixture
def desk(tmp_path, clock):
    """A desk with the product acme-cad."""
    desk = Desk.init(
        str(tmp_path / "desk"), name="Acme", passphrase=PASSPHRASE, clock=clock, actor="agent"
    )
    desk.add_product("acme-cad", name="Acme CAD")
    return desk


@pytest.fixture
def product(desk):
    """The product acme-cad."""
    return desk.product("acme-cad")


@pytest.fixture
def sell(desk):
    """Sell something: a function that takes what differs from one seat of acme-cad."""

    def sell(**terms):
        sale = {"product_id": "acme-cad", "customer": "Globex", "features": ("sim",)}
        return desk.add_entitlement(Sale(**sale | terms))

    return sell


@pytest.fixture
def machine(product):
    """Make machines of a customer: a function of the entitlement and a name."""

    def machine(entitlement, name="alpha", **changes):
        return Customer(product, entitlement.key, name=name, **changes)

    return machine
