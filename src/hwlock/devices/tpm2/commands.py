"""The commands that hwlock uses, one function each; TPM 2.0 Library, Part 3.

Arguments and results are the specification's, in its order. What takes a slot of the TPM
is returned as a `Held`: use it in a `with`. Passwords are empty: keys are protected by the
TPM they live in, and the hierarchies of a machine that belongs to nobody have none.
"""

from __future__ import annotations

from hwlock.errors import BadAnswer, FormatError
from hwlock.evidence.tpm2.constants import ALG_NULL, RH_NULL, ST_HASHCHECK
from hwlock.evidence.tpm2.structures import Attest, ClockInfo, Public, parse_signature
from hwlock.evidence.tpm2.wire import Reader, sized, u16, u32
from hwlock.record import Record

from .channel import Channel, Held, password, session

__all__ = [
    "Certified",
    "Created",
    "Named",
    "activate_credential",
    "certify",
    "create",
    "create_primary",
    "get_capability",
    "get_random",
    "load",
    "read_clock",
    "read_public",
    "shutdown",
    "sign",
    "startup",
    "strict",
]

CC_CREATE_PRIMARY = 0x131
CC_STARTUP = 0x144
CC_SHUTDOWN = 0x145
CC_ACTIVATE_CREDENTIAL = 0x147
CC_CERTIFY = 0x148
CC_CREATE = 0x153
CC_LOAD = 0x157
CC_SIGN = 0x15D
CC_READ_PUBLIC = 0x173
CC_GET_CAPABILITY = 0x17A
CC_GET_RANDOM = 0x17B
CC_READ_CLOCK = 0x181

SU_CLEAR = 0x0000
SU_STATE = 0x0001

CAP_HANDLES = 1
CAP_TPM_PROPERTIES = 6

_EMPTY_SENSITIVE = sized(sized(b"") + sized(b""))  # no password of our own, no data to seal
_NO_OUTSIDE_INFO = sized(b"")
_NO_PCRS = u32(0)
_OPEN_SCHEME = u16(ALG_NULL)  # the key's own scheme is used
_NO_TICKET = u16(ST_HASHCHECK) + u32(RH_NULL) + sized(b"")


class Named(Record):
    """A public area, and the Name that the TPM gives it."""

    public: Public
    name: bytes


class Created(Record):
    """A new key: its public area, and its private half wrapped for this TPM alone."""

    public: Public
    private: bytes


class Certified(Record):
    """A statement of TPM2_Certify and its raw signature (r‖s)."""

    attest: Attest
    signature: bytes


def startup(tpm: Channel, kind: int = SU_CLEAR) -> None:
    """TPM2_Startup: what firmware does on a real machine."""
    tpm.run(CC_STARTUP, parameters=u16(kind))


def shutdown(tpm: Channel, kind: int = SU_CLEAR) -> None:
    """TPM2_Shutdown: keeps the clock; what the operating system does on a real machine."""
    tpm.run(CC_SHUTDOWN, parameters=u16(kind))


def get_random(tpm: Channel, size: int) -> bytes:
    """TPM2_GetRandom: `size` random bytes, at most 32 in one call."""
    _, answer = tpm.run(CC_GET_RANDOM, parameters=u16(size))
    with strict():
        data = answer.sized(size)
        answer.done()
    return data


def get_capability(tpm: Channel, capability: int, first: int, count: int) -> Reader:
    """TPM2_GetCapability: a reader that stands before the list; more data is ignored."""
    parameters = u32(capability) + u32(first) + u32(count)
    _, answer = tpm.run(CC_GET_CAPABILITY, parameters=parameters)
    with strict():
        answer.u8()
        answer.expect(answer.u32(), capability, "the capability")
    return answer


def properties(tpm: Channel, first: int, count: int) -> dict[int, int]:
    """Return properties of the TPM (TPM_PT) from `first` on: number → value."""
    answer = get_capability(tpm, CAP_TPM_PROPERTIES, first, count)
    with strict():
        found = {answer.u32(): answer.u32() for _ in range(_count(answer, 128))}
        answer.done()
    return found


def handles(tpm: Channel, first: int, count: int) -> tuple[int, ...]:
    """Return the handles in use from `first` on."""
    answer = get_capability(tpm, CAP_HANDLES, first, count)
    with strict():
        found = tuple(answer.u32() for _ in range(_count(answer, 256)))
        answer.done()
    return found


def read_public(tpm: Channel, handle: int) -> Named:
    """TPM2_ReadPublic."""
    _, answer = tpm.run(CC_READ_PUBLIC, (handle,))
    with strict():
        public, name = Public.parse(answer.sized()), answer.sized(66)
        answer.sized(66)  # qualified name
        answer.done()
    return Named(public=public, name=name)


def create_primary(tpm: Channel, hierarchy: int, template: bytes) -> tuple[Held, Named]:
    """TPM2_CreatePrimary under `hierarchy`; `template` is a TPMT_PUBLIC."""
    parameters = _EMPTY_SENSITIVE + sized(template) + _NO_OUTSIDE_INFO + _NO_PCRS
    handle, answer = tpm.run(
        CC_CREATE_PRIMARY, (hierarchy,), parameters, auths=(password(),), returns_handle=True
    )
    held = Held(tpm, handle)
    with strict(held):
        public = Public.parse(answer.sized())
        _creation(answer)
        name = answer.sized(66)
        answer.done()
    return held, Named(public=public, name=name)


def create(tpm: Channel, parent: int, template: bytes) -> Created:
    """TPM2_Create: a key under `parent`, not loaded."""
    parameters = _EMPTY_SENSITIVE + sized(template) + _NO_OUTSIDE_INFO + _NO_PCRS
    _, answer = tpm.run(CC_CREATE, (parent,), parameters, auths=(password(),))
    with strict():
        private, public = answer.sized(), Public.parse(answer.sized())
        _creation(answer)
        answer.done()
    return Created(public=public, private=private)


def load(tpm: Channel, parent: int, private: bytes, public: bytes) -> Held:
    """TPM2_Load a wrapped key under its parent."""
    parameters = sized(private) + sized(public)
    handle, _ = tpm.run(CC_LOAD, (parent,), parameters, auths=(password(),), returns_handle=True)
    return Held(tpm, handle)


def sign(tpm: Channel, key: int, digest: bytes) -> bytes:
    """TPM2_Sign a SHA-256 `digest` with an unrestricted P-256 key; raw r‖s."""
    parameters = sized(digest) + _OPEN_SCHEME + _NO_TICKET
    _, answer = tpm.run(CC_SIGN, (key,), parameters, auths=(password(),))
    with strict():
        signature = parse_signature(answer)
        answer.done()
    return signature


def certify(tpm: Channel, key: int, signer: int, extra: bytes) -> Certified:
    """TPM2_Certify that `key` is in this TPM, signed by `signer`; `extra` at most 64 bytes."""
    parameters = sized(extra) + _OPEN_SCHEME
    _, answer = tpm.run(CC_CERTIFY, (key, signer), parameters, auths=(password(), password()))
    with strict():
        certified = Certified(
            attest=Attest.parse(answer.sized()), signature=parse_signature(answer)
        )
        answer.done()
    return certified


def activate_credential(
    tpm: Channel, activated: int, key: int, policy: int, *, blob: bytes, seed: bytes
) -> bytes:
    """TPM2_ActivateCredential: the secret that was made for `activated` and the EK `key`.

    `policy` is a session that satisfies the EK's policy; `blob` is the content of the
    TPM2B_ID_OBJECT, `seed` that of the TPM2B_ENCRYPTED_SECRET.
    """
    _, answer = tpm.run(
        CC_ACTIVATE_CREDENTIAL,
        (activated, key),
        sized(blob) + sized(seed),
        auths=(password(), session(policy)),
    )
    with strict():
        secret = answer.sized(64)
        answer.done()
    return secret


def read_clock(tpm: Channel) -> ClockInfo:
    """TPM2_ReadClock."""
    _, answer = tpm.run(CC_READ_CLOCK)
    with strict():
        answer.u64()  # time since power-on
        clock = ClockInfo.read(answer)
        answer.done()
    return clock


def _creation(answer: Reader) -> None:
    """Skip TPM2B_CREATION_DATA, its hash, and its ticket (TPMT_TK_CREATION)."""
    answer.sized()
    answer.sized(64)
    answer.take(6)
    answer.sized(64)


def _count(answer: Reader, most: int) -> int:
    if (count := answer.u32()) > most:
        answer.refuse(f"a list of {count}")
    return count


class strict:
    """Turns the reader's FormatError into the BadAnswer that it is here; flushes `held`."""

    def __init__(self, held: Held | None = None) -> None:
        self._held = held

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, exc: object, trace: object) -> None:
        if isinstance(exc, FormatError):
            if self._held is not None:
                self._held.flush()
            raise BadAnswer("HWL-TPM-ANSWER", fault=exc.message) from exc
