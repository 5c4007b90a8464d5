"""Life with a card: pulled, swapped, shared, and a service that restarts.

Each mishap is one DeviceError, and the next check works.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from hwlock.devices import registry
from hwlock.devices.smartcard import codes
from hwlock.devices.smartcard.pcsc import Context
from hwlock.errors import Busy, DeviceError, NotFound, PinRequired, Removed
from hwlock.testing.cards.iso import VirtualCard
from hwlock.testing.cards.yubikey import VirtualYubiKey
from hwlock.testing.pcsc import READERS

pytestmark = pytest.mark.device
CHALLENGE = bytes(range(32))
DEADLINE_S = 20.0


def until(condition):
    """Wait until `condition` holds; fail after the deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def clone(card):
    """Return another card with the same serial and keys of its own."""
    other = VirtualYubiKey()
    other.piv.serial = card.piv.serial
    other.piv.put_key(0x9E)
    return other


def test_pulled_between_checks(service, yubikey):
    """A card that is pulled is gone; put back, also into another reader, it is there again."""
    inserted = service.insert(yubikey)
    with registry.open_dongle("piv:serial=1234567") as device:
        record = device.enroll()
        inserted.remove()
        with pytest.raises((Removed, NotFound)):
            device.prove(record, CHALLENGE)
        service.insert(yubikey, reader=1)
        assert device.prove(record, CHALLENGE).signature


@pytest.mark.parametrize("ins", [0xA4, 0x87, 0xF7])
def test_pulled_in_the_middle_of_a_command(service, yubikey, ins):
    """Wherever a card is pulled, the answer is one error: it was unplugged, or is not there."""
    inserted = service.insert(yubikey)
    with registry.open_dongle("piv:serial=1234567") as device:
        record = device.enroll()
        device.prove(record, CHALLENGE)
        transmit = yubikey.transmit

        def pulled(apdu):
            if apdu[1] == ins:
                inserted.remove()
            return transmit(apdu)

        yubikey.transmit = pulled
        if ins == 0xF7:
            device.close()  # so that it looks at the slot again
        with pytest.raises(DeviceError) as caught:
            device.prove(record, CHALLENGE)
        assert isinstance(caught.value, Removed | NotFound)
        yubikey.transmit = transmit
        service.insert(yubikey, reader=1)
        assert device.prove(record, CHALLENGE).signature


def test_swapped_for_another_with_the_same_serial(service, yubikey, person):
    """A serial is only a name: another card that bears it is told, and gets no PIN."""
    yubikey.piv.put_key(0x9A)
    inserted = service.insert(yubikey)
    someone = person("123456", "123456")
    with registry.open_dongle("piv:serial=1234567;slot=9a", someone) as device:
        record = device.enroll()
        device.prove(record, CHALLENGE)
        inserted.remove()
        other = clone(yubikey)
        other.piv.put_key(0x9A)
        fake = service.insert(other)
        with pytest.raises((Removed, NotFound)):
            device.prove(record, CHALLENGE)
        with pytest.raises(NotFound) as caught:
            device.prove(record, CHALLENGE)
        assert caught.value.code == "HWL-SMARTCARD-OTHER"
        assert not any(apdu[1] == 0x20 and len(apdu) > 5 for apdu in other.log)
        fake.remove()
        service.insert(yubikey)
        until(lambda: _works(device, record))
    assert len(someone.asked) == 2  # the card was away, so it asks again


def _works(device, record):
    try:
        return bool(device.prove(record, CHALLENGE).signature)
    except (Removed, NotFound):
        return False


def test_swapped_while_a_person_types(service, yubikey):
    """A card that is swapped while the PIN is typed does not get it."""
    yubikey.piv.put_key(0x9A)
    inserted = service.insert(yubikey)
    other = clone(yubikey)
    other.piv.put_key(0x9A)

    class Slow:
        def pin(self, device, attempts_left):
            inserted.remove()
            service.insert(other)
            return "123456"

        def touch(self, device):
            raise AssertionError

    with registry.open_dongle("piv:serial=1234567;slot=9a", Slow()) as device:
        record = device.enroll()
        with pytest.raises((Removed, NotFound)):
            device.prove(record, CHALLENGE)
    assert not any(apdu[1] == 0x20 for apdu in other.log)


def test_service_restarts(service, yubikey):
    """A restart of the service costs one error; the next check works with the card back in."""
    service.insert(yubikey)
    with registry.open_dongle("piv:serial=1234567") as device:
        record = device.enroll()
        service.stop()
        with pytest.raises(Removed):
            device.prove(record, CHALLENGE)
        with pytest.raises(NotFound) as caught:
            device.prove(record, CHALLENGE)
        assert caught.value.code == "HWL-SMARTCARD-SERVICE"
        assert "pcscd" in caught.value.hint
        (found,) = registry.scan(("piv",))
        assert found.problem.code == "HWL-SMARTCARD-SERVICE"
        service.start()
        service.insert(yubikey)
        assert device.prove(record, CHALLENGE).signature


def test_reset_by_another_program(service, yubikey, person):
    """A reset by another program costs nothing but the PIN that the card forgot."""
    yubikey.piv.put_key(0x9A)
    service.insert(yubikey)
    someone = person("123456")
    with registry.open_dongle("piv:serial=1234567;slot=9a", someone) as device:
        record = device.enroll()
        device.prove(record, CHALLENGE)
        context = Context()
        wire = context.connect(READERS[0])
        scard = context.scard
        assert scard.SCardDisconnect(wire._card, scard.SCARD_RESET_CARD) == codes.OK
        context.close()
        assert device.prove(record, CHALLENGE).signature
    assert len(someone.asked) == 1


def test_shared_with_another_program(service, yubikey):
    """Another program may select another application in between."""
    service.insert(yubikey)
    context = Context()
    wire = context.connect(READERS[0])
    management = bytes.fromhex("00a4040008a000000527471117")
    with registry.open_dongle("piv:serial=1234567") as device:
        record = device.enroll()
        for _ in range(3):
            assert wire.exchange(management)[-2:] == b"\x90\0"
            assert device.prove(record, CHALLENGE).signature
    wire.close()


_HOLDER = """
import sys
from smartcard.scard import *
_, context = SCardEstablishContext(SCARD_SCOPE_USER)
result, card, _ = SCardConnect(context, sys.argv[1], SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_T1)
print(result, flush=True)
sys.stdin.read()
"""


def test_held_alone_by_another_program(service, yubikey):
    """A card that another program holds alone is busy, and that program is named."""
    service.insert(yubikey)
    with registry.open_dongle("piv:serial=1234567") as device:
        record = device.enroll()
    holder = subprocess.Popen(
        [sys.executable, "-I", "-c", _HOLDER, READERS[0]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=service.environment,
    )
    try:
        assert holder.stdout.readline().strip() == "0"
        (found,) = registry.scan(("piv",))
        assert found.problem.code == "HWL-SMARTCARD-BUSY"
        assert f"(process {holder.pid})" in found.problem.message
        with pytest.raises(Busy):
            registry.open_dongle("piv:serial=1234567")
    finally:
        holder.communicate()
    assert holder.returncode == 0
    until(lambda: next(registry.scan(("piv",))).problem is None)
    with registry.open_dongle("piv:serial=1234567") as device:
        assert device.prove(record, CHALLENGE).signature


def test_card_of_another_kind(service):
    """A card without the application is passed over, and is no error."""
    service.insert(VirtualCard())
    assert list(registry.scan(("piv",))) == []
    with pytest.raises(NotFound):
        registry.open_dongle("piv:")


def test_short_transactions(service, yubikey):
    """While a person is asked for the PIN, other programs can use the card."""
    yubikey.piv.put_key(0x9A)
    service.insert(yubikey)
    used = []

    class Meanwhile:
        def pin(self, device, attempts_left):
            context = Context()
            wire = context.connect(READERS[0])
            with wire.transaction():
                used.append(wire.exchange(bytes.fromhex("00a4040005a000000308"))[-2:])
            wire.close()
            return "123456"

        def touch(self, device):
            raise AssertionError

    with registry.open_dongle("piv:serial=1234567;slot=9a", Meanwhile()) as device:
        assert device.prove(device.enroll(), CHALLENGE).signature
    assert used == [b"\x90\0"]


def test_events(service, yubikey):
    """Insertion and removal end a wait; nothing else does."""
    with registry.changes("piv") as changes:
        assert changes.wait(0.05) is False
        inserted = service.insert(yubikey)
        assert changes.wait(DEADLINE_S) is True
        while changes.wait(0.5):
            pass  # the reader may tell an insertion in two steps
        inserted.remove()
        assert changes.wait(DEADLINE_S) is True


def test_a_change_before_the_wait_is_told(service, yubikey):
    """What happens between two waits is not lost."""
    with registry.changes("piv") as changes:
        service.insert(yubikey)
        assert changes.wait(DEADLINE_S) is True


def test_wake(service):
    """A wake from another thread ends a wait at once, whenever it comes, and all later ones."""
    for _ in range(20):
        with registry.changes("piv") as changes:
            waker = threading.Thread(target=changes.wake)
            began = time.monotonic()
            waker.start()
            assert changes.wait(DEADLINE_S) is False
            assert changes.wait(DEADLINE_S) is False
            waker.join()
            assert time.monotonic() - began < DEADLINE_S / 4


def test_events_survive_a_restart(service, yubikey):
    """The end of the service is a change, its return too, and cards are seen again."""
    with registry.changes("piv") as changes:
        service.stop()
        assert changes.wait(DEADLINE_S) is True
        assert changes.wait(0.05) is False
        service.start()
        assert changes.wait(DEADLINE_S) is True
        service.insert(yubikey)
        assert changes.wait(DEADLINE_S) is True


def test_own_process_is_not_named(service):
    """This program uses PC/SC itself and does not suspect itself."""
    from hwlock.devices.smartcard import holders

    assert not any(f"(process {os.getpid()})" in name for name in holders.programs())


def test_nobody_asked_when_gone(service, yubikey, person):
    """A PIN is wanted only from a card that is there."""
    yubikey.piv.put_key(0x9A)
    inserted = service.insert(yubikey)
    someone = person()
    with registry.open_dongle("piv:serial=1234567;slot=9a", someone) as device:
        record = device.enroll()
        inserted.remove()
        with pytest.raises((Removed, NotFound)) as caught:
            device.prove(record, CHALLENGE)
    assert not isinstance(caught.value, PinRequired)
    assert someone.asked == []
