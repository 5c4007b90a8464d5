"""The parent of our keys, and the keys themselves as an enrollment keeps them.

The storage root is the persistent key 0x81000001 where it is one (Windows makes it and
throws the owner's password away, so it must come first), else a primary key that the TPM
derives again each time. The enrollment remembers the parent's Name: a TPM that was cleared,
or another one, is told from everything else that can go wrong.
"""

from __future__ import annotations

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.errors import AccessDenied, BadAnswer, FormatError, NotFound
from hwlock.evidence.tpm2.constants import (
    DECRYPT,
    FIXED_PARENT,
    FIXED_TPM,
    RESTRICTED,
    RH_OWNER,
    USER_WITH_AUTH,
)
from hwlock.evidence.tpm2.structures import Public
from hwlock.record import Record

from . import codes, commands
from .channel import Channel, Held
from .commands import Named
from .templates import AGREEMENT_KEY, AK, DEVICE_KEY, SRK

__all__ = ["Enrollment", "Parent", "create_keys", "load_agreement", "load_ak", "load_key"]

SRK_HANDLE = 0x81000001
_VERSION = 2
_MAX_PRIVATE = 512


class Enrollment(Record):
    """Three wrapped keys and their parent: of no use to any other TPM.

    `parent` is the Name of the storage root, `parent_public` its TPMT_PUBLIC.
    """

    parent: bytes
    key_public: bytes
    key_private: bytes
    ak_public: bytes
    ak_private: bytes
    agreement_public: bytes
    agreement_private: bytes
    parent_public: bytes

    def encode(self) -> bytes:
        """Return the bytes that a store keeps: a CBOR map, format version first."""
        return cbor.encode(
            {
                1: _VERSION,
                2: self.parent,
                3: self.key_public,
                4: self.key_private,
                5: self.ak_public,
                6: self.ak_private,
                7: self.agreement_public,
                8: self.agreement_private,
                9: self.parent_public,
            }
        )

    @classmethod
    def parse(cls, raw: bytes) -> Enrollment:
        """Read what `encode` wrote; FormatError."""
        fields = Fields(cbor.decode(raw, max_bytes=4096), "TPM enrollment")
        if (version := fields.uint(1, "version")) != _VERSION:
            raise FormatError("HWL-TPM-ENROLLMENT", stage="field", version=version)
        enrollment = cls(
            parent=fields.bytes(2, "parent", min_bytes=22, max_bytes=66),
            key_public=fields.bytes(3, "key", max_bytes=_MAX_PRIVATE),
            key_private=fields.bytes(4, "wrapped key", max_bytes=_MAX_PRIVATE),
            ak_public=fields.bytes(5, "attestation key", max_bytes=_MAX_PRIVATE),
            ak_private=fields.bytes(6, "wrapped attestation key", max_bytes=_MAX_PRIVATE),
            agreement_public=fields.bytes(7, "agreement key", max_bytes=_MAX_PRIVATE),
            agreement_private=fields.bytes(8, "wrapped agreement key", max_bytes=_MAX_PRIVATE),
            parent_public=fields.bytes(9, "storage root", max_bytes=_MAX_PRIVATE),
        )
        fields.done()
        return enrollment

    @property
    def point(self) -> bytes:
        """The device key's public point, x‖y."""
        return Public.parse(self.key_public).point


class Parent:
    """A storage root, ready to be a parent; a context manager that gives its slot back."""

    def __init__(self, named: Named, handle: int, held: Held | None) -> None:
        self.name = named.name
        self.public = named.public
        self.handle = handle
        self._held = held

    @classmethod
    def persistent(cls, tpm: Channel) -> Parent | None:
        """Return the key at 0x81000001 where it is a storage root that we may use."""
        try:
            named = commands.read_public(tpm, SRK_HANDLE)
        except BadAnswer as exc:
            # nothing there, or (no raw code) a key of a kind that we do not read
            if exc.raw_code is None or codes.base(exc.raw_code) in codes.RC_NO_SUCH_HANDLE:
                return None
            raise
        wanted = RESTRICTED | DECRYPT | FIXED_TPM | FIXED_PARENT | USER_WITH_AUTH
        return cls(named, SRK_HANDLE, None) if named.public.has(wanted) else None

    @classmethod
    def primary(cls, tpm: Channel) -> Parent:
        """Return the storage root that the TPM derives from its owner seed."""
        held, named = commands.create_primary(tpm, RH_OWNER, SRK)
        return cls(named, held.handle, held)

    @classmethod
    def named(cls, tpm: Channel, name: bytes) -> Parent:
        """Return the parent with this Name; NotFound where this TPM has it no more."""
        persistent = cls.persistent(tpm)
        if persistent is not None and persistent.name == name:
            return persistent
        try:
            parent = cls.primary(tpm)
        except AccessDenied as exc:
            if persistent is None:
                raise
            raise NotFound("HWL-TPM-OTHER") from exc  # the owner's root is here, and another
        if parent.name != name:
            parent.flush()
            raise NotFound("HWL-TPM-OTHER")
        return parent

    def flush(self) -> None:
        """Give the slot back, where there is one."""
        if self._held is not None:
            self._held.flush()

    def __enter__(self) -> Parent:
        return self

    def __exit__(self, *exc: object) -> None:
        self.flush()


def create_keys(tpm: Channel) -> Enrollment:
    """Make our keys under this TPM's storage root."""
    with Parent.persistent(tpm) or Parent.primary(tpm) as parent:
        key = commands.create(tpm, parent.handle, DEVICE_KEY)
        ak = commands.create(tpm, parent.handle, AK)
        agreement = commands.create(tpm, parent.handle, AGREEMENT_KEY)
        return Enrollment(
            parent=parent.name,
            key_public=key.public.raw,
            key_private=key.private,
            ak_public=ak.public.raw,
            ak_private=ak.private,
            agreement_public=agreement.public.raw,
            agreement_private=agreement.private,
            parent_public=parent.public.raw,
        )


def load_key(tpm: Channel, parent: Parent, enrollment: Enrollment) -> Held:
    """Load the device key."""
    return _load(tpm, parent, enrollment.key_private, enrollment.key_public)


def load_ak(tpm: Channel, parent: Parent, enrollment: Enrollment) -> Held:
    """Load the attestation key."""
    return _load(tpm, parent, enrollment.ak_private, enrollment.ak_public)


def load_agreement(tpm: Channel, parent: Parent, enrollment: Enrollment) -> Held:
    """Load the key that agrees on secrets."""
    return _load(tpm, parent, enrollment.agreement_private, enrollment.agreement_public)


def _load(tpm: Channel, parent: Parent, private: bytes, public: bytes) -> Held:
    try:
        return commands.load(tpm, parent.handle, private, public)
    except BadAnswer as exc:
        if codes.base(exc.raw_code or 0) == codes.RC_INTEGRITY:
            raise NotFound("HWL-TPM-OTHER") from exc
        raise
