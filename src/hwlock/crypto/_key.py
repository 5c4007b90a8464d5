"""What the faces of Ed25519 and P-256 share: a loaded key and its ways to verify.

A key is checked when it is loaded. A public key holds a small table, a prepared one large
tables; beyond the multiplication, all ways go through the same functions of the core. They
raise BadSignature or return None; `verify_many` returns one outcome for each item. The
interpreter lock is released while the core works.
"""

from __future__ import annotations

from hwlock._native import ffi, lib
from hwlock.crypto._buffer import address, view
from hwlock.errors import BadKey, BadSignature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from typing_extensions import Buffer

__all__ = ["SIGNATURE_BYTES", "Algorithm", "Key", "signature_view"]

SIGNATURE_BYTES = 64

_OK = lib.HWLOCK_OK
_BYTES = ffi.typeof("uint8_t[]")
_ITEMS = ffi.typeof("hwlock_signed[]")


class Form:
    """How the core holds a key: the type of the struct, and the functions that fill and use it."""

    __slots__ = ("fill", "struct", "verify")

    def __init__(self, prefix: str, form: str, fill: str) -> None:
        self.struct = ffi.typeof(f"{prefix}_{form} *")
        self.fill: Callable[..., int] = getattr(lib, f"{prefix}_{fill}")
        self.verify: Callable[..., int] = getattr(lib, f"{prefix}_verify_{form}")


class Algorithm:
    """The core's functions of one algorithm, and the `name` that people know it by."""

    __slots__ = ("key_bytes", "loaded", "many", "name", "prepared", "read", "size", "write")

    def __init__(self, name: str, key_bytes: int, prefix: str) -> None:
        self.name = name
        self.key_bytes = key_bytes
        self.loaded = Form(prefix, "loaded", "load")
        self.prepared = Form(prefix, "prepared", "prepare")
        self.many: Callable[..., None] = getattr(lib, f"{prefix}_verify_many")
        self.write: Callable[..., int] = getattr(lib, f"{prefix}_prepared_write")
        self.read: Callable[..., int] = getattr(lib, f"{prefix}_prepared_read")
        self.size: int = getattr(lib, f"{prefix.upper()}_PREPARED_BYTES")

    def bad_signature(self) -> BadSignature:
        """Return the error of a signature that does not verify."""
        return BadSignature("HWL-SIGNATURE-BAD", algorithm=self.name)

    def bad_key_length(self, length: int) -> BadKey:
        """Return the error of a key of `length` bytes."""
        return BadKey("HWL-KEY-LENGTH", algorithm=self.name, expected=self.key_bytes, length=length)

    def bad_length(self, length: int) -> BadSignature:
        """Return the error of a signature of `length` bytes."""
        return BadSignature(
            "HWL-SIGNATURE-LENGTH", algorithm=self.name, expected=SIGNATURE_BYTES, length=length
        )


def signature_view(signature: Buffer, algorithm: Algorithm) -> Any:
    """Return the 64 bytes of `signature` as the core takes them; BadSignature otherwise."""
    seen = view(signature, "signature")
    if len(seen) != SIGNATURE_BYTES:
        raise algorithm.bad_length(len(seen))
    return seen


class Key:
    """A checked public key: its `raw` bytes, and the core's tables for it. Never changes."""

    __slots__ = ("_raw", "_table", "_verify")

    _algorithm: Algorithm
    _form: Form
    _raw: bytes
    _table: Any
    _verify: Callable[..., int]  # of the form

    def __init__(self, raw: Buffer) -> None:
        algorithm = self._algorithm
        seen = bytes(view(raw, "public key"))
        if len(seen) != algorithm.key_bytes:
            raise algorithm.bad_key_length(len(seen))
        self._raw, self._verify = seen, self._form.verify
        self._table = ffi.new(self._form.struct)
        if self._form.fill(self._table, seen) != _OK:
            raise BadKey("HWL-KEY-BAD", algorithm=algorithm.name)

    @property
    def raw(self) -> bytes:
        """The key's bytes, as it was loaded."""
        return self._raw

    def verify(self, signature: Buffer, message: Buffer) -> None:
        """Verify `signature` over `message`; BadSignature where it is not this key's."""
        # A name or a call less is some hundredths of a microsecond, beside a verification of 7
        sig: Any = signature if type(signature) is bytes else view(signature, "signature")
        msg: Any = message if type(message) is bytes else view(message, "message")
        if len(sig) != SIGNATURE_BYTES:
            raise self._algorithm.bad_length(len(sig))
        verify = self._verify
        if verify(self._table, sig, msg, len(msg)) != _OK:
            raise self._algorithm.bad_signature()

    def _verify_many(self, pairs: Iterable[tuple[Buffer, Buffer]]) -> list[BadSignature | None]:
        algorithm = self._algorithm
        outcomes: list[BadSignature | None] = []
        places, items = [], []
        for signature, message in pairs:
            sig, msg = address(signature, "signature"), address(message, "message")
            if len(sig) == SIGNATURE_BYTES:
                places.append(len(outcomes))
                items.append((sig, msg, len(msg), _OK))
                outcomes.append(None)
            else:
                outcomes.append(algorithm.bad_length(len(sig)))
        table = ffi.new(_ITEMS, items)  # holds addresses: `items` keeps the bytes alive
        algorithm.many(self._table, table, len(items))
        for place, item in zip(places, table, strict=True):
            if item.outcome != _OK:
                outcomes[place] = algorithm.bad_signature()
        return outcomes

    def _to_bytes(self) -> bytes:
        """Return a prepared key as the bytes that a product can embed (hwlock.h)."""
        written = ffi.new(_BYTES, self._algorithm.size)
        self._algorithm.write(written, self._table)
        return bytes(ffi.buffer(written))

    def _fill_from(self, data: Buffer, raw: Buffer) -> None:
        """Take the tables of `data`; BadKey unless they are whole and of the key `raw`."""
        algorithm = self._algorithm
        seen, self._raw = view(data, "prepared key"), bytes(view(raw, "public key"))
        self._table, self._verify = ffi.new(self._form.struct), self._form.verify
        if len(self._raw) != algorithm.key_bytes:
            raise algorithm.bad_key_length(len(self._raw))
        if algorithm.read(self._table, seen, len(seen), self._raw) != _OK:
            raise BadKey("HWL-KEY-PREPARED", algorithm=algorithm.name)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        assert isinstance(other, Key)
        return self._raw == other._raw

    def __hash__(self) -> int:
        return hash((self._algorithm.name, self._raw))

    def __repr__(self) -> str:
        return f"<{self._algorithm.name} {type(self).__name__} {self._raw.hex()}>"
