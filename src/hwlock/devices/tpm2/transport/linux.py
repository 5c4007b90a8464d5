"""The TPM as a Linux device node.

/dev/tpmrm0 goes through the kernel's resource manager: several programs, no leftovers.
/dev/tpm0 is the bare TPM, open for one program at a time. A command is one write, its
answer one read. Device nodes are not world-accessible: distributions give them to the group
`tss`, so the commonest error here is a permission, and it names the group.
"""

from __future__ import annotations

import errno
import os
import stat

from hwlock.errors import AccessDenied, BadAnswer, Busy, DeviceError, NotFound, Removed

from . import HEADER_BYTES, MAX_RESPONSE

__all__ = ["NODES", "DeviceNode", "group_of", "own", "refusal"]

NODES = ("/dev/tpmrm0", "/dev/tpm0")


class DeviceNode:
    """A Transport over the device node `path`; AccessDenied, Busy, NotFound."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.shared = os.path.basename(path).startswith("tpmrm")
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        except OSError as exc:
            raise refusal(path, exc) from exc
        # A command must never be written into a file that only has the name of a device.
        if not stat.S_ISCHR(os.fstat(self._fd).st_mode):
            self.close()
            raise NotFound("HWL-TPM-NODE", path=path)

    def exchange(self, command: bytes) -> bytes:
        """Write one command, read its answer."""
        if self._fd < 0:
            raise Removed("HWL-TPM-GONE", where=self.path)
        try:
            os.write(self._fd, command)
            return self._read()
        except OSError as exc:
            raise self._lost(exc) from exc

    def close(self) -> None:
        """Let go of the node."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def _read(self) -> bytes:
        """Read one answer: the kernel gives it whole, a proxy for a TPM may give pieces."""
        answer = b""
        wanted = HEADER_BYTES
        while len(answer) < wanted:
            piece = os.read(self._fd, MAX_RESPONSE)
            if not piece:
                raise Removed("HWL-TPM-GONE", where=self.path)
            answer += piece
            if len(answer) >= HEADER_BYTES:
                wanted = min(int.from_bytes(answer[2:6], "big"), MAX_RESPONSE)
        return answer

    def _lost(self, exc: OSError) -> DeviceError:
        if exc.errno in (errno.ENODEV, errno.EPIPE, errno.EIO):
            return Removed("HWL-TPM-GONE", where=self.path)
        if exc.errno in (errno.EBUSY, errno.ETIME):
            return Busy("HWL-TPM-BUSY", where=self.path)
        return BadAnswer("HWL-TPM-IO", raw_code=exc.errno, where=self.path, detail=exc.strerror)


def own() -> DeviceNode:
    """Open the first node of NODES that is here; one that is not permitted ends the search."""
    for path in NODES:
        if os.path.exists(path):
            return DeviceNode(path)
    raise NotFound("HWL-TPM-NONE")


def refusal(path: str, exc: OSError) -> DeviceError:
    """Return our error for an open(2) of `path` that failed."""
    if exc.errno in (errno.EACCES, errno.EPERM):
        return AccessDenied("HWL-TPM-DENIED", path=path, group=group_of(path))
    if exc.errno == errno.EBUSY:
        return Busy("HWL-TPM-BUSY", where=path)
    if exc.errno in (errno.ENOENT, errno.ENOTDIR):
        return NotFound("HWL-TPM-ABSENT", path=path)
    if exc.errno in (errno.ENODEV, errno.ENXIO):
        return Removed("HWL-TPM-GONE", where=path)
    return NotFound("HWL-TPM-NODE", path=path)


def group_of(path: str) -> str:
    """Return the group that owns the node: whoever is in it may use the TPM."""
    import grp

    try:
        return grp.getgrgid(os.stat(path).st_gid).gr_name
    except (KeyError, OSError):
        return "tss"
