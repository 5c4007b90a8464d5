"""The TPM's NV memory: reading what its maker put there; counters and marks of our own.

A mark says by being there that something happened once; it holds nothing.

A counter index can only grow, and starts above every counter that this TPM ever had, so
one that was deleted and defined again does not come back lower. TPM 2.0 Library, Part 3,
section 31. Definition needs the owner's authorization: empty on Linux; Windows throws it
away, so there are no counters there (AccessDenied).
"""

from __future__ import annotations

from hwlock.errors import BadAnswer
from hwlock.evidence.tpm2.constants import ALG_SHA256, RH_OWNER
from hwlock.evidence.tpm2.wire import sized, u16, u32
from hwlock.record import Record

from . import codes
from .channel import Channel, password
from .commands import strict

__all__ = ["Counter", "Mark", "NvPublic", "read_index", "read_nv_public"]

CC_NV_UNDEFINE_SPACE = 0x122
CC_NV_DEFINE_SPACE = 0x12A
CC_NV_INCREMENT = 0x134
CC_NV_READ = 0x14E
CC_NV_READ_PUBLIC = 0x169

# TPMA_NV (Part 2, 13.4)
OWNER_WRITE = 1 << 1
AUTH_WRITE = 1 << 2
TYPE_COUNTER = 1 << 4
OWNER_READ = 1 << 17
AUTH_READ = 1 << 18
NO_DA = 1 << 25
WRITTEN = 1 << 29

_CHUNK = 512  # TPM_PT_NV_BUFFER_MAX is at least this everywhere
_MAX_INDEX_BYTES = 8192
_COUNTER = OWNER_WRITE | AUTH_WRITE | TYPE_COUNTER | OWNER_READ | AUTH_READ | NO_DA
_MARK = OWNER_WRITE | OWNER_READ | NO_DA
_MARK_BYTES = 1


class NvPublic(Record):
    """What an NV index is: TPMA_NV `attributes` and its size."""

    index: int
    attributes: int
    size: int


def read_nv_public(tpm: Channel, index: int) -> NvPublic | None:
    """TPM2_NV_ReadPublic; None where there is no such index."""
    try:
        _, answer = tpm.run(CC_NV_READ_PUBLIC, (index,))
    except BadAnswer as exc:
        if codes.base(exc.raw_code or 0) in codes.RC_NO_SUCH_HANDLE:
            return None
        raise
    with strict():
        answer.u16()
        answer.expect(answer.u32(), index, "the NV index")
        answer.u16()
        attributes = answer.u32()
        answer.sized(64)
        size = answer.u16()
        answer.sized(66)
        answer.done()
    return NvPublic(index=index, attributes=attributes, size=size)


def read_index(tpm: Channel, index: int) -> bytes | None:
    """Return the whole content of an NV index; None where there is none to read."""
    public = read_nv_public(tpm, index)
    if public is None or not public.attributes & WRITTEN or public.size > _MAX_INDEX_BYTES:
        return None
    data = b""
    while len(data) < public.size:
        data += _read(tpm, public, min(_CHUNK, public.size - len(data)), len(data))
    return data


def _read(tpm: Channel, public: NvPublic, size: int, offset: int) -> bytes:
    """TPM2_NV_Read, with the index's own empty password where it allows that."""
    by = public.index if public.attributes & AUTH_READ else RH_OWNER
    _, answer = tpm.run(
        CC_NV_READ, (by, public.index), u16(size) + u16(offset), auths=(password(),)
    )
    with strict():
        data = answer.sized(size)
        answer.done()
        if len(data) != size:
            answer.refuse(f"{len(data)} bytes where {size} were asked for")
    return data


class Mark:
    """One mark, at `index` (owner's range); only the owner can take it away."""

    def __init__(self, tpm: Channel, index: int) -> None:
        self._tpm = tpm
        self.index = index

    def exists(self) -> bool:
        """Tell whether the mark is there; another thing at its index is none."""
        public = read_nv_public(self._tpm, self.index)
        return public is not None and (public.attributes, public.size) == (_MARK, _MARK_BYTES)

    def define(self) -> None:
        """Set the mark, once; AccessDenied without the owner, BadAnswer where there is no room."""
        if not self.exists():
            area = u32(self.index) + u16(ALG_SHA256) + u32(_MARK) + sized(b"") + u16(_MARK_BYTES)
            parameters = sized(b"") + sized(area)
            self._tpm.run(CC_NV_DEFINE_SPACE, (RH_OWNER,), parameters, auths=(password(),))


class Counter:
    """One NV counter, at `index` (0x01800000 to 0x01BFFFFF is the owner's range)."""

    def __init__(self, tpm: Channel, index: int) -> None:
        self._tpm = tpm
        self.index = index

    def exists(self) -> bool:
        """Tell whether the counter is there; BadAnswer where another thing has its index."""
        public = read_nv_public(self._tpm, self.index)
        if public is not None and public.attributes & 0xF0 != TYPE_COUNTER:
            raise BadAnswer("HWL-TPM-COUNTER", index=f"{self.index:#010x}")
        return public is not None

    def define(self) -> None:
        """Define the counter and give it its first value; AccessDenied without the owner.

        Where it is there already it is left as it is.
        """
        if not self.exists():
            area = u32(self.index) + u16(ALG_SHA256) + u32(_COUNTER) + sized(b"") + u16(8)
            parameters = sized(b"") + sized(area)
            self._tpm.run(CC_NV_DEFINE_SPACE, (RH_OWNER,), parameters, auths=(password(),))
            self.increment()  # unreadable before its first increment

    def increment(self) -> None:
        """TPM2_NV_Increment; wears the memory, so not at every check."""
        self._tpm.run(CC_NV_INCREMENT, (self.index, self.index), auths=(password(),))

    def read(self) -> int:
        """Return the value."""
        _, answer = self._tpm.run(
            CC_NV_READ, (self.index, self.index), u16(8) + u16(0), auths=(password(),)
        )
        with strict():
            answer.expect(answer.u16(), 8, "the size of a counter")
            value = answer.u64()
            answer.done()
        return value

    def undefine(self) -> None:
        """TPM2_NV_UndefineSpace: delete the counter."""
        self._tpm.run(CC_NV_UNDEFINE_SPACE, (RH_OWNER, self.index), auths=(password(),))
