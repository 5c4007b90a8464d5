"""A customer's machine reduced to its files: it asks, opens the answer, and returns.

For tests of a vendor's desk, and for integrators who try their own. It has no store: its
fingerprint is what it is given, its key is software, or a `TpmCustomer`'s that of a TPM, and
what is plugged in are its `dongles`. Two customers with one `seed` and one set of `parts` are
the same machine::

    customer = Customer(product, key, name="alpha")
    license = customer.open(respond(desk, customer.ask()).response)
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hwlock.crypto import sha2
from hwlock.crypto.keys import SoftwareSigner
from hwlock.crypto.trust import Product
from hwlock.enforce.own_key import DeviceSigner
from hwlock.evidence import host
from hwlock.evidence.tpm2.claims import Tpm2Claims
from hwlock.exchange import receipt, request
from hwlock.exchange.activation_key import ActivationKey
from hwlock.exchange.response import Answer, UnverifiedResponse
from hwlock.license.license import License, UnverifiedLicense
from hwlock.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from hwlock.crypto.keys import Signer
    from hwlock.devices.base import DongleAttester, KeyAttester

__all__ = ["Customer", "TpmCustomer", "parts_of"]

_ASKED_AT = datetime(2026, 3, 1, 9, 0, tzinfo=timezone.utc)


def parts_of(name: str) -> tuple[tuple[str, bytes], ...]:
    """Return the parts of a machine: serial numbers of its own, a common board and CPU."""
    own = name.encode()
    return (
        ("disk", b"disk of " + own),
        ("nic", b"nic of " + own),
        ("board", b"a common board"),
        ("cpu", b"a common cpu"),
        ("machine-id", b"id of " + own),
    )


class Customer:
    """One machine of a customer, who has an activation key for `product`."""

    def __init__(
        self,
        product: Product,
        key: ActivationKey,
        *,
        name: str = "alpha",
        parts: tuple[tuple[str, bytes], ...] | None = None,
        seed: bytes | None = None,
        dongles: Sequence[DongleAttester] = (),
    ) -> None:
        self.product = product
        self.dongles = dongles
        self.key = key
        self.parts = parts_of(name) if parts is None else parts
        self.signer: Signer = SoftwareSigner.from_seed(
            seed or sha2.sha256(b"seed of " + name.encode())
        )
        self._asked = 0
        self._nonce = b""
        self._request = b""

    def asking(self) -> request.Asking:
        """Return what the next request says; each has a nonce of its own."""
        self._asked += 1
        self._nonce = sha2.sha256(self.signer.key.raw + self._asked.to_bytes(4, "big"))
        said = request.Asking(
            product_id=self.product.id,
            asked_at=_ASKED_AT,
            nonce=self._nonce,
            key=self.signer.key,
            key_id=self.key.id,
            key_proof=self.key.proof(self._nonce, self.signer.key.kid),
            host=host.claim(host.weigh(self.parts), self.key.salt(self.product.id)),
            tpm2=None,
            software="hwlock testing",
        )
        shown = tuple(one.claims(one.enroll(), said.challenge) for one in self.dongles)
        return replace(said, dongles=shown)

    def ask(self, asking: request.Asking | None = None) -> bytes:
        """Return a request file (binary form), by default of `asking()`."""
        self._request = request.ask(asking or self.asking(), self.signer)
        return self._request

    def open(self, response: bytes, now: datetime | None = None) -> License:
        """Return the genuine license in the response to the last request."""
        answer = UnverifiedResponse.parse(response)
        genuine = answer.verify(
            self.product,
            nonce=self._nonce,
            request=request.digest(self._request),
            now=now or answer.says.issued_at + timedelta(minutes=1),
        )
        return UnverifiedLicense.parse(self._unsealed(genuine.answers)).verify(self.product)

    def _unsealed(self, answers: Answer) -> bytes:
        assert answers.license is not None  # nobody seals for a machine without a TPM
        return answers.license

    def give_back(self, license: License) -> bytes:
        """Return the receipt file (binary form) for a license."""
        return receipt.give_back(
            receipt.Returning(
                product_id=license.terms.product_id,
                license_id=license.terms.id,
                license_digest=sha2.sha256(license.raw),
                returned_at=_ASKED_AT,
            ),
            self.signer,
        )


class TpmCustomer(Customer):
    """A machine with a TPM, which an open `device` stands for: it signs, attests and opens."""

    def __init__(
        self, product: Product, key: ActivationKey, device: KeyAttester, *, name: str = "alpha"
    ) -> None:
        super().__init__(product, key, name=name)
        self.device = device
        self.enrollment = device.enroll()
        self.signer = DeviceSigner(device, self.enrollment)

    def asking(self) -> request.Asking:
        """Return what the next request says, with the statement of the TPM."""
        said = super().asking()
        claims = self.device.claims(self.enrollment, said.nonce)
        assert isinstance(claims, Tpm2Claims)
        return replace(said, tpm2=claims)

    def _unsealed(self, answers: Answer) -> bytes:
        assert answers.sealed is not None  # whoever has a TPM gets a sealed license
        secret = self.device.open_credential(self.enrollment, answers.sealed.credential)
        return answers.sealed.open(secret, answers.request)
