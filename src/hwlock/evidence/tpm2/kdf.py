"""Key derivation, agreement and encryption as a TPM does them; TPM 2.0 Library, Part 1."""

from __future__ import annotations

from hwlock.errors import UntrustedError

from .constants import CURVE_P384, HASH_BYTES
from .structures import Public, digest
from .wire import sized, u32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["aes_cfb", "aes_cfb_open", "agree_once", "kdfa", "kdfe", "mac"]

_ORDER_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_ORDER_P384 = int(
    "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF"
    "581A0DB248B0A77AECEC196ACCC52973",
    16,
)


def agree_once(
    public: Public, label: bytes, entropy: Callable[[int], bytes]
) -> tuple[bytes, bytes]:
    """Return a seed by one-pass ECDH (annex C.6.1), and the ephemeral TPMS_ECC_POINT.

    `public` is an ECC key of the TPM; UntrustedError where its point is none of the curve.
    """
    from cryptography.hazmat.primitives.asymmetric import ec

    curve: ec.EllipticCurve = ec.SECP256R1()
    order = _ORDER_P256
    if public.curve == CURVE_P384:
        curve, order = ec.SECP384R1(), _ORDER_P384
    size = len(public.x)
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(curve, b"\4" + public.point)
    except ValueError as exc:
        raise UntrustedError("HWL-EK-WEAK") from exc
    # 64 bits more than the order, so that the remainder is as good as uniform
    scalar = int.from_bytes(entropy(size + 8), "big") % (order - 1) + 1
    ephemeral = ec.derive_private_key(scalar, curve)
    shared = ephemeral.exchange(ec.ECDH(), theirs)
    numbers = ephemeral.public_key().public_numbers()
    x, y = numbers.x.to_bytes(size, "big"), numbers.y.to_bytes(size, "big")
    return kdfe(public.name_alg, shared, label, x, public.x), sized(x) + sized(y)


def kdfa(algorithm: int, key: bytes, label: bytes, context: bytes, bits: int) -> bytes:
    """KDFa (11.4.10.2): SP 800-108 in counter mode with HMAC; `context` is U, then V."""
    data = b""
    counter = 0
    while len(data) * 8 < bits:
        counter += 1
        block = u32(counter) + label + b"\0" + context + u32(bits)
        data += mac(algorithm, key, block)
    return data[: bits // 8]


def kdfe(algorithm: int, shared: bytes, label: bytes, party_u: bytes, party_v: bytes) -> bytes:
    """KDFe (11.4.10.3) for one block, as long as the hash: `shared` is x of the agreed point."""
    return digest(algorithm, u32(1) + shared + label + b"\0" + party_u + party_v)


def mac(algorithm: int, key: bytes, data: bytes) -> bytes:
    """Return the HMAC of `data` with a hash of the TPM's registry."""
    import hmac

    names = {32: "sha256", 48: "sha384", 64: "sha512"}
    return hmac.digest(key, data, names[HASH_BYTES[algorithm]])


def aes_cfb(key: bytes, data: bytes, iv: bytes = bytes(16)) -> bytes:
    """Encrypt with AES in CFB mode; the zero IV is for a key that is used once."""
    encryptor = _cipher(key, iv).encryptor()
    return bytes(encryptor.update(data) + encryptor.finalize())


def aes_cfb_open(key: bytes, data: bytes, iv: bytes) -> bytes:
    """Decrypt what `aes_cfb` encrypted."""
    decryptor = _cipher(key, iv).decryptor()
    return bytes(decryptor.update(data) + decryptor.finalize())


def _cipher(key: bytes, iv: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

    try:
        from cryptography.hazmat.decrepit.ciphers.modes import CFB
    except ImportError:
        from cryptography.hazmat.primitives.ciphers.modes import CFB
    return Cipher(algorithms.AES(key), CFB(iv))
