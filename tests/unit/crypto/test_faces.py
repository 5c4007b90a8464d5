"""What every face of the core has in common: buffers, lengths, errors, threads."""

from __future__ import annotations

import array
import hashlib
import mmap
import threading

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hwlock.crypto import constant, ed25519, fingerprint, hmac, p256, sha2
from hwlock.errors import BadKey, BadSignature, HwlockError, UsageError

SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = SIGNER.public_key().public_bytes_raw()
SIGNATURE = SIGNER.sign(b"message")


def test_any_buffer() -> None:
    """bytes, bytearray, views, arrays and mapped memory mean the same."""
    expected = hashlib.sha256(b"message!").digest()
    mapped = mmap.mmap(-1, 8)
    mapped.write(b"message!")
    numbers = array.array("I")
    numbers.frombytes(b"message!")
    for data in (bytearray(b"message!"), memoryview(b"xmessage!")[1:], mapped, numbers):
        assert sha2.sha256(data) == expected
    mapped.close()
    key = ed25519.PublicKey(memoryview(KEY))
    key.verify(bytearray(SIGNATURE), memoryview(b"message"))
    assert key.prepare().verify_many([(bytearray(SIGNATURE), memoryview(b"message"))]) == [None]


@pytest.mark.parametrize("data", ["text", 5, None, [1, 2]], ids=repr)
def test_no_bytes(data: object) -> None:
    """What is no buffer is our error, naming what it should have been."""
    with pytest.raises(UsageError, match="must be bytes") as caught:
        sha2.sha256(data)  # type: ignore[arg-type]
    assert caught.value.code == "HWL-CRYPTO-BYTES"


def test_gaps() -> None:
    """A view with gaps is refused, never read as if it had none."""
    with pytest.raises(UsageError) as caught:
        sha2.sha256(memoryview(b"abcdef")[::2])
    assert caught.value.code == "HWL-CRYPTO-GAPS"


@pytest.mark.parametrize("length", [0, 31, 33, 63, 65])
def test_lengths(length: int) -> None:
    """A key or signature of a wrong length says so, each with its own class."""
    for face, right in ((ed25519, 32), (p256, 64)):
        with pytest.raises(BadKey, match=f"not {length}|cannot|no "):
            face.PublicKey(bytes(length if length != right else length + 1))
    with pytest.raises(BadSignature) as caught:
        ed25519.PublicKey(KEY).verify(bytes(length), b"")
    assert caught.value.code == "HWL-SIGNATURE-LENGTH"
    with pytest.raises(UsageError):
        p256.PublicKey(_generator()).verify_digest(bytes(64), bytes(length))


def _generator() -> bytes:
    from p256_model import BASE, raw

    assert BASE is not None
    return raw(*BASE)


def test_bad_key_and_bad_signature_differ() -> None:
    """The two refusals are two classes, and neither is the other."""
    with pytest.raises(BadKey) as key_error:
        ed25519.PublicKey(bytes(32))
    with pytest.raises(BadSignature) as signature_error:
        ed25519.PublicKey(KEY).verify(SIGNATURE, b"another message")
    assert not isinstance(key_error.value, BadSignature)
    assert not isinstance(signature_error.value, BadKey)
    for error in (key_error.value, signature_error.value):
        assert isinstance(error, HwlockError)
        assert error.message
        assert error.hint


def test_many_keeps_order_and_takes_any_iterable() -> None:
    """Outcomes stand where their pairs stood; a wrong length spoils only its own item."""
    prepared = ed25519.PublicKey(KEY).prepare()
    good, bad = (SIGNATURE, b"message"), (SIGNATURE, b"other")
    short = (SIGNATURE[:63], b"message")
    outcomes = prepared.verify_many(iter([good, bad, short, good]))
    assert [getattr(outcome, "code", None) for outcome in outcomes] == [
        None,
        "HWL-SIGNATURE-BAD",
        "HWL-SIGNATURE-LENGTH",
        None,
    ]
    assert prepared.verify_many([]) == []


def test_keys_are_values() -> None:
    """Keys compare and hash by their bytes and kind, and cannot be changed through `raw`."""
    key = ed25519.PublicKey(KEY)
    assert key == ed25519.PublicKey(bytearray(KEY))
    assert hash(key) == hash(ed25519.PublicKey(KEY))
    assert key != key.prepare()
    assert key.raw == KEY == key.prepare().raw
    assert KEY.hex() in repr(key)
    with pytest.raises(AttributeError):
        key.raw = b""  # type: ignore[misc]


def test_threads_share_a_key() -> None:
    """One prepared key serves several threads at once."""
    prepared = ed25519.PublicKey(KEY).prepare()
    failures: list[BadSignature] = []

    def work() -> None:
        for _ in range(100):
            try:
                prepared.verify(SIGNATURE, b"message")
            except BadSignature as exc:
                failures.append(exc)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_lock_is_released() -> None:
    """Another thread runs while the core hashes a long message."""
    long = bytes(32 << 20)
    started, done, ticks = threading.Event(), threading.Event(), []

    def hash_it() -> None:
        started.set()
        sha2.sha512(long)
        done.set()

    thread = threading.Thread(target=hash_it)
    thread.start()
    started.wait()
    while not done.is_set():
        ticks.append(done.wait(0.001))
    thread.join()
    assert len(ticks) > 1


def test_equal_and_wipe() -> None:
    """Equal means all bytes; wiping leaves zeros, and refuses what cannot be written."""
    assert constant.equal(b"", b"")
    assert constant.equal(b"abc", bytearray(b"abc"))
    assert not constant.equal(b"abc", b"abd")
    assert not constant.equal(b"abc", b"abcd")
    secret = bytearray(b"secret")
    constant.wipe(memoryview(secret)[:3])
    assert secret == b"\0\0\0ret"
    constant.wipe(bytearray())
    with pytest.raises(UsageError):
        constant.wipe(b"constant")  # type: ignore[arg-type]


def test_fingerprint_is_as_documented() -> None:
    """The digest is the HMAC of label, kind and value, set apart by zeros."""
    salt = bytes(range(16))
    told = hmac.sha256(salt, b"hwlock component v1\0disk-serial\0S3Z9")
    assert fingerprint.digest(salt, "disk-serial", b"S3Z9") == told
    assert fingerprint.digest(bytes(16), "disk-serial", b"S3Z9") != told
    assert fingerprint.digest(salt, "disk", b"S3Z9") != told


@pytest.mark.parametrize("kind", ["", "Disk", "disk serial", "disk\0", "d" * 65, "größe"])
def test_fingerprint_kinds(kind: str) -> None:
    """A kind is a short lower-case word."""
    with pytest.raises(UsageError) as caught:
        fingerprint.digest(bytes(16), kind, b"value")
    assert caught.value.code == "HWL-FINGERPRINT-KIND"


def test_fingerprint_limits() -> None:
    """Salt and value have their lengths."""
    fingerprint.digest(bytes(16), "k" * 64, bytes(256))
    for salt, value in (
        (bytes(15), b"v"),
        (bytes(17), b"v"),
        (bytes(16), b""),
        (bytes(16), bytes(257)),
    ):
        with pytest.raises(UsageError):
            fingerprint.digest(salt, "kind", value)
