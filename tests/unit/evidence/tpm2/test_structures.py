"""TPM structures, DER and names, read strictly."""

from __future__ import annotations

import pytest
from cryptography import x509

from hwlock.errors import FormatError
from hwlock.evidence.tpm2 import makers
from hwlock.evidence.tpm2.claims import Tpm2Claims
from hwlock.evidence.tpm2.ek_chain import certifies
from hwlock.evidence.tpm2.structures import Public, parse_signature, raw_signature
from hwlock.evidence.tpm2.wire import Reader, sized, u16
from hwlock.evidence.x509.certificate import Certificate, basic_constraints, key_usage
from hwlock.evidence.x509.der import Der, oid, trim
from hwlock.evidence.x509.names import show_name


def test_every_prefix(claims: Tpm2Claims) -> None:
    """No beginning of a public area is one, nor is one with a byte more."""
    for raw in (claims.ek_public, claims.ak_public):
        for damaged in (*(raw[:size] for size in range(len(raw))), raw + b"\0"):
            with pytest.raises(FormatError) as caught:
                Public.parse(damaged)
            assert caught.value.stage == "field"


def test_short_coordinates() -> None:
    """Coordinates that a TPM wrote without leading zeros are padded; longer ones refused."""
    area = Public.parse(
        bytes.fromhex("0023000b000000000000001000100003") + u16(0x10) + sized(b"\1") + sized(b"")
    )
    assert area.point == bytes(31) + b"\1" + bytes(32)
    with pytest.raises(FormatError):
        Public.parse(
            bytes.fromhex("0023000b000000000000001000100003") + u16(0x10) + sized(bytes(33)) * 2
        )


@pytest.mark.parametrize(
    ("head", "fault"),
    [
        ("0025000b", "neither RSA nor ECC"),
        ("00230099", "hash"),
        ("0023000b00000000 0000 0007", "cipher"),
        ("0023000b00000000 0000 0006 0040 0043", "AES with 64 bits"),
        ("0023000b00000000 0000 0006 0080 0042", "mode"),
        ("0023000b00000000 0000 0010 0010 0005", "curve"),
        ("0023000b00000000 0000 0010 0010 0003 0022", "key derivation"),
        ("0023000b00000000 0041", "buffer"),
        ("0001000b00000000 0000 0010 0010 0800 00000000 0001 01", "modulus"),
    ],
)
def test_foreign_public_areas(head: str, fault: str) -> None:
    """A key of a kind that we do not use is refused by the member that says so."""
    with pytest.raises(FormatError, match=fault):
        Public.parse(bytes.fromhex(head) + bytes(8))


def test_signature_round_trip() -> None:
    """A signature is read into r‖s, padded; other schemes, hashes and sizes are refused."""
    raw = bytes(31) + b"\1" + bytes(range(32))
    assert parse_signature(Reader(raw_signature(raw), "x")) == raw
    short = u16(0x18) + u16(0xB) + sized(b"\1") + sized(raw[32:])
    assert parse_signature(Reader(short, "x")) == raw
    for damaged in (
        u16(0x14) + u16(0xB),
        u16(0x18) + u16(0x4),
        u16(0x18) + u16(0xB) + sized(bytes(33)),
    ):
        with pytest.raises(FormatError):
            parse_signature(Reader(damaged + bytes(70), "x"))


@pytest.mark.parametrize(
    "damaged",
    ["", "30", "3080", "3081", "308100", "30817f", "30820080", "3085", "3001", "1f0100", "3101ff"],
)
def test_der_lengths(damaged: str) -> None:
    """Indefinite, over-long and cut lengths, and foreign tags, are refused."""
    with pytest.raises(FormatError):
        Der(bytes.fromhex(damaged)).content(0x30)


def test_der_values() -> None:
    """Booleans are 00 or FF, numbers within bounds, bit strings whole bytes."""
    assert Der(bytes.fromhex("0101ff")).flag()
    assert not Der(bytes.fromhex("010100")).flag()
    assert Der(bytes.fromhex("020105")).number(5) == 5
    assert Der(bytes.fromhex("03020041")).bits() == b"A"
    for damaged, read in (
        ("010101", "flag"),
        ("0101", "flag"),
        ("020106", "number"),
        ("0201ff", "number"),
        ("03020141", "bits"),
        ("0300", "bits"),
    ):
        walk = Der(bytes.fromhex(damaged))
        with pytest.raises(FormatError):
            walk.number(5) if read == "number" else getattr(walk, read)()


def test_oid() -> None:
    """Identifiers are encoded as a library encodes them."""
    assert oid("2.5.29.19") == bytes.fromhex("551d13")
    assert oid("1.2.840.10045.4.3.2") == bytes.fromhex("2a8648ce3d040302")
    assert oid("2.23.133.8.1") == bytes.fromhex("6781050801")


def test_certificate_like_a_library(claims: Tpm2Claims) -> None:
    """We read of a certificate what `cryptography` reads."""
    assert claims.ek_certificate is not None
    ours = Certificate.parse(claims.ek_certificate)
    theirs = x509.load_der_x509_certificate(claims.ek_certificate)
    assert ours.tbs == theirs.tbs_certificate_bytes
    assert ours.signature == theirs.signature
    assert (ours.issuer, ours.subject) == (
        theirs.issuer.public_bytes(),
        theirs.subject.public_bytes(),
    )
    assert (ours.not_before, ours.not_after) == (
        theirs.not_valid_before_utc,
        theirs.not_valid_after_utc,
    )
    assert {kind: found.critical for kind, found in ours.extensions.items()} == {
        oid(each.oid.dotted_string): each.critical for each in theirs.extensions
    }
    assert certifies(ours, Public.parse(claims.ek_public))


def test_certificate_in_a_larger_space(claims: Tpm2Claims) -> None:
    """What fills the NV index behind a certificate is cut off; inside a file it is refused."""
    assert claims.ek_certificate is not None
    for fill in (b"\xff" * 9, bytes(9)):
        assert trim(claims.ek_certificate + fill) == claims.ek_certificate
        with pytest.raises(FormatError):
            Certificate.parse(claims.ek_certificate + fill)
    for nothing in (b"", b"\xff" * 64, bytes(64)):
        with pytest.raises(FormatError):
            trim(nothing)


def test_size_is_bounded() -> None:
    """A certificate beyond 8 KiB is not read."""
    with pytest.raises(FormatError):
        Certificate.parse(b"\x30\x82\x40\x00" + bytes(0x4000))


def test_times(claims: Tpm2Claims) -> None:
    """A time that does not exist is refused."""
    assert claims.ek_certificate is not None
    at = claims.ek_certificate.index(b"99991231235959Z")
    for wrong in (b"99991331235959Z", b"99991231235959z", b"9999123123595 Z"):
        raw = claims.ek_certificate
        with pytest.raises(FormatError):
            Certificate.parse(raw[:at] + wrong + raw[at + 15 :])


def test_small_extensions() -> None:
    """Key usage and basic constraints, empty ones as well."""
    assert key_usage(bytes.fromhex("03020106")) & 0x04
    assert key_usage(bytes.fromhex("030100")) == 0
    assert basic_constraints(bytes.fromhex("3000")) == (False, None)
    assert basic_constraints(bytes.fromhex("30060101ff020100")) == (True, 0)


def test_names_for_people() -> None:
    """A name that cannot be shown is replaced, never passed on."""
    assert show_name(b"") == "an unreadable name"
    assert show_name(bytes.fromhex("3000")) == "a name without text"
    evil = bytes.fromhex("300e310c300a06035504030c031b5b41")
    assert show_name(evil) == "a name without text"


def test_makers() -> None:
    """Makers are named; unknown ones by their letters, or in hex."""
    assert makers.describe(b"IFX\0") == "Infineon"
    assert makers.describe(b"ABC\0") == "ABC"
    assert makers.describe(b"\1\2\3\4") == "01020304"
    assert makers.is_virtual(b"\0\0\x10\x14")
    assert not makers.is_virtual(b"INTC")
