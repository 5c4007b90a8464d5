"""The TPM's counters and clock, and what survives what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hwlock.devices import tpm2
from hwlock.devices.tpm2.attester import Tpm2Attester
from hwlock.devices.tpm2.nv import read_index
from hwlock.errors import AccessDenied, BadAnswer
from hwlock.evidence.tpm2.structures import ClockInfo
from hwlock.testing.swtpm import SoftwareTpm

pytestmark = pytest.mark.device

Tool = Callable[..., str]

INDEX = 0x01800042


def clock(swtpm: SoftwareTpm) -> ClockInfo:
    """Read the clock in a connection of its own."""
    with tpm2.open(swtpm.uri) as device:
        return device.clock()


def test_counter(device: Tpm2Attester) -> None:
    """A counter goes up by one, and defining it again changes nothing."""
    counter = device.counter(INDEX)
    assert not counter.exists()
    counter.define()
    first = counter.read()
    counter.increment()
    counter.define()
    assert counter.read() == first + 1


def test_counter_never_comes_back_lower(device: Tpm2Attester) -> None:
    """A counter that was deleted and defined again starts above its old value."""
    counter = device.counter(INDEX)
    counter.define()
    for _ in range(5):
        counter.increment()
    last = counter.read()
    counter.undefine()
    assert not counter.exists()
    counter.define()
    assert counter.read() > last


def test_peer_reads_the_counter(swtpm: SoftwareTpm, tool: Tool) -> None:
    """tpm2_nvread finds the same number at the index, and can increment it."""
    with tpm2.open(swtpm.uri) as device:
        counter = device.counter(INDEX)
        counter.define()
        value = counter.read()
    tool("tpm2_nvincrement", hex(INDEX), "-C", "o")
    tool("tpm2_nvread", hex(INDEX), "-C", "o", "-o", "counter")
    with tpm2.open(swtpm.uri) as device:
        assert device.counter(INDEX).read() == value + 1


def test_counter_without_owner(swtpm: SoftwareTpm, tool: Tool) -> None:
    """Where the owner has a password, there is no counter, and we are told."""
    tool("tpm2_changeauth", "-c", "owner", "secret")
    with tpm2.open(swtpm.uri) as device, pytest.raises(AccessDenied):
        device.counter(INDEX).define()


def test_index_of_something_else(swtpm: SoftwareTpm, tool: Tool) -> None:
    """An index that is no counter is not taken for one."""
    tool("tpm2_nvdefine", hex(INDEX), "-C", "o", "-s", "8", "-a", "ownerread|ownerwrite")
    with tpm2.open(swtpm.uri) as device:
        assert read_index(device.tpm, INDEX) is None  # defined, never written
        with pytest.raises(BadAnswer) as caught:
            device.counter(INDEX).define()
    assert caught.value.code == "HWL-TPM-COUNTER"


def test_peer_reads_certificate(swtpm: SoftwareTpm, tool: Tool, tmp_path: Path) -> None:
    """A large NV area is read whole: the same bytes as tpm2_nvread gives."""
    tool("tpm2_nvread", "0x01c00002", "-C", "o", "-o", "cert")
    with tpm2.open(swtpm.uri) as device:
        assert read_index(device.tpm, 0x01C00002) == (tmp_path / "cert").read_bytes()


def test_clock_after_orderly_stop(swtpm: SoftwareTpm, tool: Tool) -> None:
    """After TPM2_Shutdown the clock goes on, safe, and the reset is counted."""
    tool("tpm2_setclock", "-c", "p", "3600000")
    before = clock(swtpm)
    swtpm.stop()
    swtpm.start()
    after = clock(swtpm)
    assert after.clock_ms >= before.clock_ms >= 3_600_000
    assert after.reset_count == before.reset_count + 1
    assert after.safe


def test_clock_after_power_failure(swtpm: SoftwareTpm, tool: Tool) -> None:
    """After a power failure the clock may fall back, and says that it is not safe."""
    swtpm.stop()
    swtpm.start()
    assert clock(swtpm).safe
    swtpm.stop(orderly=False)
    swtpm.start()
    assert not clock(swtpm).safe


def test_snapshot_takes_the_counter_back(swtpm: SoftwareTpm) -> None:
    """A restored snapshot of a virtual TPM has the old counter: only the vendor can notice."""
    with tpm2.open(swtpm.uri) as device:
        counter = device.counter(INDEX)
        counter.define()
        old = counter.read()
        snapshot = swtpm.snapshot()
        counter.increment()
    swtpm.restore(snapshot)
    with tpm2.open(swtpm.uri) as device:
        assert device.counter(INDEX).read() == old


def test_clone_is_the_same_tpm(swtpm: SoftwareTpm, tmp_path: Path) -> None:
    """A copy of a virtual TPM can use the keys of the original: why it is not `attested`."""
    with tpm2.open(swtpm.uri) as device:
        enrollment = device.enroll()
    swtpm.stop()
    with swtpm.copy(tmp_path / "clone") as clone, tpm2.open(clone.uri) as device:
        device.sign(enrollment, b"x")
