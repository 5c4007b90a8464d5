"""Whatever bytes come, the readers of TPM data say what is wrong or give a value."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwlock.devices.tpm2 import commands, nv
from hwlock.devices.tpm2.channel import Channel
from hwlock.devices.tpm2.storage import Enrollment
from hwlock.errors import DeviceError, FormatError, HwlockError
from hwlock.evidence.tpm2 import ek_chain
from hwlock.evidence.tpm2.credential import Credential
from hwlock.evidence.tpm2.names import directory_name
from hwlock.evidence.tpm2.structures import Attest, Public
from hwlock.evidence.tpm2.wire import u16, u32
from hwlock.evidence.x509.certificate import Certificate
from hwlock.evidence.x509.der import trim
from hwlock.evidence.x509.names import show_name

RAW = json.loads((Path(__file__).parents[2] / "vectors" / "tpm2" / "swtpm-p384.json").read_text())
SEEDS = {key: bytes.fromhex(RAW[key]) for key in ("ek_certificate", "ek_public", "attest")}
TRUSTED = tuple(bytes.fromhex(der) for der in RAW["trusted"])
NOW = datetime(2030, 1, 1, tzinfo=timezone.utc)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A real structure with a few bytes changed, cut out or put in; or any bytes."""
    data = bytearray(draw(st.sampled_from(sorted(SEEDS.values()))))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 4))] = draw(st.binary(max_size=4))
    return draw(st.one_of(st.just(bytes(data)), st.binary(max_size=300)))


@pytest.mark.parametrize(
    "parse",
    [Public.parse, Attest.parse, Certificate.parse, Credential.parse, Enrollment.parse, trim],
    ids=lambda parse: parse.__qualname__,
)
@given(raw=damaged())
def test_parsers(parse: Callable[[bytes], object], raw: bytes) -> None:
    """A parser returns a value or raises a FormatError, and nothing else."""
    try:
        parse(raw)
    except FormatError:
        pass


@given(raw=damaged())
def test_public_keeps_its_bytes(raw: bytes) -> None:
    """What was read as a public area is kept as it was, and has a Name."""
    try:
        public = Public.parse(raw)
    except FormatError:
        return
    assert public.raw == raw
    assert len(public.name) > 20


@given(raw=damaged())
def test_chain(raw: bytes) -> None:
    """Only the original certificate is believed; any other bytes are one of our errors."""
    try:
        ek_chain.verify(raw, SEEDS["ek_public"], trusted=TRUSTED, at=NOW)
    except HwlockError:
        assert raw != SEEDS["ek_certificate"]
    else:
        assert raw == SEEDS["ek_certificate"]


@given(raw=damaged())
def test_names(raw: bytes) -> None:
    """Names never break: for people they are a text, for us one of our errors."""
    assert show_name(raw).isprintable()
    try:
        directory_name(raw)
    except HwlockError:
        pass


class Parrot:
    """A wire that answers always the same."""

    shared = True

    def __init__(self, answer: bytes) -> None:
        self.answer = answer

    def exchange(self, command: bytes) -> bytes:
        """Give the answer."""
        return self.answer

    def close(self) -> None:
        """Nothing is open."""


@given(
    body=st.one_of(st.binary(max_size=200), damaged()),
    code=st.sampled_from([0, 0, 0, 0x922, 0x1C4, 0xFFFFFFFF]),
    tag=st.sampled_from([0x8001, 0x8002]),
    honest=st.booleans(),
)
def test_commands(body: bytes, code: int, tag: int, honest: bool) -> None:
    """Whatever a TPM answers, a command gives a value or a DeviceError."""
    size = 10 + len(body) if honest else len(body)
    tpm = Channel(Parrot(u16(tag) + u32(size) + u32(code) + body), pause=lambda _: None)
    calls: tuple[Callable[[], object], ...] = (
        lambda: commands.read_public(tpm, 0x81000001),
        lambda: commands.create_primary(tpm, 0x40000001, b"template"),
        lambda: commands.create(tpm, 0x81000001, b"template"),
        lambda: commands.load(tpm, 0x81000001, b"", b""),
        lambda: commands.sign(tpm, 0x80000000, bytes(32)),
        lambda: commands.certify(tpm, 0x80000000, 0x80000001, b""),
        lambda: commands.properties(tpm, 0x100, 8),
        lambda: commands.handles(tpm, 0x80000000, 8),
        lambda: commands.read_clock(tpm),
        lambda: nv.read_index(tpm, 0x01C00002),
        lambda: nv.Counter(tpm, 0x01800000).read(),
    )
    for call in calls:
        try:
            call()
        except DeviceError:
            pass
