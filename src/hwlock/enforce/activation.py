"""The machine's side of the three files: request, response, receipt.

Each function does its disk work under the store's lock and in an order in which every
prefix is a legal state (hwlock.store says which), so that a crash loses nothing but the
last step, and running the same command again finishes it.
"""

from __future__ import annotations

from hwlock.check import State, Verdict, check
from hwlock.crypto import sha2
from hwlock.crypto.trust import Product
from hwlock.enforce.gather import gather
from hwlock.enforce.guard import stores_of
from hwlock.enforce.memory import Memory
from hwlock.enforce.own_key import OwnKey
from hwlock.enforce.pending import Pending, name_of
from hwlock.errors import DeniedError, DeviceError, Finding, UsageError
from hwlock.evidence import host as host_evidence
from hwlock.exchange import receipt, request, response
from hwlock.license.license import UnverifiedLicense
from hwlock.record import Record
from hwlock.store.product_store import ProductStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.crypto.keys import Signer
    from hwlock.enforce.machine import Machine
    from hwlock.evidence.host import HostClaims
    from hwlock.evidence.tpm2.claims import Tpm2Claims
    from hwlock.exchange.activation_key import ActivationKey

__all__ = ["Requested", "activate", "give_back", "make_request"]
