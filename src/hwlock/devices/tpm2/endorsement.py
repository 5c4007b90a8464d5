"""The endorsement key: what a TPM's maker put there, and its certificate.

TCG EK Credential Profile 2.5, section 2.2: certificates stand in fixed NV indices, and each
index says by which template the key is made again. A key that the maker or the operating
system made persistent saves the time of making it, but is believed only if it is the
certified one. ECC first: it is quicker, and RSA keys take a real TPM many seconds to make.
"""

from __future__ import annotations

from hwlock.errors import BadAnswer, FormatError
from hwlock.evidence.tpm2.constants import RH_ENDORSEMENT
from hwlock.evidence.tpm2.ek_chain import certifies
from hwlock.evidence.tpm2.structures import Public
from hwlock.evidence.x509.certificate import Certificate
from hwlock.evidence.x509.der import trim
from hwlock.record import Record

from . import codes, commands
from .channel import Channel, Held
from .nv import read_index, read_nv_public
from .templates import EK_P256, EK_P256_HIGH, EK_P384_HIGH, EK_RSA2048, EK_RSA2048_HIGH

__all__ = ["EndorsementKey", "has_certificate", "open_endorsement"]


class _Kind(Record):
    """Where a kind of EK is kept: NV index of its certificate, handle, template.

    `own_template` is the NV index of a template that replaces ours, where the maker needs
    another one; the high range has none.
    """

    certificate: int
    handle: int
    template: bytes
    own_template: int = 0


_KINDS = (
    _Kind(certificate=0x01C0000A, handle=0x81010002, template=EK_P256, own_template=0x01C0000C),
    _Kind(certificate=0x01C00014, handle=0x81010014, template=EK_P256_HIGH),
    _Kind(certificate=0x01C00016, handle=0x81010016, template=EK_P384_HIGH),
    _Kind(certificate=0x01C00002, handle=0x81010001, template=EK_RSA2048, own_template=0x01C00004),
    _Kind(certificate=0x01C00012, handle=0x81010012, template=EK_RSA2048_HIGH),
)
_WITHOUT_CERTIFICATE = (_KINDS[0], _KINDS[3])


class EndorsementKey:
    """An EK that can be used by its `handle`; a context manager that gives its slot back."""

    def __init__(
        self, public: Public, certificate: bytes | None, handle: int, held: Held | None
    ) -> None:
        self.public = public
        self.certificate = certificate
        self.handle = handle
        self._held = held

    def __enter__(self) -> EndorsementKey:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._held is not None:
            self._held.flush()


def has_certificate(tpm: Channel) -> bool:
    """Tell whether the TPM carries a certificate of its maker, without reading it."""
    return any(read_nv_public(tpm, kind.certificate) is not None for kind in _KINDS)


def open_endorsement(tpm: Channel) -> EndorsementKey:
    """Return the first EK that has a certificate of its own; else one without."""
    for kind in _KINDS:
        raw = read_index(tpm, kind.certificate)
        if raw is None:
            continue
        try:
            certificate = Certificate.parse(trim(raw))
        except FormatError:  # another kind may have a readable one
            continue
        found = _certified(tpm, kind, certificate)
        if found is not None:
            return found
    return _uncertified(tpm)


def _certified(tpm: Channel, kind: _Kind, certificate: Certificate) -> EndorsementKey | None:
    """Return the EK of `kind` if it is the one in `certificate`."""
    try:
        public = commands.read_public(tpm, kind.handle).public
        if certifies(certificate, public):
            return EndorsementKey(public, certificate.raw, kind.handle, None)
    except BadAnswer as exc:
        if not _is_absent(exc):
            raise
    template = (read_index(tpm, kind.own_template) if kind.own_template else None) or kind.template
    held, named = commands.create_primary(tpm, RH_ENDORSEMENT, template)
    if certifies(certificate, named.public):
        return EndorsementKey(named.public, certificate.raw, held.handle, held)
    held.flush()
    return None


def _uncertified(tpm: Channel) -> EndorsementKey:
    """Return an EK of a TPM whose maker certified none: P-256, or RSA where it has no ECC."""
    for kind in _WITHOUT_CERTIFICATE:
        try:
            held, named = commands.create_primary(tpm, RH_ENDORSEMENT, kind.template)
        except BadAnswer as exc:
            if kind is _WITHOUT_CERTIFICATE[-1] or exc.raw_code is None:
                raise
            continue
        return EndorsementKey(named.public, None, held.handle, held)
    raise AssertionError("the last kind returns or raises")


def _is_absent(exc: BadAnswer) -> bool:
    """Tell whether nothing is there, or (no raw code) a key of a kind that we do not read."""
    return exc.raw_code is None or codes.base(exc.raw_code) in codes.RC_NO_SUCH_HANDLE
