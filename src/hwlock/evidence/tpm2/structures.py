"""The TPM structures that travel: public areas, attestations, signatures.

Read strictly and kept raw: a Name is the hash of the received bytes, a signature covers the
received bytes, and nothing is written again in order to be verified. Only what hwlock uses
is read: RSA and ECC keys, TPM2_Certify statements, ECDSA signatures. TPM 2.0 Library,
Part 2, sections 10 to 12.
"""

from __future__ import annotations

from hwlock.crypto import sha2
from hwlock.record import Record, replace

from .constants import (
    ALG_AES,
    ALG_CFB,
    ALG_ECC,
    ALG_ECDSA,
    ALG_NULL,
    ALG_RSA,
    ALG_SHA256,
    CURVE_BYTES,
    GENERATED_VALUE,
    HASH_BYTES,
    ST_ATTEST_CERTIFY,
)
from .wire import Reader, sized, u16

__all__ = ["Attest", "ClockInfo", "Public", "parse_signature", "raw_signature"]

_MAX_PUBLIC = 1024
_MAX_RSA_BYTES = 512
_DEFAULT_EXPONENT = 65537


class Public(Record):
    """A TPMT_PUBLIC (12.2.4) of an RSA or ECC key, as `raw` bytes and what they say.

    `symmetric` is the key size of AES-CFB in bits, 0 for none; `scheme` and `scheme_hash`
    are ALG_NULL where the key leaves them open. `curve`, `x`, `y` are for ECC (left-padded
    to the size of the curve), `modulus`, `exponent` for RSA.
    """

    raw: bytes
    type: int
    name_alg: int
    attributes: int
    policy: bytes
    symmetric: int
    scheme: int
    scheme_hash: int
    curve: int = 0
    x: bytes = b""
    y: bytes = b""
    modulus: bytes = b""
    exponent: int = 0

    @classmethod
    def parse(cls, raw: bytes) -> Public:
        """Read a TPMT_PUBLIC that fills `raw`; FormatError."""
        reader = Reader(raw[: _MAX_PUBLIC + 1], "TPM public key")
        kind = reader.u16()
        if kind not in (ALG_RSA, ALG_ECC):
            reader.refuse(f"key type {kind:#x} is neither RSA nor ECC")
        name_alg = reader.u16()
        if name_alg not in HASH_BYTES:
            reader.refuse(f"hash {name_alg:#x} is not known")
        attributes, policy = reader.u32(), reader.sized(max(HASH_BYTES.values()))
        symmetric, (scheme, scheme_hash) = _symmetric(reader), _scheme(reader)
        key = _rsa(reader) if kind == ALG_RSA else _ecc(reader)
        reader.done()
        area = cls(
            raw=bytes(raw),
            type=kind,
            name_alg=name_alg,
            attributes=attributes,
            policy=policy,
            symmetric=symmetric,
            scheme=scheme,
            scheme_hash=scheme_hash,
        )
        return replace(area, **key)

    @property
    def name(self) -> bytes:
        """The Name (Part 1, 16): the hash's id and the digest of the public area."""
        if self.name_alg == ALG_SHA256:
            return u16(self.name_alg) + sha2.sha256(self.raw)
        return u16(self.name_alg) + digest(self.name_alg, self.raw)

    @property
    def point(self) -> bytes:
        """x‖y of an ECC key: 64 bytes for P-256."""
        return self.x + self.y

    @property
    def key_digest(self) -> bytes:
        """SHA-256 of the key alone: the same for one key under other attributes."""
        if self.type == ALG_ECC:
            return sha2.sha256(u16(ALG_ECC) + u16(self.curve) + self.point)
        exponent = self.exponent.to_bytes(4, "big")
        return sha2.sha256(u16(ALG_RSA) + exponent + self.modulus.lstrip(b"\0"))

    def has(self, attributes: int) -> bool:
        """Tell whether all of these TPMA_OBJECT bits are set."""
        return self.attributes & attributes == attributes


def digest(algorithm: int, data: bytes) -> bytes:
    """Return the digest of `data`; `algorithm` is one of HASH_BYTES."""
    import hashlib

    names = {20: "sha1", 32: "sha256", 48: "sha384", 64: "sha512"}
    return hashlib.new(names[HASH_BYTES[algorithm]], data, usedforsecurity=False).digest()


def _symmetric(reader: Reader) -> int:
    """Read a TPMT_SYM_DEF_OBJECT (11.1.7): AES in CFB mode, or none."""
    if (algorithm := reader.u16()) == ALG_NULL:
        return 0
    reader.expect(algorithm, ALG_AES, "the symmetric cipher")
    bits = reader.u16()
    if bits not in (128, 192, 256):
        reader.refuse(f"AES with {bits} bits")
    reader.expect(reader.u16(), ALG_CFB, "the cipher's mode")
    return bits


def _scheme(reader: Reader) -> tuple[int, int]:
    """Read a TPMT_RSA_SCHEME or TPMT_ECC_SCHEME (11.2): all that we use name one hash."""
    scheme = reader.u16()
    return scheme, ALG_NULL if scheme == ALG_NULL else reader.u16()


def _rsa(reader: Reader) -> dict[str, int | bytes]:
    bits = reader.u16()
    exponent = reader.u32() or _DEFAULT_EXPONENT  # 0 stands for the default (12.2.3.5)
    modulus = reader.sized(_MAX_RSA_BYTES)
    if modulus and len(modulus) * 8 != bits:  # empty in a template
        reader.refuse(f"a modulus of {len(modulus)} bytes for {bits} bits")
    return {"modulus": modulus, "exponent": exponent}


def _ecc(reader: Reader) -> dict[str, int | bytes]:
    curve = reader.u16()
    if curve not in CURVE_BYTES:
        reader.refuse(f"curve {curve:#x} is neither P-256 nor P-384")
    reader.expect(reader.u16(), ALG_NULL, "the key derivation scheme")
    size = CURVE_BYTES[curve]
    x, y = reader.sized(size), reader.sized(size)
    return {"curve": curve, "x": x.rjust(size, b"\0"), "y": y.rjust(size, b"\0")}


class ClockInfo(Record):
    """A TPMS_CLOCK_INFO (10.11.1).

    `clock_ms` advances while the TPM has power and survives an orderly shutdown; after an
    unclean stop it may fall back, and `safe` is False until it has passed every value that
    it had before. `reset_count` counts resets, `restart_count` resumes since the last one.
    """

    clock_ms: int
    reset_count: int
    restart_count: int
    safe: bool

    @classmethod
    def read(cls, reader: Reader) -> ClockInfo:
        """Read the structure where `reader` stands."""
        clock_ms, reset_count, restart_count = reader.u64(), reader.u32(), reader.u32()
        if (safe := reader.u8()) > 1:
            reader.refuse(f"{safe} where yes or no is expected")
        return cls(
            clock_ms=clock_ms,
            reset_count=reset_count,
            restart_count=restart_count,
            safe=safe == 1,
        )


class Attest(Record):
    """A TPMS_ATTEST (10.12.8) of TPM2_Certify, as `raw` bytes and what they say.

    `name` is the Name of the certified key. Where the signing key is not in the endorsement
    or platform hierarchy, as ours, the TPM hides `reset_count`, `restart_count` and
    `firmware` behind a constant of its own and that key's (Part 1, 36.7): they can be
    compared between two statements of one key, and say nothing by themselves.
    """

    raw: bytes
    signer: bytes
    extra: bytes
    clock: ClockInfo
    firmware: int
    name: bytes

    @classmethod
    def parse(cls, raw: bytes) -> Attest:
        """Read a TPMS_ATTEST that fills `raw`; FormatError for any other statement."""
        reader = Reader(raw, "TPM statement")
        reader.expect(reader.u32(), GENERATED_VALUE, "its first word")
        reader.expect(reader.u16(), ST_ATTEST_CERTIFY, "its kind")
        signer, extra = reader.sized(66), reader.sized(64)
        clock, firmware = ClockInfo.read(reader), reader.u64()
        name, _qualified = reader.sized(66), reader.sized(66)
        reader.done()
        return cls(
            raw=bytes(raw),
            signer=signer,
            extra=extra,
            clock=clock,
            firmware=firmware,
            name=name,
        )


def parse_signature(reader: Reader) -> bytes:
    """Read a TPMT_SIGNATURE (11.3.4) of ECDSA with SHA-256 and P-256; return raw r‖s."""
    reader.expect(reader.u16(), ALG_ECDSA, "the signature scheme")
    reader.expect(reader.u16(), ALG_SHA256, "the signature's hash")
    return reader.sized(32).rjust(32, b"\0") + reader.sized(32).rjust(32, b"\0")


def raw_signature(signature: bytes) -> bytes:
    """Return the TPMT_SIGNATURE of a raw r‖s (64 bytes): the inverse of `parse_signature`."""
    return u16(ALG_ECDSA) + u16(ALG_SHA256) + sized(signature[:32]) + sized(signature[32:])
