"""Every example in docs/spec/encoding.md is true."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hwlock.codec import armor, cbor, cose, groups, parts, typed_code, typed_file
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


@pytest.mark.parametrize("line", example("typed-digits"))
def test_an_example_of_a_code_of_digits_is_its_number(line: str) -> None:
    """Both ways."""
    code, number = line.split()
    assert typed_code.decode(code, groups=6, digits=True) == int(number)
    assert typed_code.encode(int(number), groups=6, digits=True) == code


def test_the_quasigroup_is_the_one_that_the_page_shows() -> None:
    """Row and column as written."""
    rows = example("damm")
    for state in range(10):
        for value in range(10):
            group = groups.DIGITS.write(10_000 * value, state)
            before = int(rows[state][value])
            for _ in range(4):
                before = int(rows[before][0])
            assert group == f"{10_000 * value:05}{before}"


@pytest.mark.parametrize(("kind", "digits"), [("typed-file", False), ("typed-file-digits", True)])
def test_the_example_of_a_typed_file_is_two_bytes(kind: str, digits: bool) -> None:
    """Both ways."""
    (line,) = example(kind)
    assert typed_file.encode(b"\x00\xff", digits=digits) == f"{line}\n"
    assert typed_file.decode(line, digits=digits) == b"\x00\xff"


def test_the_examples_of_parts_are_their_files() -> None:
    """Both ways."""
    one, three = example("parts"), example("parts-of-three")
    assert parts.assemble(one[0]) == ("REQUEST", bytes.fromhex("d28443a10126"))
    assert list(parts.split(bytes.fromhex("d28443a10126"), "REQUEST")) == one
    assert parts.assemble("".join(three)) == ("LICENSE", bytes(range(12)))
    assert list(parts.split(bytes(range(12)), "LICENSE", chars=7)) == three
