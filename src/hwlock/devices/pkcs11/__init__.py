"""PKCS#11 tokens: whatever a maker's own library (a *module*) reaches.

uri
    how a token and its key are named (RFC 7512)
module
    the library: found, loaded once, used by one thread at a time; every failure one DeviceError
keys
    public keys out of the objects of a token
enrollment
    the record: which key it is
attester
    all of it as the seam that the rest of hwlock knows

URIs: `pkcs11:` (the one token with the one key), `pkcs11:token=NAME;serial=…;object=…;id=%01`.
The module is that of `?module-path=…`, else of the environment variable HWLOCK_PKCS11_MODULE,
else p11-kit's, which knows all modules of a Linux machine, else OpenSC's. What travels never
names a module: a file must not be able to choose what code is loaded.

A session lasts as long as one proof. A module is used by the whole process together, also
with its logins; a wrong PIN is tried once, and only after the token's own warnings were read.
"""

from __future__ import annotations

from hwlock.devices.base import Description
from hwlock.errors import NotFound, UnsupportedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hwlock.devices.base import Changes, Interaction

    from .attester import Pkcs11Attester

__all__ = ["changes", "open", "scan"]


def open(uri: str, person: Interaction | None = None) -> Pkcs11Attester:
    """Open the token that `uri` names; DeviceError, UsageError, UnsupportedError."""
    from .module import require_extra

    require_extra()
    from .attester import Pkcs11Attester

    attester = Pkcs11Attester(uri, person)
    attester.describe()
    return attester


def scan() -> Iterator[Description]:
    """Yield the tokens that the default module shows, with no session on any.

    Without the extra, or without any module, that is the one thing to say.
    """
    from .module import Module

    try:
        found = Module.find("").tokens()
    except (UnsupportedError, NotFound) as problem:
        yield Description(uri="pkcs11:", kind="pkcs11", name="PKCS#11 tokens", problem=problem)
        return
    from .attester import described

    for token in found:
        yield described(token)


def changes() -> Changes:
    """Return what tells that a token was put in or pulled.

    Modules are asked twice a second which tokens they show: their own waiting for events
    blocks the module, or the whole process, and many have none.
    """
    from hwlock.devices.hotplug.polling import Polling

    from .module import look

    return Polling(look)
