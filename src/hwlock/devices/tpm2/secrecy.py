"""A session in which a secret leaves the TPM encrypted; TPM 2.0 Library, Part 1, 19 and 21.

Whoever sits between processor and TPM sees every byte. The session is salted: its key is
agreed on with the storage root of *this* TPM, whose public half the enrollment remembers, so
that nobody in between can take its place. The answer's first parameter is encrypted under
that key (AES-128-CFB), and an HMAC over the whole answer tells one that was changed.
"""

from __future__ import annotations

from hwlock.crypto import constant
from hwlock.errors import BadAnswer, FormatError
from hwlock.evidence.tpm2.constants import ALG_AES, ALG_CFB, ALG_SHA256, RH_NULL
from hwlock.evidence.tpm2.kdf import aes_cfb_open, agree_once, kdfa, mac
from hwlock.evidence.tpm2.structures import Public, digest
from hwlock.evidence.tpm2.wire import Reader, sized, u16, u32

from .channel import Channel, Held
from .commands import strict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .storage import Parent

__all__ = ["SecretSession", "agree"]

CC_ECDH_ZGEN = 0x154
CC_START_AUTH_SESSION = 0x176
_SE_HMAC = 0
_KEY_BITS = 128
_NONCE_BYTES = 32
_DIGEST_BITS = 256
_CONTINUE, _ENCRYPT = 0x01, 0x40  # TPMA_SESSION


class SecretSession:
    """An open HMAC session, salted with the storage root; a context manager."""

    def __init__(self, held: Held, key: bytes, nonce_tpm: bytes, entropy: Callable[[int], bytes]):
        self._held = held
        self._key = key
        self._nonce_tpm = nonce_tpm
        self._entropy = entropy

    @classmethod
    def start(
        cls, tpm: Channel, parent: Parent, known: Public, entropy: Callable[[int], bytes]
    ) -> SecretSession:
        """Start a session (19.6.8); `known` is the storage root as it was at enrollment."""
        salt, encrypted_salt = agree_once(known, b"SECRET", entropy)
        nonce = entropy(_NONCE_BYTES)
        parameters = (
            sized(nonce)
            + sized(encrypted_salt)
            + bytes((_SE_HMAC,))
            + u16(ALG_AES)
            + u16(_KEY_BITS)
            + u16(ALG_CFB)
            + u16(ALG_SHA256)
        )
        handle, answer = tpm.run(
            CC_START_AUTH_SESSION, (parent.handle, RH_NULL), parameters, returns_handle=True
        )
        held = Held(tpm, handle)
        with strict(held):
            nonce_tpm = answer.sized(64)
            answer.done()
        key = kdfa(ALG_SHA256, salt, b"ATH", nonce_tpm + nonce, _DIGEST_BITS)
        return cls(held, key, nonce_tpm, entropy)

    def run(self, tpm: Channel, command: int, handle: int, name: bytes, parameters: bytes) -> bytes:
        """Run a command on one object with an empty password; return its secret parameter.

        BadAnswer where the answer was not made by the TPM that has the storage root.
        """
        nonce = self._entropy(_NONCE_BYTES)
        attributes = bytes((_CONTINUE | _ENCRYPT,))
        said = digest(ALG_SHA256, u32(command) + name + parameters)
        tag = mac(ALG_SHA256, self._key, said + nonce + self._nonce_tpm + attributes)
        auth = u32(self._held.handle) + sized(nonce) + attributes + sized(tag)
        answered, authorization = tpm.run_in_session(command, (handle,), parameters, auth)
        self._nonce_tpm = self._verified(command, answered, authorization, nonce)
        return self._opened(answered, nonce)

    def _verified(self, command: int, answered: bytes, authorization: bytes, nonce: bytes) -> bytes:
        """Verify the answer's HMAC (19.6.5); return the TPM's new nonce."""
        reader = Reader(authorization, "TPM answer")
        with strict():
            nonce_tpm, attributes, tag = reader.sized(64), reader.take(1), reader.sized(64)
            reader.done()
        said = digest(ALG_SHA256, u32(0) + u32(command) + answered)
        expected = mac(ALG_SHA256, self._key, said + nonce_tpm + nonce + attributes)
        if not constant.equal(tag, expected) or not attributes[0] & _ENCRYPT:
            raise BadAnswer("HWL-TPM-BETWEEN")
        return nonce_tpm

    def _opened(self, answered: bytes, nonce: bytes) -> bytes:
        """Decrypt the first parameter (21.3)."""
        reader = Reader(answered, "TPM answer")
        with strict():
            hidden = reader.sized()
            reader.done()
        context = self._nonce_tpm + nonce
        both = kdfa(ALG_SHA256, self._key, b"CFB", context, _KEY_BITS + 128)
        return aes_cfb_open(both[:16], hidden, both[16:])

    def __enter__(self) -> SecretSession:
        return self

    def __exit__(self, *exc: object) -> None:
        self._held.flush()


def agree(tpm: Channel, session: SecretSession, key: int, name: bytes, point: bytes) -> bytes:
    """TPM2_ECDH_ZGen: return x (32 bytes) of the key's agreement with `point` (P-256, x‖y)."""
    parameters = sized(sized(point[:32]) + sized(point[32:]))
    reader = Reader(session.run(tpm, CC_ECDH_ZGEN, key, name, parameters), "TPM answer")
    try:
        x, _y = reader.sized(32), reader.sized(32)
        reader.done()
    except FormatError as exc:
        raise BadAnswer("HWL-TPM-ANSWER", fault=exc.message) from exc
    return x.rjust(32, b"\0")
