"""A license that only one TPM can open: encrypted, its key inside a credential.

TPM2_MakeCredential needs no TPM. The machine gets the key by TPM2_ActivateCredential, which
works only where the endorsement key and the attestation key of the request live together.
"""

from __future__ import annotations

from collections.abc import Callable

from hwlock.evidence.tpm2 import credential
from hwlock.exchange.request import Request
from hwlock.exchange.response import CONTENT_KEY_BYTES, Sealed

__all__ = ["seal"]

_IV_BYTES = 12  # RFC 5116 §5.2: what AES-GCM takes


def seal(
    license: bytes, request: Request, ak_name: bytes | None, entropy: Callable[[int], bytes]
) -> Sealed | None:
    """Return `license` sealed for the TPM of `request`; None where it showed none.

    `ak_name` is the Name of its attestation key. UntrustedError for an endorsement key to
    which nothing can be encrypted safely.
    """
    claims = request.asks.tpm2
    if claims is None or ak_name is None:
        return None
    key, iv = entropy(CONTENT_KEY_BYTES), entropy(_IV_BYTES)
    made = credential.make(claims.ek_public, ak_name, key, entropy=entropy)
    return Sealed.close(license, key=key, iv=iv, credential=made, request=request.digest)
