"""The name inside an endorsement certificate: whose TPM it is."""

from __future__ import annotations

from hwlock.errors import UntrustedError
from hwlock.evidence.x509.der import SEQUENCE, Der, context, oid
from hwlock.evidence.x509.names import MAX_TEXT, text_attributes
from hwlock.record import Record

__all__ = ["TpmName", "directory_name"]

_MAKER = oid("2.23.133.2.1")
_MODEL = oid("2.23.133.2.2")
_VERSION = oid("2.23.133.2.3")
_DIRECTORY_NAME = context(4)


class TpmName(Record):
    """What a maker calls a TPM: its vendor id (4 bytes), the model, the firmware version."""

    maker: bytes
    model: str
    version: str


def directory_name(alternative: bytes) -> TpmName:
    """Read the TPM's name from a SubjectAltName (EK Credential Profile 3.1.2).

    UntrustedError where maker, model or version is missing or not readable: a certificate
    that does not say which TPM it is for is of no use. The three stand in one or in three
    relative names, makers do both.
    """
    document = Der(alternative)
    names = document.inside(SEQUENCE)
    document.done()
    while names.more():
        if names.tag() != _DIRECTORY_NAME:
            names.raw()
            continue
        attributes = text_attributes(names.inside(_DIRECTORY_NAME))
        return TpmName(
            maker=_maker_id(attributes.get(_MAKER)),
            model=_text(attributes.get(_MODEL), "model"),
            version=_text(attributes.get(_VERSION), "version"),
        )
    raise UntrustedError("HWL-EK-SAN", fault="it names no TPM")


def _maker_id(text: str | None) -> bytes:
    if text is None or len(text) != 11 or text[:3].lower() != "id:":
        raise UntrustedError("HWL-EK-SAN", fault="it does not name the maker")
    try:
        return bytes.fromhex(text[3:])
    except ValueError as exc:
        raise UntrustedError("HWL-EK-SAN", fault="it does not name the maker") from exc


def _text(text: str | None, what: str) -> str:
    if text is None or not 0 < len(text) <= MAX_TEXT or not text.isprintable():
        raise UntrustedError("HWL-EK-SAN", fault=f"it does not name the {what}")
    return text
