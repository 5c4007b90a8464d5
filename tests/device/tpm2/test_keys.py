"""The driver against a real (software) TPM: keys, slots, parents."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from hwlock.crypto import p256
from hwlock.devices import tpm2
from hwlock.devices.tpm2 import commands, templates
from hwlock.devices.tpm2.attester import Tpm2Attester
from hwlock.devices.tpm2.storage import Enrollment, Parent
from hwlock.errors import AccessDenied, BadAnswer, BadSignature, FormatError, NotFound, UsageError
from hwlock.evidence.claims import proof_message
from hwlock.evidence.tpm2.constants import RH_NULL, RH_OWNER
from hwlock.record import replace
from hwlock.testing.swtpm import SoftwareTpm

pytestmark = pytest.mark.device

Tool = Callable[..., str]


def slots(device: Tpm2Attester) -> tuple[int, ...]:
    """Return what takes a slot: transient objects and loaded sessions."""
    return commands.handles(device.tpm, 0x80000000, 16) + commands.handles(
        device.tpm, 0x02000000, 16
    )


def test_signs_messages(device: Tpm2Attester) -> None:
    """A signature verifies under the public key of the enrollment, over that message alone."""
    enrollment = device.enroll()
    signature = device.sign(enrollment, b"a message")
    key = p256.PublicKey(device.public(enrollment))
    key.verify(signature, b"a message")
    with pytest.raises(BadSignature):
        key.verify(signature, b"another message")


def test_proves(device: Tpm2Attester) -> None:
    """A proof is a signature over the challenge behind the proof's prefix."""
    enrollment, challenge = device.enroll(), os.urandom(32)
    proof = device.prove(enrollment, challenge)
    assert (proof.anchor, proof.public) == ("tpm2", device.public(enrollment))
    p256.PublicKey(proof.public).verify(proof.signature, proof_message(challenge))


def test_message_is_no_proof(device: Tpm2Attester) -> None:
    """Whoever can have messages signed cannot have a proof made."""
    enrollment = device.enroll()
    with pytest.raises(UsageError) as caught:
        device.sign(enrollment, proof_message(bytes(32)))
    assert caught.value.code == "HWL-TPM-SIGN"


def test_enrollment_survives_restart(swtpm: SoftwareTpm) -> None:
    """Keys are used again after the machine was off."""
    with tpm2.open(swtpm.uri) as device:
        enrollment = device.enroll()
    swtpm.stop()
    swtpm.start()
    with tpm2.open(swtpm.uri) as device:
        device.sign(enrollment, b"x")


def test_each_enrollment_is_another_key(device: Tpm2Attester) -> None:
    """Two products on one machine share no key."""
    assert device.public(device.enroll()) != device.public(device.enroll())


def test_other_tpm(device: Tpm2Attester, other_swtpm: SoftwareTpm) -> None:
    """An enrollment is of no use to another TPM, which says so."""
    enrollment = device.enroll()
    with tpm2.open(other_swtpm.uri) as other, pytest.raises(NotFound) as caught:
        other.sign(enrollment, b"x")
    assert caught.value.code == "HWL-TPM-OTHER"


def test_swapped_blob(device: Tpm2Attester) -> None:
    """The private half of one key does not load with the public half of another."""
    first, second = (Enrollment.parse(device.enroll()) for _ in range(2))
    mixed = replace(first, key_public=second.key_public)
    with pytest.raises(NotFound):
        device.sign(mixed.encode(), b"x")
    assert slots(device) == ()


def test_no_slot_is_kept(device: Tpm2Attester) -> None:
    """Nothing is left in the TPM, whether an operation ends well or not."""
    enrollment = device.enroll()
    device.sign(enrollment, b"x")
    device.claims(enrollment, bytes(32))
    broken = Enrollment.parse(enrollment)
    changed = broken.key_private[:-1] + bytes([broken.key_private[-1] ^ 1])
    with pytest.raises(NotFound):
        device.sign(
            replace(broken, key_private=changed).encode(),
            b"x",
        )
    assert slots(device) == ()


def test_leftovers_are_cleared(swtpm: SoftwareTpm) -> None:
    """Three keys that a dead program left do not keep us out of a TPM without a manager."""
    with tpm2.open(swtpm.uri) as dead:
        for _ in range(3):
            commands.create_primary(dead.tpm, RH_NULL, templates.SRK)
    with tpm2.open(swtpm.uri) as device:
        assert len(slots(device)) == 3
        device.sign(device.enroll(), b"x")
        assert slots(device) == ()


def test_persistent_parent_is_preferred(swtpm: SoftwareTpm, tool: Tool) -> None:
    """A storage root at 0x81000001 is used, also where the owner has a password (Windows)."""
    tool("tpm2_createprimary", "-C", "o", "-G", "rsa2048", "-c", "srk.ctx")
    tool("tpm2_evictcontrol", "-C", "o", "-c", "srk.ctx", "0x81000001")
    tool("tpm2_changeauth", "-c", "owner", "secret")
    with tpm2.open(swtpm.uri) as device:
        enrollment = device.enroll()
        assert (
            Enrollment.parse(enrollment).parent == commands.read_public(device.tpm, 0x81000001).name
        )
        device.sign(enrollment, b"x")
        device.claims(enrollment, bytes(32))


def test_owner_password(swtpm: SoftwareTpm, tool: Tool) -> None:
    """Without a storage root and with an owner's password, the person learns why not."""
    tool("tpm2_changeauth", "-c", "owner", "secret")
    with tpm2.open(swtpm.uri) as device, pytest.raises(AccessDenied) as caught:
        device.enroll()
    assert caught.value.code == "HWL-TPM-AUTH"
    assert "BAD_AUTH" in caught.value.message


def test_unsuitable_persistent_key(swtpm: SoftwareTpm, tool: Tool) -> None:
    """A key at 0x81000001 that is no storage root is left alone."""
    tool("tpm2_createprimary", "-C", "o", "-c", "p.ctx")
    tool("tpm2_create", "-C", "p.ctx", "-G", "ecc", "-u", "k.pub", "-r", "k.priv")
    tool("tpm2_flushcontext", "-t")
    tool("tpm2_load", "-C", "p.ctx", "-u", "k.pub", "-r", "k.priv", "-c", "k.ctx")
    tool("tpm2_evictcontrol", "-C", "o", "-c", "k.ctx", "0x81000001")
    with tpm2.open(swtpm.uri) as device:
        assert Parent.persistent(device.tpm) is None
        device.sign(device.enroll(), b"x")


def test_cleared(swtpm: SoftwareTpm, tool: Tool) -> None:
    """After TPM2_Clear the keys are gone, and the person is told to activate again."""
    with tpm2.open(swtpm.uri) as device:
        enrollment = device.enroll()
    tool("tpm2_clear", "-c", "p")
    with tpm2.open(swtpm.uri) as device, pytest.raises(NotFound) as caught:
        device.sign(enrollment, b"x")
    assert caught.value.code == "HWL-TPM-OTHER"
    assert "new request" in caught.value.hint


def test_damaged_enrollment(device: Tpm2Attester) -> None:
    """Bytes that are no enrollment are a FormatError, before the TPM is asked."""
    enrollment = device.enroll()
    for damaged in (b"", enrollment[:-1], enrollment + b"\0", b"\xa1\x01\x02"):
        with pytest.raises(FormatError):
            device.sign(damaged, b"x")


def test_describes(device: Tpm2Attester) -> None:
    """The description names the maker and says that the TPM is virtual."""
    description = device.describe()
    assert description.assurance == "attested"
    assert dict(description.details)["maker"] == "IBM software TPM"
    assert [note.code for note in description.notes] == ["HWL-TPM-VIRTUAL"]


def test_random(device: Tpm2Attester) -> None:
    """TPM2_GetRandom gives fresh bytes of the size asked for."""
    first, second = (commands.get_random(device.tpm, 16) for _ in range(2))
    assert len(first) == 16
    assert first != second


def test_explained_refusal(device: Tpm2Attester) -> None:
    """A refusal of the TPM is a sentence with the specification's name in it."""
    with pytest.raises(BadAnswer, match=r"handle 1, TPM_RC_VALUE") as caught:
        commands.create_primary(device.tpm, 0x40000010, templates.SRK)
    assert (caught.value.code, caught.value.raw_code) == ("HWL-TPM-REFUSED", 0x184)


def test_startup_twice(device: Tpm2Attester) -> None:
    """A TPM that runs does not want to be started again."""
    with pytest.raises(BadAnswer, match="TPM_RC_INITIALIZE"):
        commands.startup(device.tpm)


def test_primary_is_reproducible(device: Tpm2Attester) -> None:
    """The storage root is the same key each time it is made, which enrollments rely on."""
    names = []
    for _ in range(2):
        held, named = commands.create_primary(device.tpm, RH_OWNER, templates.SRK)
        held.flush()
        names.append(named.name)
    assert names[0] == names[1]


def test_many_clients_of_one_tpm(swtpm: SoftwareTpm) -> None:
    """Clients that come at once are served one after the other, each with a good signature."""
    with tpm2.open(swtpm.uri) as device:
        enrollment = device.enroll()

    def client(number: int) -> bytes:
        with tpm2.open(swtpm.uri) as device:
            return device.sign(enrollment, bytes([number]))

    with ThreadPoolExecutor(8) as pool:
        signatures = list(pool.map(client, range(24)))
    key = p256.PublicKey(Enrollment.parse(enrollment).point)
    for number, signature in enumerate(signatures):
        key.verify(signature, bytes([number]))
