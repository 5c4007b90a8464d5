"""TPM 2.0: a small command layer of our own, no C library on the customer's machine.

transport/
    the wires: device nodes of Linux, TBS of Windows, swtpm's socket
channel, codes
    one command: framing, retries, response codes as sentences
commands, nv, policy
    the TPM commands that we use
templates, storage, endorsement
    the keys: storage root, device key, attestation key, endorsement key
attester
    all of it as the seam that the rest of hwlock knows

URIs: `tpm2:` (this machine's own), `tpm2:device:/dev/tpmrm0`,
`tpm2:swtpm:host=127.0.0.1,port=2321`.

What an open TPM holds for us is given back even when something fails: without a resource
manager there are three slots. Passwords are empty and sessions have no HMAC: whoever probes
the bus between processor and TPM can see and change what is said there; the threat model
says so.
"""

from __future__ import annotations

from hwlock.devices.base import Description

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .attester import Tpm2Attester

__all__ = ["open", "scan"]


def open(uri: str) -> Tpm2Attester:
    """Open the TPM that `uri` names; DeviceError, UsageError, UnsupportedError."""
    from .attester import Tpm2Attester

    return Tpm2Attester.open(uri)


def scan() -> Iterator[Description]:
    """Yield this machine's TPM without opening it; one that is not permitted has a problem.

    Assurance is "key" until it is opened: only then is a certificate seen.
    """
    import sys

    if sys.platform == "win32":
        yield from _scan_windows()
    else:
        yield from scan_nodes()


def scan_nodes(nodes: tuple[str, ...] | None = None) -> Iterator[Description]:
    """Yield the first device node that is here, of `nodes` (default: Linux's own)."""
    import os

    from hwlock.errors import AccessDenied

    from .transport import linux

    for path in linux.NODES if nodes is None else nodes:
        if not os.path.exists(path):
            continue
        allowed = os.access(path, os.R_OK | os.W_OK)
        problem = (
            None
            if allowed
            else AccessDenied("HWL-TPM-DENIED", path=path, group=linux.group_of(path))
        )
        yield Description(
            uri="tpm2:",
            kind="tpm2",
            name=f"TPM 2.0 at {path}",
            assurance="key" if allowed else "",
            problem=problem,
        )
        return


def _scan_windows() -> Iterator[Description]:
    from .transport import windows

    if windows.is_present():
        yield Description(uri="tpm2:", kind="tpm2", name="TPM 2.0", assurance="key")
