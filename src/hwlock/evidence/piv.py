"""Does the maker of a PIV token say that this key was made in it and never leaves it?

The attestation of a request is a CBOR array of certificates (DER): the one that the token's
own key (slot f9) made for this key, that of the token's key, and perhaps more that lead up
to a root. The form is Yubico's (PIV attestation), the only one that there is. Rules:

1. the attested key is the key of the claims;
2. the certificate is no authority, and each of its extensions stands there once;
3. it says the token's serial number, firmware, and policies for PIN and touch
   (1.3.6.1.4.1.41482.3.7, .3, .8), each in its form: a token without them is not known;
4. somebody trusted vouches for it, by the rules of `hwlock.evidence.x509.chain`. What came
   with the claims only leads there.
"""

from __future__ import annotations

from hwlock.codec import cbor
from hwlock.errors import FormatError, UntrustedError
from hwlock.record import Record

from .x509.certificate import Certificate
from .x509.chain import Rules, climb, is_authority
from .x509.der import INTEGER, Der, oid
from .x509.spki import read_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from hwlock.crypto.anchor_key import AnchorKey

__all__ = ["ROOTS_FOLDER", "PivAttestation", "stated_serial", "verify_attestation"]

ROOTS_FOLDER = "piv-roots"
_MAX_CERTIFICATES = 5
_MAX_CERTIFICATE_BYTES = 4096

_FIRMWARE = oid("1.3.6.1.4.1.41482.3.3")
_SERIAL = oid("1.3.6.1.4.1.41482.3.7")
_POLICY = oid("1.3.6.1.4.1.41482.3.8")
_FORM = oid("1.3.6.1.4.1.41482.3.9")
_FIPS = oid("1.3.6.1.4.1.41482.3.10")
_MAKER = "Yubico"  # whose arc of object identifiers this is
_RULES = Rules(
    device="card",
    folder=ROOTS_FOLDER,
    understood=(_FIRMWARE, _SERIAL, _POLICY, _FORM, _FIPS),
    attesting=(_SERIAL, _POLICY),
)
_PIN_POLICIES = {1: "never", 2: "once", 3: "always", 4: "once", 5: "always"}  # 4, 5: by finger
_TOUCH_POLICIES = {1: "never", 2: "always", 3: "cached"}


class PivAttestation(Record):
    """What a trusted maker says of a token and of one key in it.

    `pin_policy` is never, once or always, `touch_policy` never, always or cached; `root_subject`
    names the last certificate of the chain, `expired` says that one of them is past its time.
    """

    serial: int
    firmware: tuple[int, ...]
    pin_policy: str
    touch_policy: str
    maker: str
    root_subject: str
    expired: bool


def verify_attestation(
    attestation: bytes, key: AnchorKey, *, trusted: tuple[bytes, ...], at: datetime
) -> PivAttestation:
    """Verify a PIV attestation by the rules of this module.

    `attestation` is what DongleClaims carries, `trusted` are DER, `at` the vendor's aware
    time. UntrustedError; FormatError and BadKey for what cannot be read.
    """
    leaf, *presented = _certificates(attestation)
    # 1. the key
    if read_key(leaf.spki) != key:
        raise UntrustedError("HWL-PIV-KEY")
    # 2. what it is
    if is_authority(leaf):
        raise UntrustedError("HWL-PIV-EXTENSION", fault="it is an authority")
    # 3. what it says
    pin_policy, touch_policy = _policies(_value(leaf, _POLICY, "policy"))
    serial, firmware = _serial(leaf), _firmware(leaf)
    # 4. who says so
    chain = climb(leaf, trusted=trusted, presented=tuple(presented), at=at, rules=_RULES)
    return PivAttestation(
        serial=serial,
        firmware=firmware,
        pin_policy=pin_policy,
        touch_policy=touch_policy,
        maker=_MAKER,
        root_subject=chain.root_subject,
        expired=chain.expired,
    )


def stated_serial(leaf: bytes) -> int:
    """Return the serial number in a certificate (DER) that nobody has verified.

    UntrustedError where it says none, FormatError.
    """
    return _serial(Certificate.parse(leaf))


def _certificates(attestation: bytes) -> list[Certificate]:
    listed = cbor.decode(attestation)
    if not isinstance(listed, tuple) or not 1 <= len(listed) <= _MAX_CERTIFICATES:
        raise FormatError("HWL-PIV-ATTESTATION", stage="field", most=_MAX_CERTIFICATES)
    found = []
    for der in listed:
        if not isinstance(der, bytes) or len(der) > _MAX_CERTIFICATE_BYTES:
            raise FormatError("HWL-PIV-ATTESTATION", stage="field", most=_MAX_CERTIFICATES)
        found.append(Certificate.parse(der))
    return found


def _value(leaf: Certificate, kind: bytes, what: str) -> bytes:
    """Return an extension, which must be there; that none stands twice the parser sees."""
    extension = leaf.extensions.get(kind)
    if extension is None:
        raise UntrustedError("HWL-PIV-EXTENSION", fault=f"it says no {what}")
    return extension.value


def _policies(value: bytes) -> tuple[str, str]:
    if len(value) != 2 or value[0] not in _PIN_POLICIES or value[1] not in _TOUCH_POLICIES:
        raise UntrustedError("HWL-PIV-EXTENSION", fault="its policy is not known")
    return _PIN_POLICIES[value[0]], _TOUCH_POLICIES[value[1]]


def _firmware(leaf: Certificate) -> tuple[int, ...]:
    value = _value(leaf, _FIRMWARE, "firmware")
    if len(value) != 3:
        raise UntrustedError("HWL-PIV-EXTENSION", fault="its firmware is not three numbers")
    return tuple(value)


def _serial(leaf: Certificate) -> int:
    document = Der(_value(leaf, _SERIAL, "serial number"), "attestation")
    value = document.content(INTEGER)
    document.done()
    # four bytes, perhaps with a zero before them; some firmware leaves that out, so the
    # number is read as one without a sign
    if not 1 <= len(value) <= 5 or (len(value) == 5 and value[0]):
        raise UntrustedError("HWL-PIV-EXTENSION", fault="its serial number is not one")
    return int.from_bytes(value, "big")
