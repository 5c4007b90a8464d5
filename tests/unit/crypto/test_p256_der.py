"""The edge where DER ends: one spelling of each signature, everything else is refused."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from hwlock.crypto import p256
from hwlock.errors import FormatError

NUMBERS = (0, 1, 127, 128, 255, 256, 2**255 - 1, 2**255, 2**256 - 1)


@pytest.mark.parametrize("r", NUMBERS)
@pytest.mark.parametrize("s", NUMBERS)
def test_reads_what_others_write(r: int, s: int) -> None:
    """Each pair that `cryptography` encodes is read as 32 + 32 bytes; 0 is for the verifier."""
    raw = p256.signature_from_der(encode_dss_signature(r, s))
    assert raw == r.to_bytes(32, "big") + s.to_bytes(32, "big")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "30",
        "3000",
        "3003020101",
        "30060201010201",
        "3006020101020102ff",  # something follows
        "30070201010201020",  # an odd digit is dropped below
        "300702010102010200",  # inside, after the second number
        "3106020101020102",  # a set, not a sequence
        "3006030101020102",  # a bit string, not an integer
        "3006020101040102",
        "308106020101020102",  # long form of a short length
        "30800201010201020000",  # indefinite
        "3005020002010200",
        "3005020101020000",  # an integer of no bytes
        "3006020181020102",  # negative
        "3006020101020181",
        "300702020001020102",  # a zero in front of a small number
        "300702010102020001",
        "3005020101020201",  # cut
        "30060202010201",
        "302602210100" + "00" * 31 + "020101",  # 2^256
        "3027022200ff" + "00" * 32 + "020101",
        "3009028101010281010200",
    ],
)
def test_refuses(text: str) -> None:
    """Anything that is not the one strict spelling of two positive numbers is refused."""
    with pytest.raises(FormatError) as caught:
        p256.signature_from_der(bytes.fromhex(text[: len(text) // 2 * 2]))
    assert caught.value.code == "HWL-SIGNATURE-DER"
    assert caught.value.stage == "field"


def test_every_prefix_and_changed_byte() -> None:
    """Cut anywhere, or changed in its frame, a signature is refused or is another signature."""
    der = encode_dss_signature(2**255 + 5, 2**254 + 7)
    raw = p256.signature_from_der(der)
    for cut in range(len(der)):
        with pytest.raises(FormatError):
            p256.signature_from_der(der[:cut])
    for place in range(len(der)):
        for value in range(256):
            changed = der[:place] + bytes([value]) + der[place + 1 :]
            if changed == der:
                continue
            try:
                assert p256.signature_from_der(changed) != raw
            except FormatError:
                continue


def test_sec1_points() -> None:
    """Only 65 bytes that begin with 4 are an uncompressed point."""
    point = b"\x04" + bytes(range(64))
    assert p256.point_from_sec1(point) == point[1:]
    assert p256.point_from_sec1(memoryview(point)) == point[1:]
    for wrong in (
        b"",
        b"\0",
        point[:-1],
        point + b"\0",
        b"\x02" + point[1:33],
        b"\x06" + point[1:],
    ):
        with pytest.raises(FormatError):
            p256.point_from_sec1(wrong)
