"""Policy sessions: what an endorsement key wants before it opens a credential.

TPM 2.0 Library, Part 3, 11.1 (StartAuthSession), 23.4 (PolicySecret), 23.6 (PolicyOR).
"""

from __future__ import annotations

from hwlock.errors import UnsupportedError
from hwlock.evidence.tpm2.constants import ALG_NULL, RH_ENDORSEMENT, RH_NULL
from hwlock.evidence.tpm2.structures import Public
from hwlock.evidence.tpm2.wire import sized, u16, u32

from .channel import Channel, Held, password
from .templates import POLICY_A_SHA256, POLICY_OR_BRANCHES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["endorsement_session", "policy_or", "policy_secret", "start_policy_session"]

CC_POLICY_SECRET = 0x151
CC_POLICY_OR = 0x171
CC_START_AUTH_SESSION = 0x176

_SE_POLICY = 1
_NONCE_BYTES = 16


def start_policy_session(tpm: Channel, hash_alg: int, entropy: Callable[[int], bytes]) -> Held:
    """TPM2_StartAuthSession of a policy session that is neither bound nor salted."""
    parameters = (
        sized(entropy(_NONCE_BYTES))
        + sized(b"")
        + bytes((_SE_POLICY,))
        + u16(ALG_NULL)
        + u16(hash_alg)
    )
    handle, _ = tpm.run(CC_START_AUTH_SESSION, (RH_NULL, RH_NULL), parameters, returns_handle=True)
    return Held(tpm, handle)


def policy_secret(tpm: Channel, session: int, entity: int) -> None:
    """TPM2_PolicySecret: show that we may use `entity`, whose password is empty."""
    parameters = sized(b"") + sized(b"") + sized(b"") + u32(0)
    tpm.run(CC_POLICY_SECRET, (entity, session), parameters, auths=(password(),))


def policy_or(tpm: Channel, session: int, branches: tuple[bytes, ...]) -> None:
    """TPM2_PolicyOR: what the session has satisfied is one of `branches`."""
    listed = u32(len(branches)) + b"".join(sized(branch) for branch in branches)
    tpm.run(CC_POLICY_OR, (session,), listed)


def endorsement_session(tpm: Channel, ek: Public, entropy: Callable[[int], bytes]) -> Held:
    """Return a session that satisfies the policy of `ek`; UnsupportedError for a foreign one."""
    branches = POLICY_OR_BRANCHES.get(ek.policy)
    if branches is None and ek.policy != POLICY_A_SHA256:
        raise UnsupportedError("HWL-TPM-EK-POLICY")
    held = start_policy_session(tpm, ek.name_alg, entropy)
    try:
        policy_secret(tpm, held.handle, RH_ENDORSEMENT)
        if branches is not None:
            policy_or(tpm, held.handle, branches)
    except BaseException:
        held.flush()
        raise
    return held
