"""Make a credential that one TPM opens, and only while it holds one key (no TPM needed).

TPM2_MakeCredential in Python: TPM 2.0 Library, Part 1, 24 (credential protection), 11.4.10
(KDFa, KDFe) and annexes B and C (the seed under RSA and ECC). Steps:

1. a fresh seed, encrypted to the EK: RSA-OAEP, or a one-pass ECDH and KDFe;
2. a symmetric key from the seed and the *Name of the AK* (KDFa, label STORAGE), and the
   secret under it (AES-CFB, zero IV);
3. an HMAC key from the seed (KDFa, label INTEGRITY), and the HMAC of the encrypted secret
   and the Name.

A TPM opens it only with the EK's private half, and only while an object with that Name is
loaded: the Name is the hash of the AK's public area, attributes included, and a TPM loads no
object with FIXED_TPM that it did not make. So whoever returns the secret has the AK inside
the TPM of that EK, and what the AK certified, the device key, is there as well.

Its form here: TPM2B_ID_OBJECT, then TPM2B_ENCRYPTED_SECRET, and nothing else.
"""

from __future__ import annotations

from hwlock.errors import InternalError, UntrustedError
from hwlock.record import Record

from .constants import ALG_RSA, ALG_SHA256, ALG_SHA384, CURVE_P384, HASH_BYTES
from .structures import Public, digest
from .wire import Reader, sized, u32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Credential", "make"]

_LABEL = b"IDENTITY\0"


class Credential(Record):
    """A credential as it travels: `blob` (TPMS_ID_OBJECT) and `seed`, both encrypted."""

    blob: bytes
    seed: bytes

    def encode(self) -> bytes:
        """Return the bytes that travel."""
        return sized(self.blob) + sized(self.seed)

    @classmethod
    def parse(cls, raw: bytes) -> Credential:
        """Read what `encode` wrote; FormatError."""
        reader = Reader(raw, "credential")
        credential = cls(blob=reader.sized(256), seed=reader.sized(512))
        reader.done()
        return credential


def make(
    ek_public: bytes, ak_name: bytes, secret: bytes, *, entropy: Callable[[int], bytes]
) -> bytes:
    """Return a credential with `secret` for the TPM of an EK and the AK of this Name.

    `ek_public` is a TPMT_PUBLIC (RSA-2048 and larger, P-256, P-384), `secret` has 1 to 32
    bytes, `entropy(n)` returns n fresh random bytes. UntrustedError for an EK to which
    nothing can be encrypted safely.
    """
    ek = Public.parse(ek_public)
    if not 0 < len(secret) <= HASH_BYTES[ALG_SHA256]:
        raise InternalError("HWL-INTERNAL", detail="a credential holds 1 to 32 bytes")
    if ek.symmetric == 0 or ek.name_alg not in (ALG_SHA256, ALG_SHA384):
        raise UntrustedError("HWL-EK-ATTRIBUTES")
    # 1.
    seed, encrypted_seed = (_rsa_seed if ek.type == ALG_RSA else _ecc_seed)(ek, entropy)
    # 2.
    key = _kdfa(ek.name_alg, seed, b"STORAGE", ak_name, ek.symmetric)
    encrypted = _aes_cfb(key, sized(secret))
    # 3.
    mac_key = _kdfa(ek.name_alg, seed, b"INTEGRITY", b"", HASH_BYTES[ek.name_alg] * 8)
    tag = _hmac(ek.name_alg, mac_key, encrypted + ak_name)
    return Credential(blob=sized(tag) + encrypted, seed=encrypted_seed).encode()


def _rsa_seed(ek: Public, entropy: Callable[[int], bytes]) -> tuple[bytes, bytes]:
    """Return a seed and its OAEP encryption (RFC 8017, 7.1.1; Part 1, annex B.4).

    Written out because the padding's randomness must be an argument here.
    """
    size, hash_bytes = len(ek.modulus), HASH_BYTES[ek.name_alg]
    modulus = int.from_bytes(ek.modulus, "big")
    if size < 256 or modulus % 2 == 0 or ek.exponent < 65537 or ek.exponent % 2 == 0:
        raise UntrustedError("HWL-EK-WEAK")
    seed, mask_seed = entropy(hash_bytes), entropy(hash_bytes)
    fill = bytes(size - 2 * hash_bytes - 2 - len(seed))
    block = digest(ek.name_alg, _LABEL) + fill + b"\1" + seed
    masked = _xor(block, _mgf1(ek.name_alg, mask_seed, len(block)))
    masked_seed = _xor(mask_seed, _mgf1(ek.name_alg, masked, hash_bytes))
    message = int.from_bytes(masked_seed + masked, "big")
    return seed, pow(message, ek.exponent, modulus).to_bytes(size, "big")


def _ecc_seed(ek: Public, entropy: Callable[[int], bytes]) -> tuple[bytes, bytes]:
    """Return a seed by one-pass ECDH (Part 1, annex C.6.1), and the ephemeral TPMS_ECC_POINT."""
    from cryptography.hazmat.primitives.asymmetric import ec

    curve: ec.EllipticCurve = ec.SECP256R1()
    order = _ORDER_P256
    if ek.curve == CURVE_P384:
        curve, order = ec.SECP384R1(), _ORDER_P384
    size = len(ek.x)
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(curve, b"\4" + ek.point)
    except ValueError as exc:
        raise UntrustedError("HWL-EK-WEAK") from exc
    # 64 bits more than the order, so that the remainder is as good as uniform
    scalar = int.from_bytes(entropy(size + 8), "big") % (order - 1) + 1
    ephemeral = ec.derive_private_key(scalar, curve)
    shared = ephemeral.exchange(ec.ECDH(), theirs)
    numbers = ephemeral.public_key().public_numbers()
    x, y = numbers.x.to_bytes(size, "big"), numbers.y.to_bytes(size, "big")
    return _kdfe(ek.name_alg, shared, x, ek.x), sized(x) + sized(y)


_ORDER_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_ORDER_P384 = int(
    "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF"
    "581A0DB248B0A77AECEC196ACCC52973",
    16,
)


def _kdfe(algorithm: int, shared: bytes, ephemeral_x: bytes, static_x: bytes) -> bytes:
    """KDFe (11.4.10.3) for one block, which is all that a seed needs."""
    return digest(algorithm, u32(1) + shared + _LABEL + ephemeral_x + static_x)


def _kdfa(algorithm: int, key: bytes, label: bytes, context: bytes, bits: int) -> bytes:
    """KDFa (11.4.10.2): SP 800-108 in counter mode with HMAC."""
    data = b""
    counter = 0
    while len(data) * 8 < bits:
        counter += 1
        block = u32(counter) + label + b"\0" + context + u32(bits)
        data += _hmac(algorithm, key, block)
    return data[: bits // 8]


def _mgf1(algorithm: int, seed: bytes, size: int) -> bytes:
    data = b""
    counter = 0
    while len(data) < size:
        data += digest(algorithm, seed + u32(counter))
        counter += 1
    return data[:size]


def _hmac(algorithm: int, key: bytes, data: bytes) -> bytes:
    import hmac

    names = {32: "sha256", 48: "sha384", 64: "sha512"}
    return hmac.digest(key, data, names[HASH_BYTES[algorithm]])


def _aes_cfb(key: bytes, data: bytes) -> bytes:
    """AES in CFB mode with the zero IV, as the specification has it: the key is used once."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

    try:
        from cryptography.hazmat.decrepit.ciphers.modes import CFB
    except ImportError:
        from cryptography.hazmat.primitives.ciphers.modes import CFB
    encryptor = Cipher(algorithms.AES(key), CFB(bytes(16))).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
