"""Every example in docs/spec/encoding.md is true."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hwlock.codec import armor, cbor, cose, typed_code
from hwlock.errors import FormatError

PAGE = Path(__file__).parents[3] / "docs" / "spec" / "encoding.md"


def example(kind: str) -> list[str]:
    """Return the lines of the example of a kind, without comments."""
    page = PAGE.read_text(encoding="utf-8")
    lines = page.split(f"```{kind}\n")[1].split("\n```")[0].splitlines()
    return [line.split("#")[0].strip() for line in lines]


@pytest.mark.parametrize("data", example("cbor-read"))
def test_an_example_of_cbor_is_read_and_written_back(data: str) -> None:
    """What the page calls read is read, in one form."""
    assert cbor.encode(cbor.decode(bytes.fromhex(data))).hex() == data


@pytest.mark.parametrize("line", example("cbor-refused"))
def test_an_example_of_broken_cbor_is_refused_as_written(line: str) -> None:
    """What the page calls refused is refused, with the code and at the offset given."""
    data, code, offset = line.split()
    with pytest.raises(FormatError) as caught:
        cbor.decode(bytes.fromhex(data))
    assert (caught.value.code, caught.value.offset) == (code, int(offset))


def test_the_example_of_an_envelope_is_made_and_read() -> None:
    """The file follows from the key, the header and the payload that the page names."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    header = cose.Header(alg=cose.EDDSA, kid=bytes(range(16)), typ="application/hwlock-license")
    raw = bytes.fromhex("".join(example("cose-file")))
    assert key.public_key().public_bytes_raw().hex() in PAGE.read_text(encoding="utf-8")
    assert cose.assemble(header, cbor.encode({1: "acme"}), key.sign) == raw
    assert cose.parse(raw).to_be_signed.hex() == "".join(example("cose-to-be-signed"))


def test_the_example_of_armor_is_the_example_of_an_envelope() -> None:
    """The block is that file, written and read."""
    raw = bytes.fromhex("".join(example("cose-file")))
    assert armor.encode(raw, "LICENSE").splitlines() == example("armor")
    assert armor.decode("\n".join(example("armor")).encode()) == ("LICENSE", raw)


@pytest.mark.parametrize("line", example("typed-codes"))
def test_an_example_of_a_code_is_its_number(line: str) -> None:
    """Each code stands for the number next to it."""
    code, number = line.split()
    assert typed_code.decode(code) == int(number)
    assert typed_code.encode(int(number)) == code


@pytest.mark.parametrize("line", example("typed-codes-refused"))
def test_an_example_of_a_mistyped_code_is_refused_as_written(line: str) -> None:
    """Each mistake has the code and the group that the page names."""
    text, code, group = line.split()
    with pytest.raises(FormatError) as caught:
        typed_code.decode(text)
    assert (caught.value.code, caught.value.details["group"]) == (code, int(group))
