"""One genuine file of each kind, and how each is verified."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from hwlock.crypto import sha2
from hwlock.crypto.trust import Product
from hwlock.exchange.diagnostic import parse_diagnostic
from hwlock.exchange.receipt import UnverifiedReceipt
from hwlock.exchange.renewal import UnverifiedRenewal
from hwlock.exchange.request import UnverifiedRequest
from hwlock.exchange.response import UnverifiedResponse
from hwlock.license.license import UnverifiedLicense
from hwlock.license.revocation import UnverifiedList
from hwlock.testing.vendor import SOLD_AT

GENERATE = Path(__file__).parents[2] / "generate" / "files"


class Kind:
    """A kind of file: a genuine one, its signer, and its verification as one call."""

    def __init__(self, name: str, raw: bytes, signer: object, verify: Callable[[bytes], object]):
        self.name = name
        self.raw = raw
        self.signer = signer
        self.verify = verify

    def __repr__(self) -> str:
        return self.name


@pytest.fixture(scope="session")
def genuine() -> SimpleNamespace:
    """What tests/generate/files/genuine.py makes."""
    return made_by("genuine")


def made_by(program: str) -> SimpleNamespace:
    """Return what a program of tests/generate/files makes."""
    return SimpleNamespace(**runpy.run_path(str(GENERATE / f"{program}.py")))


@pytest.fixture(scope="session")
def kinds(genuine: SimpleNamespace) -> dict[str, Kind]:
    """Return every kind of file by name; those of a P-256 key and a sealed one too."""
    g = genuine
    product = g.VENDOR.product
    now = SOLD_AT + timedelta(days=1)

    def answer(request: bytes) -> Callable[[bytes], object]:
        return lambda raw: UnverifiedResponse.parse(raw).verify(
            product, nonce=g.NONCE, request=request, now=now
        )

    def license(raw: bytes) -> object:
        return UnverifiedLicense.parse(raw).verify(product)

    def revocation(raw: bytes) -> object:
        return UnverifiedList.parse(raw).verify(product)

    def request(raw: bytes) -> object:
        return UnverifiedRequest.parse(raw).verify()

    def receipt(raw: bytes) -> object:
        digest = sha2.sha256(g.LICENSE)
        return UnverifiedReceipt.parse(raw).verify(g.MACHINE.key, license_digest=digest)

    def listed(raw: bytes) -> object:
        return UnverifiedList.parse(raw).verify(product)

    def renewal(raw: bytes) -> object:
        return UnverifiedRenewal.parse(raw).verify(product)

    tpm = sha2.sha256(g.REQUEST_TPM)
    made = (
        Kind("product", g.PRODUCT, g.VENDOR.root, Product.parse),
        Kind("product-former", g.PRODUCT_NEW, g.ROOT_NEW, Product.parse),
        Kind("license", g.LICENSE, g.VENDOR.issuer, license),
        Kind("license-nested", g.LICENSE_BOTH, g.VENDOR.issuer, license),
        Kind("license-model", g.LICENSE_MODEL, g.VENDOR.issuer, license),
        Kind("license-amended", g.LICENSE_AMENDED, g.VENDOR.issuer, license),
        Kind("license-dongles", g.LICENSE_DONGLES, g.VENDOR.issuer, license),
        Kind("revocation", g.REVOCATION, g.VENDOR.issuer, revocation),
        Kind("request", g.REQUEST, g.MACHINE, request),
        Kind("request-tpm", g.REQUEST_TPM, g.CARD, request),
        Kind("response", g.RESPONSE, g.VENDOR.issuer, answer(g.DIGEST)),
        Kind("response-sealed", g.RESPONSE_SEALED, g.VENDOR.issuer, answer(tpm)),
        Kind("receipt", g.RECEIPT, g.MACHINE, receipt),
        Kind("license-changes", made_by("amendments").RAW, g.VENDOR.issuer, license),
        Kind("revocation", made_by("revocations").DELTA, g.VENDOR.issuer, listed),
        Kind("response-renewal", made_by("renewals").PLAIN, g.VENDOR.issuer, renewal),
        Kind("diagnostic", made_by("diagnostics").PLAIN, g.MACHINE, parse_diagnostic),
    )
    return {kind.name: kind for kind in made}


NAMES = (
    "product",
    "license",
    "license-nested",
    "license-model",
    "license-amended",
    "license-dongles",
    "revocation",
    "request",
    "request-tpm",
    "response",
    "response-sealed",
    "receipt",
    "license-changes",
    "revocation",
    "response-renewal",
    "diagnostic",
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that asks for `name` once for every kind of file."""
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", NAMES)
