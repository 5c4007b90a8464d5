"""The makers that the vendor believes: certificates in the desk's folders, one a kind.

`tpm-roots` is for makers of TPMs, `piv-roots` for those of PIV cards, `fido2-roots` for those
of security keys. Putting a file there is the decision; taking it out is the revocation. A
file is one certificate in DER, or any number of them in PEM.
"""

from __future__ import annotations

import base64
import binascii

from hwlock.errors import FormatError, StoreError
from hwlock.evidence.x509.certificate import Certificate
from hwlock.issue import folder
from hwlock.license.offers import ROOTS
from hwlock.record import Record

__all__ = ["Roots", "read"]

_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
_DER_SEQUENCE = b"\x30"


class Roots(Record):
    """What stood in `folder`: certificates in DER, roots and intermediates alike."""

    folder: str
    certificates: tuple[bytes, ...]


def read(desk_path: str, kind: str) -> Roots:
    """Read the makers of `kind` at the desk; StoreError for what is no certificate."""
    found: list[bytes] = []
    with folder.opened(desk_path) as desk:
        name = ROOTS[kind]
        place = desk.sub(name)
        if place is None:  # a desk that is older than this kind
            return Roots(folder=desk.path_of(name), certificates=())
        with place:
            for name in place.names():
                raw = place.read(name)
                if raw is not None:
                    found += _certificates(raw, place.path_of(name))
            return Roots(folder=place.path, certificates=tuple(found))


def _certificates(raw: bytes, path: str) -> list[bytes]:
    try:
        found = [raw] if raw[:1] == _DER_SEQUENCE else _from_pem(raw)
        for der in found:
            Certificate.parse(der)
    except (binascii.Error, FormatError) as exc:
        raise StoreError("HWL-DESK-TPM-ROOT-FILE", path=path) from exc
    if not found:
        raise StoreError("HWL-DESK-TPM-ROOT-FILE", path=path)
    return found


def _from_pem(raw: bytes) -> list[bytes]:
    blocks = [part.partition(_END)[0] for part in raw.split(_BEGIN)[1:]]
    return [base64.b64decode(b"".join(block.split()), validate=True) for block in blocks]
