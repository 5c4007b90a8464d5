"""Response codes of a TPM, as a sentence.

TPM 2.0 Library, Part 1, 39 and Part 2, 6.6. A code is of one of two formats: format 1 (bit
7) blames a parameter, a handle or a session by number; format 0 speaks of the whole command,
as an error or (bit 11) as a warning: "not now". The words are for whoever supports a user.
"""

from __future__ import annotations

__all__ = [
    "RC_AUTH",
    "RC_BLOCKED",
    "RC_INTEGRITY",
    "RC_LOCKED_OUT",
    "RC_NO_SLOT",
    "RC_NO_SUCH_HANDLE",
    "RC_RETRY",
    "RC_SLOW",
    "RC_SUCCESS",
    "base",
    "explain",
]

RC_SUCCESS = 0x000

# Base codes (without the number of what is blamed), by what the driver does about them.
RC_RETRY = frozenset({0x908, 0x90A, 0x922})  # YIELDED, TESTING, RETRY: send it again
RC_SLOW = frozenset({0x920, 0x923})  # NV_RATE, NV_UNAVAILABLE: again, after a longer pause
RC_NO_SLOT = frozenset({0x902, 0x903, 0x904})  # OBJECT_MEMORY, SESSION_MEMORY, MEMORY
RC_LOCKED_OUT = 0x921
RC_NO_SUCH_HANDLE = frozenset({0x08B, 0x910})  # HANDLE, REFERENCE_H0
RC_AUTH = frozenset({0x08E, 0x0A2, 0x12F})  # AUTH_FAIL, BAD_AUTH, AUTH_UNAVAILABLE
RC_INTEGRITY = 0x09F
RC_BLOCKED = 0x80280400  # TPM_E_COMMAND_BLOCKED: the policy of Windows

_FORMAT_1 = {
    0x081: ("ASYMMETRIC", "it does not have this kind of key"),
    0x082: ("ATTRIBUTES", "the attributes of a key contradict each other"),
    0x083: ("HASH", "it does not have this hash"),
    0x084: ("VALUE", "a value is out of range"),
    0x085: ("HIERARCHY", "the hierarchy is not enabled"),
    0x087: ("KEY_SIZE", "it does not have keys of this size"),
    0x088: ("MGF", "it does not have this mask function"),
    0x089: ("MODE", "it does not have this cipher mode"),
    0x08A: ("TYPE", "a structure is of the wrong type"),
    0x08B: ("HANDLE", "there is nothing under this handle"),
    0x08C: ("KDF", "it does not have this key derivation"),
    0x08D: ("RANGE", "a number is outside the allowed range"),
    0x08E: ("AUTH_FAIL", "the password or policy is wrong, and it counts failures"),
    0x08F: ("NONCE", "a nonce has the wrong size"),
    0x090: ("PP", "it wants proof that a person is present"),
    0x092: ("SCHEME", "it does not have this signature scheme"),
    0x095: ("SIZE", "a structure has the wrong size"),
    0x096: ("SYMMETRIC", "it does not have this cipher"),
    0x097: ("TAG", "a structure has the wrong tag"),
    0x098: ("SELECTOR", "a structure is of an unknown kind"),
    0x09A: ("INSUFFICIENT", "a structure ends too early"),
    0x09B: ("SIGNATURE", "a signature is not valid"),
    0x09C: ("KEY", "the key does not fit the operation"),
    0x09D: ("POLICY_FAIL", "the policy of the key is not satisfied"),
    0x09F: ("INTEGRITY", "the data was made by another TPM, or changed"),
    0x0A0: ("TICKET", "a ticket is not valid"),
    0x0A1: ("RESERVED_BITS", "reserved bits are set"),
    0x0A2: ("BAD_AUTH", "the password or policy is wrong"),
    0x0A3: ("EXPIRED", "a policy has expired"),
    0x0A4: ("POLICY_CC", "the policy is for another command"),
    0x0A5: ("BINDING", "the two halves of a key do not belong together"),
    0x0A6: ("CURVE", "it does not have this curve"),
    0x0A7: ("ECC_POINT", "a point is not on the curve"),
}

_FORMAT_0 = {
    0x01E: ("BAD_TAG", "it does not speak TPM 2.0"),
    0x100: ("INITIALIZE", "it has not been started"),
    0x101: ("FAILURE", "it has failed its self-test and is out of order until it is reset"),
    0x103: ("SEQUENCE", "a command came out of order"),
    0x120: ("DISABLED", "the command is disabled"),
    0x121: ("EXCLUSIVE", "somebody has an exclusive session"),
    0x124: ("AUTH_TYPE", "the wrong kind of authorization was given"),
    0x125: ("AUTH_MISSING", "an authorization is missing"),
    0x126: ("POLICY", "the policy of a key refuses"),
    0x12D: ("UPGRADE", "it is in the middle of a firmware update"),
    0x12F: ("AUTH_UNAVAILABLE", "this object cannot be authorized in this way"),
    0x130: ("REBOOT", "it wants a restart of the machine"),
    0x142: ("COMMAND_SIZE", "the command has the wrong size"),
    0x143: ("COMMAND_CODE", "it does not have this command"),
    0x144: ("AUTHSIZE", "the authorization area has the wrong size"),
    0x145: ("AUTH_CONTEXT", "an authorization stands where none belongs"),
    0x146: ("NV_RANGE", "the NV memory is read or written beyond its end"),
    0x147: ("NV_SIZE", "an NV area of this size is not possible"),
    0x148: ("NV_LOCKED", "the NV area is locked"),
    0x149: ("NV_AUTHORIZATION", "the NV area may not be used in this way"),
    0x14A: ("NV_UNINITIALIZED", "the NV area was never written"),
    0x14B: ("NV_SPACE", "its NV memory is full"),
    0x14C: ("NV_DEFINED", "the NV area is there already"),
    0x150: ("BAD_CONTEXT", "a saved context is not valid"),
    0x153: ("NO_RESULT", "the computation has no result"),
    0x154: ("SENSITIVE", "the private half of a key is not as it should be"),
}

_WARNINGS = {
    0x901: ("CONTEXT_GAP", "too many sessions were saved"),
    0x902: ("OBJECT_MEMORY", "its slots for keys are taken"),
    0x903: ("SESSION_MEMORY", "its slots for sessions are taken"),
    0x904: ("MEMORY", "it is out of memory"),
    0x905: ("SESSION_HANDLES", "it has no more handles for sessions"),
    0x906: ("OBJECT_HANDLES", "it has no more handles for keys"),
    0x907: ("LOCALITY", "the command is not allowed from here"),
    0x908: ("YIELDED", "it put the command off"),
    0x909: ("CANCELED", "the command was canceled"),
    0x90A: ("TESTING", "it is testing itself"),
    0x920: ("NV_RATE", "it protects its NV memory from wear"),
    0x921: ("LOCKOUT", "it is locked after too many wrong passwords"),
    0x922: ("RETRY", "it wants the command again"),
    0x923: ("NV_UNAVAILABLE", "its NV memory cannot be used now"),
}
_REFERENCES = range(0x910, 0x91F)  # REFERENCE_H0 … REFERENCE_S6: a handle that is not there


def base(code: int) -> int:
    """Return `code` without the number of what it blames."""
    if code & 0x080:
        return code & 0x0BF
    return 0x910 if code in _REFERENCES else code


def explain(code: int) -> str:
    """Return a sentence that says what `code` means, and its name in the specification."""
    if code & 0x080:
        name, meaning = _FORMAT_1.get(base(code), ("unknown", "it refuses"))
        return f"{meaning} ({_blamed(code)}, TPM_RC_{name}, {code:#05x})"
    if code & 0x400:
        return f"it gives a code of its maker's own ({code:#05x})"
    if code in _REFERENCES:
        return f"a key or session is not loaded (TPM_RC_REFERENCE, {code:#05x})"
    table = _WARNINGS if code & 0x800 else _FORMAT_0
    name, meaning = table.get(code, ("unknown", "it refuses"))
    return f"{meaning} (TPM_RC_{name}, {code:#05x})"


def _blamed(code: int) -> str:
    number = code >> 8 & 0xF
    if code & 0x040:
        return f"parameter {number}"
    return f"session {number & 7}" if number & 8 else f"handle {number}"
