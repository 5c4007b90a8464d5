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

from .constants import ALG_RSA, ALG_SHA256, ALG_SHA384, HASH_BYTES
from .kdf import aes_cfb, agree_once, kdfa, mac
from .structures import Public, digest
from .wire import Reader, sized, u32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Credential", "make"]

_LABEL = b"IDENTITY"


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
    if ek.type == ALG_RSA:
        seed, encrypted_seed = _rsa_seed(ek, entropy)
    else:
        seed, encrypted_seed = agree_once(ek, _LABEL, entropy)
    # 2.
    key = kdfa(ek.name_alg, seed, b"STORAGE", ak_name, ek.symmetric)
    encrypted = aes_cfb(key, sized(secret))
    # 3.
    mac_key = kdfa(ek.name_alg, seed, b"INTEGRITY", b"", HASH_BYTES[ek.name_alg] * 8)
    tag = mac(ek.name_alg, mac_key, encrypted + ak_name)
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
    block = digest(ek.name_alg, _LABEL + b"\0") + fill + b"\1" + seed
    masked = _xor(block, _mgf1(ek.name_alg, mask_seed, len(block)))
    masked_seed = _xor(mask_seed, _mgf1(ek.name_alg, masked, hash_bytes))
    message = int.from_bytes(masked_seed + masked, "big")
    return seed, pow(message, ek.exponent, modulus).to_bytes(size, "big")


def _mgf1(algorithm: int, seed: bytes, size: int) -> bytes:
    data = b""
    counter = 0
    while len(data) < size:
        data += digest(algorithm, seed + u32(counter))
        counter += 1
    return data[:size]


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
