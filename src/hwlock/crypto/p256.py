"""ECDSA verification over P-256 with SHA-256 (FIPS 186-5), and the edge where DER ends.

Inside, a key is x ‖ y and a signature r ‖ s, 64 bytes, big-endian. Accepted when the key is
on the curve with x, y < p, and r, s are in [1, n - 1]. Both (r, s) and (r, n - s) verify, so
the bytes of a signature never identify anything.

Devices and certificates speak DER (ECDSA-Sig-Value, RFC 3279 section 2.2.3) and SEC1 points:
`signature_from_der` and `point_from_sec1` read them, strictly.
"""

from __future__ import annotations

from hwlock._native import lib
from hwlock.crypto._buffer import fixed, view
from hwlock.crypto._key import Algorithm, Key, signature_view
from hwlock.errors import FormatError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from typing_extensions import Buffer

    from hwlock.errors import BadSignature

__all__ = ["PreparedKey", "PublicKey", "point_from_sec1", "signature_from_der"]

_ALGORITHM = Algorithm("P-256", 64, "hwlock_p256")
_OK = lib.HWLOCK_OK


class _P256Key(Key):
    __slots__ = ()
    _algorithm = _ALGORITHM
    _verify_digest: Callable[..., int]

    def verify_digest(self, signature: Buffer, digest: Buffer) -> None:
        """Verify `signature` over a message of which `digest` is the SHA-256; BadSignature."""
        sig = signature_view(signature, _ALGORITHM)
        if self._verify_digest(self._table, sig, fixed(digest, "digest", 32)) != _OK:
            raise _ALGORITHM.bad_signature()


class PublicKey(_P256Key):
    """A checked P-256 public key of 64 `raw` bytes, x ‖ y; BadKey where it is none."""

    __slots__ = ()
    _form = _ALGORITHM.loaded
    _verify_digest = lib.hwlock_p256_verify_digest_loaded

    def prepare(self) -> PreparedKey:
        """Return this key made ready for many verifications."""
        return PreparedKey(self._raw)


class PreparedKey(_P256Key):
    """A key that is going to verify often. Accepts exactly what its PublicKey accepts."""

    __slots__ = ()
    _form = _ALGORITHM.prepared
    _verify_digest = lib.hwlock_p256_verify_digest_prepared

    def verify_many(self, pairs: Iterable[tuple[Buffer, Buffer]]) -> list[BadSignature | None]:
        """Verify (signature, message) pairs; one outcome each, None for a good one."""
        return self._verify_many(pairs)

    def to_bytes(self) -> bytes:
        """Return the key with its tables, for a product to embed."""
        return self._to_bytes()

    @classmethod
    def from_bytes(cls, data: Buffer, expected_raw: Buffer) -> PreparedKey:
        """Return the prepared key that `to_bytes` wrote; BadKey unless it is of `expected_raw`.

        A checksum finds damage and the first table entry is compared with the key, but who can
        choose `data` can choose what verifies: take it only from where your code comes from.
        """
        key = cls.__new__(cls)
        key._fill_from(data, expected_raw)
        return key


def point_from_sec1(point: Buffer) -> bytes:
    """Return x ‖ y of an uncompressed point (SEC 1 section 2.3.4: 4, x, y; 65 bytes).

    FormatError for any other length or first byte. Whether it lies on the curve is checked by
    PublicKey.
    """
    data = bytes(view(point, "point"))
    if len(data) != 65 or data[0] != 4:
        raise FormatError("HWL-KEY-SEC1", stage="field", offset=0, length=len(data))
    return data[1:]


def signature_from_der(der: Buffer) -> bytes:
    """Return r ‖ s (64 bytes) of a DER ECDSA-Sig-Value; FormatError where it is not strict DER.

    Two positive integers below 2^256 in shortest form, nothing after them. Whether they are in
    [1, n - 1] is checked with the signature.
    """
    data = bytes(view(der, "signature"))
    # two integers of at most 35 bytes: every length is one byte below 128
    if len(data) < 2 or data[0] != 0x30 or data[1] != len(data) - 2 or data[1] > 70:
        raise _bad_der(0)
    r, place = _integer(data, 2)
    s, place = _integer(data, place)
    if place != len(data):
        raise _bad_der(place)
    return r + s


def _integer(data: bytes, place: int) -> tuple[bytes, int]:
    """Read a positive INTEGER at `place`: its 32 bytes, big-endian, and where it ends."""
    head = data[place : place + 2]
    if len(head) != 2 or head[0] != 0x02:
        raise _bad_der(place)
    end = place + 2 + head[1]
    digits = data[place + 2 : end]
    if not digits or len(digits) != head[1] or digits[0] & 0x80:
        raise _bad_der(place)
    if digits[0] == 0 and len(digits) > 1:
        if not digits[1] & 0x80:
            raise _bad_der(place)
        digits = digits[1:]
    if len(digits) > 32:
        raise _bad_der(place)
    return digits.rjust(32, b"\0"), end


def _bad_der(offset: int) -> FormatError:
    return FormatError("HWL-SIGNATURE-DER", stage="field", offset=offset)
