"""Tokens of SoftHSM, through its real library."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.crypto import sha2
from hwlock.devices import registry
from hwlock.devices.pkcs11.module import ENVIRONMENT, Module
from hwlock.devices.pkcs11.uri import TokenUri
from hwlock.errors import (
    BadAnswer,
    BadKey,
    BadSignature,
    DeviceError,
    NotFound,
    PinRequired,
    UnsupportedError,
    UsageError,
)
from hwlock.evidence.claims import proof_message
from hwlock.evidence.dongle import DongleClaims
from hwlock.testing.softhsm import SoftHsm

pytestmark = pytest.mark.device
PIN = "123456"
KINDS = ("P-256", "Ed25519", "RSA-2048")


@pytest.mark.parametrize("kind", KINDS)
def test_life(hsm: SoftHsm, person: type, kind: str) -> None:
    """A token is enrolled as it is, claims, and proves itself afresh from the record alone."""
    someone = person(PIN)
    with registry.open_dongle(hsm.uri(kind), someone) as opened:
        record, first = opened.enroll(), os.urandom(32)
        claims = opened.claims(record, first)
        opened.prove(record, os.urandom(32))
    assert someone.asked == 1
    assert claims.key is not None
    claims.key.verify(claims.signature, proof_message(first))
    assert DongleClaims.parse(Fields(cbor.decode(cbor.encode(claims.encode())), "x")) == claims
    assert claims.uri.startswith(f"pkcs11:token={kind};serial=")
    assert claims.uri.endswith(";id=%01")
    second = os.urandom(32)
    with registry.open_dongle(claims.uri, person(PIN)) as opened:
        proof = opened.prove(claims.record, second)
    claims.key.verify(proof.signature, proof_message(second))
    with pytest.raises(BadSignature):
        claims.key.verify(proof.signature, proof_message(first))


def test_which_module_is_the_machines_business(hsm: SoftHsm, person: type) -> None:
    """A module that the person named is used, and is not in what travels."""
    uri = f"{hsm.uri('P-256')}?module-path={Module.find('').path}"
    with registry.open_dongle(uri, person(PIN)) as opened:
        claims = opened.claims(opened.enroll(), os.urandom(32))
    assert "module" not in claims.uri
    assert DongleClaims.parse(Fields(cbor.decode(cbor.encode(claims.encode())), "x")) == claims


def test_scan(hsm: SoftHsm) -> None:
    """Each initialized token is listed with what it says of itself, and without its PIN."""
    found = {each.name: each for each in registry.scan(("pkcs11",))}
    assert set(KINDS) <= set(found)
    details = dict(found["P-256"].details)
    assert (details["manufacturer"], details["PIN"]) == ("SoftHSM project", "set")
    with registry.open_dongle(found["P-256"].uri) as opened:
        assert opened.describe() == found["P-256"]


@pytest.mark.parametrize("kind", ["RSA-1024", "P-384"])
def test_weak_or_foreign_keys(hsm: SoftHsm, person: type, kind: str) -> None:
    """A short RSA key, and a curve that files do not have, are refused when enrolling."""
    with registry.open_dongle(hsm.uri(kind), person(PIN)) as opened, pytest.raises(BadKey):
        opened.enroll()


def test_several_keys(hsm: SoftHsm, person: type) -> None:
    """With several keys the URIs of those that can be used are named, and one of them works."""
    with (
        registry.open_dongle(hsm.uri("several"), person(PIN)) as opened,
        pytest.raises(UsageError) as caught,
    ):
        opened.enroll()
    uris = str(caught.value.details["uris"]).split(", ")
    assert [TokenUri.parse(uri).object for uri in sorted(uris)] == ["one", "two"]
    for uri in (*uris, "pkcs11:token=several;object=one", "pkcs11:token=several;id=%FF%00"):
        with registry.open_dongle(uri, person(PIN)) as opened:
            opened.prove(opened.enroll(), os.urandom(32))


def test_no_such_key(hsm: SoftHsm, person: type) -> None:
    """A token without the key says so, when enrolling and when proving."""
    with registry.open_dongle(hsm.uri("P-256"), person(PIN)) as opened:
        record = opened.enroll()
    for call in (lambda: opened.enroll(), lambda: opened.prove(record, bytes(32))):
        with registry.open_dongle(hsm.uri("empty"), person(PIN)) as opened:
            with pytest.raises(NotFound) as caught:
                call()
            assert caught.value.code == "HWL-PKCS11-KEY"


def test_another_key_in_its_place(hsm: SoftHsm, person: type) -> None:
    """A token with another key under the same id signs, and is found out."""
    with registry.open_dongle(hsm.uri("P-256"), person(PIN)) as opened:
        record = opened.enroll()
        claims = opened.claims(record, bytes(32))
    with registry.open_dongle(hsm.uri("copy"), person(PIN)) as opened:
        proof = opened.prove(record, bytes(32))
    assert claims.key is not None
    with pytest.raises(BadSignature):
        claims.key.verify(proof.signature, proof_message(bytes(32)))


def test_wrong_pin(hsm: SoftHsm, person: type) -> None:
    """A wrong PIN is tried once, and the right one works afterwards."""
    someone = person("000000", PIN)
    with registry.open_dongle(hsm.uri("Ed25519"), someone) as opened:
        with pytest.raises(PinRequired) as caught:
            opened.enroll()
        assert caught.value.code == "HWL-PKCS11-PIN-WRONG"
        assert someone.asked == 1
        opened.enroll()


def test_no_person(hsm: SoftHsm) -> None:
    """Without a person a token that wants a PIN says so."""
    with registry.open_dongle(hsm.uri("P-256")) as opened, pytest.raises(PinRequired):
        opened.enroll()


@pytest.mark.parametrize("part", ["token=nobody", "serial=0", "model=other", "manufacturer=x"])
def test_named_and_not_there(hsm: SoftHsm, part: str) -> None:
    """A URI that no token fits finds none."""
    with pytest.raises(NotFound):
        registry.open_dongle(f"pkcs11:{part}")


def test_several_tokens(hsm: SoftHsm) -> None:
    """A URI that several tokens fit names them."""
    with pytest.raises(UsageError) as caught:
        registry.open_dongle("pkcs11:")
    assert caught.value.code == "HWL-PKCS11-TOKENS"


def test_a_token_that_goes_away(hsm: SoftHsm, person: type) -> None:
    """A token that vanished is one DeviceError, and when it is made again it is another one."""
    with registry.open_dongle(hsm.uri("brief"), person(PIN, PIN)) as opened:
        record = opened.enroll()
        hsm.remove_token("brief")
        with pytest.raises(DeviceError):
            opened.prove(record, bytes(32))
    with registry.open_dongle(hsm.uri("P-256"), person(PIN)) as opened:
        opened.enroll()


def test_a_certificate_instead_of_a_public_key(hsm: SoftHsm, person: type, tmp_path: Path) -> None:
    """Where a token has no public object, the key is read out of the certificate."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    from hwlock.testing.fido2 import Maker

    batch = Maker().batch(None)
    assert isinstance(batch.key, ec.EllipticCurvePrivateKey)
    (tmp_path / "cert").write_bytes(batch.certificates[0])
    (tmp_path / "key").write_bytes(
        batch.key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    hsm.put("certified", tmp_path / "key", "privkey")
    hsm.put("certified", tmp_path / "cert", "cert")
    with registry.open_dongle(hsm.uri("certified"), person(PIN)) as opened:
        claims = opened.claims(opened.enroll(), bytes(32))
    assert claims.key is not None
    point = batch.key.public_key().public_numbers()
    assert claims.key.raw == point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big")
    claims.key.verify(claims.signature, proof_message(bytes(32)))


def test_a_signature_of_another_program(hsm: SoftHsm, person: type, tmp_path: Path) -> None:
    """What pkcs11-tool signs with the key verifies with the key that we read."""
    with registry.open_dongle(hsm.uri("P-256"), person(PIN)) as opened:
        claims = opened.claims(opened.enroll(), bytes(32))
    (tmp_path / "digest").write_bytes(sha2.sha256(b"a message"))
    subprocess.run(
        ["pkcs11-tool", "--module", hsm.module, "--token-label", "P-256", "--login", "--pin", PIN,
         "--sign", "--mechanism", "ECDSA", "--id", "01", "--signature-format", "rs",
         "--input-file", tmp_path / "digest", "--output-file", tmp_path / "signature"],
        capture_output=True, check=True, env={**os.environ, **hsm.environment},
    )  # fmt: skip
    assert claims.key is not None
    claims.key.verify((tmp_path / "signature").read_bytes(), b"a message")


def test_many_threads(hsm: SoftHsm, person: type) -> None:
    """Threads that prove at the same time each get their own answer."""
    with registry.open_dongle(hsm.uri("P-256"), person(PIN)) as opened:
        record = opened.enroll()
        claims = opened.claims(record, bytes(32))
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(10):
                challenge = os.urandom(32)
                with registry.open_dongle(claims.uri, person(PIN)) as mine:
                    proof = mine.prove(record, challenge)
                assert claims.key is not None
                claims.key.verify(proof.signature, proof_message(challenge))
        except BaseException as exc:
            failures.append(exc)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_no_module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A module that is not there, and a machine without any, each say what to set."""
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "none.so"))
    (found,) = registry.scan(("pkcs11",))
    assert found.problem is not None
    assert found.problem.code == "HWL-PKCS11-MODULE"
    monkeypatch.delenv(ENVIRONMENT)
    monkeypatch.setattr("hwlock.devices.pkcs11.module._USUAL", {})
    with pytest.raises(NotFound) as caught:
        Module.find("")
    assert caught.value.code == "HWL-PKCS11-NO-MODULE"


def test_a_module_of_another_processor(hsm: SoftHsm, tmp_path: Path) -> None:
    """A 32-bit library in a 64-bit program is told as such."""
    library = bytearray(Path(hsm.module).read_bytes())
    library[4] = 3 - library[4]  # EI_CLASS of ELF: 1 is 32-bit, 2 is 64-bit
    (tmp_path / "other.so").write_bytes(library)
    with pytest.raises(UnsupportedError) as caught:
        registry.open_dongle(f"pkcs11:?module-path={tmp_path / 'other.so'}")
    assert caught.value.code == "HWL-PKCS11-ARCHITECTURE"


@pytest.mark.parametrize("path", ["libc.so.6"])
def test_a_library_that_is_no_module(path: str) -> None:
    """A library without PKCS#11 in it is refused."""
    (where,) = [each for each in Path("/usr/lib").glob(f"*/{path}") if each.is_file()][:1] or [
        Path(f"/lib/{path}")
    ]
    with pytest.raises(BadAnswer) as caught:
        registry.open_dongle(f"pkcs11:?module-path={where}")
    assert caught.value.code == "HWL-PKCS11-LOAD"


SHARED = """
import ctypes, sys
assert ctypes.CDLL(sys.argv[1]).C_Initialize(None) == 0
from hwlock.devices import registry
from hwlock.errors import Busy
try:
    registry.open_dongle("pkcs11:token=P-256")
except Busy as exc:
    print(exc.code)
"""


def test_a_module_in_other_hands(hsm: SoftHsm) -> None:
    """A module that another part of the program started is not taken from it."""
    done = subprocess.run(
        [sys.executable, "-c", SHARED, hsm.module],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.split() == ["HWL-PKCS11-SHARED"]


LISTED = """
from hwlock.devices import registry
from hwlock.devices.pkcs11.module import Module
print(Module.find("").path)
for each in registry.scan(("pkcs11",)):
    print(each.uri)
"""


def test_through_p11_kit(hsm: SoftHsm, tmp_path: Path) -> None:
    """Without a module in the environment, p11-kit shows the tokens of every module it knows."""
    modules = tmp_path / ".config" / "pkcs11" / "modules"
    modules.mkdir(parents=True)
    (modules / "softhsm.module").write_text(f"module: {hsm.module}\n")
    environment = {**os.environ, "HOME": str(tmp_path)}
    environment.pop(ENVIRONMENT)
    done = subprocess.run(
        [sys.executable, "-c", LISTED],
        capture_output=True, text=True, check=True, timeout=60, env=environment,
    )  # fmt: skip
    first, *uris = done.stdout.splitlines()
    assert first.endswith("p11-kit-proxy.so")
    assert any(uri.startswith("pkcs11:token=P-256;") for uri in uris)
    assert not any("Trust" in uri for uri in uris)
