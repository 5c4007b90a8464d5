"""The wires to a TPM: one file for each operating system's own, one for the software TPM.

All of them are a `hwlock.devices.base.Transport`, and have one word more: `shared` is True
where something below keeps the objects of several users apart (the resource manager of the
kernel, or TBS). Where it is False, the TPM is ours alone while we hold it, and whatever
stands in its few slots was left by somebody who is gone.
"""

from __future__ import annotations

from hwlock.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from hwlock.devices.base import Transport

    class Wire(Transport, Protocol):
        """A Transport that knows whether others use the same TPM."""

        @property
        def shared(self) -> bool:
            """True where a resource manager stands between us and the TPM."""

else:
    Wire = object

__all__ = ["HEADER_BYTES", "MAX_RESPONSE", "Wire", "connect"]

MAX_RESPONSE = 4096  # TPM_PT_MAX_RESPONSE_SIZE of every TPM so far
HEADER_BYTES = 10  # tag, size, code

_FORMS = "tpm2:, tpm2:device:/dev/tpmrm0, tpm2:swtpm:host=127.0.0.1,port=2321"


def connect(uri: str) -> Wire:
    """Open the wire that `uri` names; DeviceError, UsageError, UnsupportedError."""
    kind, _, rest = uri.partition(":")
    way, _, where = rest.partition(":")
    if uri == "tpm2:":
        return _own()
    if kind == "tpm2" and way == "device" and where.startswith("/"):
        from .linux import DeviceNode

        return DeviceNode(where)
    if kind == "tpm2" and way == "swtpm":
        from .swtpm import SwtpmSocket

        host, port = _endpoint(uri, where)
        return SwtpmSocket(host, port)
    raise UsageError("HWL-TPM-URI", uri=uri, forms=_FORMS)


def _own() -> Wire:
    """Open this machine's own TPM."""
    import sys

    if sys.platform == "win32":
        from .windows import TbsContext

        return TbsContext()
    from .linux import own

    return own()


def _endpoint(uri: str, where: str) -> tuple[str, int]:
    """Read `host=NAME,port=NUMBER`, both optional, in any order."""
    members = {"host": "127.0.0.1", "port": "2321"}
    for member in where.split(",") if where else ():
        key, equals, value = member.partition("=")
        if key not in members or not equals or not value:
            raise UsageError("HWL-TPM-URI", uri=uri, forms=_FORMS)
        members[key] = value
    port = members["port"]
    if not members["host"].isprintable():
        raise UsageError("HWL-TPM-URI", uri=ascii(uri), forms=_FORMS)
    if not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65536):
        raise UsageError("HWL-TPM-URI", uri=uri, forms=_FORMS)
    return members["host"], int(port)
