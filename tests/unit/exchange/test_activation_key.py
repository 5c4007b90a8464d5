"""Activation keys: what is typed, what names them, what proves them."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from hwlock.errors import FormatError
from hwlock.exchange.activation_key import ActivationKey

KEY = ActivationKey(number=0x0123456789ABCDEF012345678)


def derived(number: int, purpose: bytes) -> bytes:
    """Compute a derivation as docs/spec/files.md section 8 says, with the standard library."""
    secret = hashlib.sha256(b"hwlock activation key v1\0" + number.to_bytes(13, "big")).digest()
    return hmac.new(secret, purpose, hashlib.sha256).digest()


def test_derivations_are_those_of_the_spec():
    """Id, salt and proof, computed a second time."""
    nonce, kid = bytes(range(32)), bytes(range(16))
    assert KEY.id == derived(KEY.number, b"id")[:16]
    assert KEY.salt("acme-cad") == derived(KEY.number, b"salt acme-cad")[:16]
    proof = hmac.new(derived(KEY.number, b"proof"), nonce + kid, hashlib.sha256).digest()
    assert KEY.proof(nonce, kid) == proof


def test_a_key_is_typed_and_read():
    """Five groups of five characters; letter case and separators do not matter."""
    text = str(KEY)
    assert [len(group) for group in text.split("-")] == [5] * 5
    assert ActivationKey.parse(text.lower().replace("-", " ")) == KEY


def test_a_mistyped_key_names_its_group():
    """One wrong character is found, and where."""
    text = str(KEY)
    wrong = text[:7] + ("0" if text[7] != "0" else "1") + text[8:]
    with pytest.raises(FormatError) as caught:
        ActivationKey.parse(wrong)
    assert (caught.value.code, caught.value.details["group"]) == ("HWL-CODE-GROUP", 2)


def test_a_key_is_made_of_100_bits():
    """Of 13 random bytes the low 100 bits count, all of them."""
    assert ActivationKey.make(b"\xff" * 13).number == 2**100 - 1
    assert ActivationKey.make(b"\xf0" + bytes(12)).number == 0
    assert ActivationKey.make(bytes(12) + b"\x01").number == 1


def test_a_key_does_not_show_itself():
    """Tracebacks and logs print no key, nor does what holds one."""
    assert str(KEY) not in repr(KEY)
    assert f"{KEY.number}" not in repr(KEY)
    assert f"{KEY.number:x}" not in repr((KEY,))


def test_keys_and_purposes_do_not_meet():
    """Another key, product, nonce or signer gives other bytes."""
    other = ActivationKey(number=KEY.number + 1)
    nonce, kid = bytes(32), bytes(16)
    seen = {
        KEY.id,
        other.id,
        KEY.salt("acme-cad"),
        KEY.salt("acme-cam"),
        other.salt("acme-cad"),
        KEY.proof(nonce, kid),
        KEY.proof(nonce, b"\1" * 16),
        KEY.proof(b"\1" * 32, kid),
        other.proof(nonce, kid),
    }
    assert len(seen) == 9
