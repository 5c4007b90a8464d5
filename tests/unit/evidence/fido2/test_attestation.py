"""Which makers' statements about security keys are believed; one fault a test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography import x509
from fido2 import cbor
from fido2.attestation import Attestation
from fido2.webauthn import AuthenticatorData

from hwlock.crypto.keys import VerificationKey
from hwlock.errors import FormatError, UntrustedError
from hwlock.evidence import fido2
from hwlock.evidence.fido2.attestation import CLIENT_DATA_HASH, Fido2Attestation
from hwlock.testing.fido2 import Authenticator, Maker
from hwlock.testing.fido2.authenticator import AAGUID
from hwlock.testing.fido2.maker import SINCE, UNTIL

NOW = datetime(2030, 1, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)
STRANGE = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"")


def made(
    authenticator: Authenticator, digest: bytes = CLIENT_DATA_HASH, rp: str = "hwlock:"
) -> dict[str, Any]:
    """Make a credential; return its attestation as a map."""
    request = {1: digest, 2: {"id": rp, "name": "x"}, 3: {"id": b"x", "name": "x"}}
    request[4] = [{"alg": alg, "type": "public-key"} for alg in (-7, -8)]
    steps = authenticator.run(b"\1" + cbor.encode(request))
    while True:
        try:
            next(steps)
        except StopIteration as done:
            answer = done.value
            break
    assert answer[0] == 0
    said = cbor.decode(answer[1:])
    return {"fmt": said[1], "attStmt": said[3], "authData": said[2]}


def key_of(attestation: dict[str, Any]) -> VerificationKey:
    """Return the new credential's key."""
    public = AuthenticatorData(attestation["authData"]).credential_data.public_key
    return VerificationKey(public[-2] + public.get(-3, b""))


def verify(attestation: dict[str, Any], *trusted: Maker, at: datetime = NOW) -> Fido2Attestation:
    """Verify an attestation with its own key."""
    return fido2.verify_attestation(
        cbor.encode(attestation),
        key_of(attestation),
        trusted=tuple(each.der for each in trusted),
        at=at,
    )


def refused(attestation: dict[str, Any], *trusted: Maker, at: datetime = NOW) -> str:
    """Return the code with which an attestation is refused."""
    with pytest.raises((UntrustedError, FormatError)) as caught:
        verify(attestation, *trusted, at=at)
    return caught.value.code


@pytest.fixture(scope="module")
def maker() -> Maker:
    """A maker of keys."""
    return Maker()


@pytest.mark.parametrize("form", ["packed", "fido-u2f"])
def test_believed(maker: Maker, form: str) -> None:
    """A key of a trusted maker is attested, with its model, in both forms."""
    key = Authenticator(maker=maker, algorithms=(-7,))
    key.form = form
    assert verify(made(key), maker) == Fido2Attestation(
        aaguid=AAGUID.hex(),
        maker="Test Keys AB",
        certificate="Test Key Serial 1",
        root_subject="Test Key Root",
        expired=False,
    )


def test_another_library_believes_it_too(maker: Maker) -> None:
    """What we accept, python-fido2's verifier of packed statements accepts."""
    attestation = made(Authenticator(maker=maker))
    data = AuthenticatorData(attestation["authData"])
    verifier = Attestation.for_type("packed")()
    assert verifier.verify(attestation["attStmt"], data, CLIENT_DATA_HASH) is not None


def test_ed25519(maker: Maker) -> None:
    """A credential with an Ed25519 key is attested like one with a P-256 key."""
    assert verify(made(Authenticator(maker=maker, algorithms=(-8,))), maker).maker == "Test Keys AB"


def test_intermediate(maker: Maker) -> None:
    """Certificates that the key sends fill the gap up to a trusted one."""
    middle = Maker("Middle", issuer=maker)
    key = Authenticator(maker=middle)
    assert refused(made(key), maker) == "HWL-CHAIN-ISSUER"
    key.batch = middle.batch(AAGUID, send=(middle,))
    assert verify(made(key), maker).root_subject == "Test Key Root"


def test_no_maker(maker: Maker) -> None:
    """A key that vouches for itself, or says nothing, is not attested."""
    own = Authenticator()
    assert refused(made(own), maker) == "HWL-FIDO2-ATTEST-SELF"
    own.form = "none"
    assert refused(made(own), maker) == "HWL-FIDO2-ATTEST-FORMAT"


def test_strange_maker(maker: Maker) -> None:
    """A maker that nobody put into the folder is refused by name; so is a false namesake."""
    assert refused(made(Authenticator(maker=maker))) == "HWL-CHAIN-ISSUER"
    assert refused(made(Authenticator(maker=Maker())), maker) == "HWL-CHAIN-SIGNATURE"


def test_other_credential(maker: Maker) -> None:
    """A true statement about one credential does not attest another."""
    mine, other = made(Authenticator(maker=maker)), made(Authenticator(maker=maker))
    with pytest.raises(UntrustedError) as caught:
        fido2.verify_attestation(cbor.encode(other), key_of(mine), trusted=(maker.der,), at=NOW)
    assert caught.value.code == "HWL-FIDO2-ATTEST-KEY"


def test_other_purpose(maker: Maker) -> None:
    """A registration at a web site, or over another hash, is none for hwlock."""
    key = Authenticator(maker=maker)
    assert refused(made(key, rp="example.org"), maker) == "HWL-FIDO2-RP"
    assert refused(made(key, digest=bytes(32)), maker) == "HWL-FIDO2-ATTEST-SIGNATURE"


def test_synced(maker: Maker) -> None:
    """A credential that can be copied is refused, whoever made the key."""
    key = Authenticator(maker=maker)
    key.flags = 0x08
    assert refused(made(key), maker) == "HWL-FIDO2-SYNCED"


@pytest.mark.parametrize(
    ("batch", "code"),
    [
        (lambda maker: maker.batch(bytes(16)), "HWL-FIDO2-ATTEST-AAGUID"),
        (lambda maker: maker.batch(AAGUID, aaguid_critical=True), "HWL-FIDO2-ATTEST-AAGUID"),
        (lambda maker: maker.batch(AAGUID, unit="Web"), "HWL-FIDO2-ATTEST-CERTIFICATE"),
        (lambda maker: maker.batch(AAGUID, authority=True), "HWL-FIDO2-ATTEST-CERTIFICATE"),
        (lambda maker: maker.batch(AAGUID, valid=(NOW + DAY, UNTIL)), "HWL-CHAIN-FUTURE"),
        (
            lambda maker: maker.batch(AAGUID, more=((STRANGE, True),)),
            "HWL-CHAIN-CRITICAL",
        ),
        (
            lambda maker: Maker("No authority", issuer=maker, authority=False).batch(AAGUID),
            "HWL-CHAIN-ISSUER",
        ),
    ],
)  # fmt: skip
def test_certificates(maker: Maker, batch: Callable[[Maker], Any], code: str) -> None:
    """A certificate for something else is refused, with the reason."""
    key = Authenticator(maker=maker)
    key.batch = batch(maker)
    assert refused(made(key), maker) == code


def test_model_not_named(maker: Maker) -> None:
    """A certificate that names no model is believed: only a wrong model is a lie."""
    key = Authenticator(maker=maker)
    key.batch = maker.batch(None)
    assert verify(made(key), maker).aaguid == AAGUID.hex()


def test_expired(maker: Maker) -> None:
    """An expired certificate is believed and reported."""
    key = Authenticator(maker=maker)
    key.batch = maker.batch(AAGUID, valid=(SINCE, NOW - DAY))
    assert verify(made(key), maker).expired is True


def test_extension_twice(maker: Maker) -> None:
    """A certificate in which the model stands twice is refused before it is believed."""
    key = Authenticator(maker=maker)
    neighbor = x509.ObjectIdentifier("1.3.6.1.4.1.45724.1.1.5")
    twin = x509.UnrecognizedExtension(neighbor, b"\x04\x10" + AAGUID)
    key.batch = maker.batch(AAGUID, more=((twin, False),))
    said = made(key)
    encoded = bytes.fromhex("060b2b0601040182e51c0101")
    own = said["attStmt"]["x5c"][0]
    assert encoded + b"\5" in own
    said["attStmt"] = {**said["attStmt"], "x5c": [own.replace(encoded + b"\5", encoded + b"\4")]}
    with pytest.raises(FormatError, match="twice"):
        verify(said, maker)


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said.update(attStmt={**said["attStmt"], "sig": said["attStmt"]["sig"][:-1]}),
        lambda said: said.update(attStmt={**said["attStmt"], "sig": bytes(70)}),
        lambda said: said.update(attStmt={**said["attStmt"], "alg": -257}),
    ],
    ids=["cut", "zeros", "other algorithm"],
)
def test_signatures(maker: Maker, change: Callable[[dict[str, Any]], None]) -> None:
    """A signature that is not the certificate's, in its algorithm, is refused."""
    said = made(Authenticator(maker=maker))
    change(said)
    assert refused(said, maker) == "HWL-FIDO2-ATTEST-SIGNATURE"


def test_unknown_algorithm(maker: Maker) -> None:
    """An algorithm that we do not accept is named."""
    said = made(Authenticator(maker=maker))
    said["attStmt"] = {**said["attStmt"], "alg": -65535}
    assert refused(said, maker) == "HWL-FIDO2-ATTEST-ALGORITHM"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda said: said.update(more=1), "HWL-FIELD-UNKNOWN"),
        (lambda said: said["attStmt"].update(more=1), "HWL-FIELD-UNKNOWN"),
        (lambda said: said["attStmt"].update(x5c=[b"x"] * 5), "HWL-FIELD-MANY"),
        (lambda said: said["attStmt"].update(x5c=[1]), "HWL-FIELD-TYPE"),
        (lambda said: said.pop("fmt"), "HWL-FIELD-MISSING"),
    ],
)  # fmt: skip
def test_strict(maker: Maker, change: Callable[[dict[str, Any]], None], code: str) -> None:
    """Members that do not belong there are refused."""
    said = made(Authenticator(maker=maker))
    said["attStmt"] = dict(said["attStmt"])
    change(said)
    assert refused(said, maker) == code
