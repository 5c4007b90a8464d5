"""Response codes as sentences, and what each makes the driver do."""

from __future__ import annotations

import pytest

from hwlock.devices.tpm2 import codes
from hwlock.devices.tpm2.channel import refusal
from hwlock.errors import AccessDenied, BadAnswer, Busy, DeviceError


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0x1C4, "parameter 1, TPM_RC_VALUE"),
        (0x2CB, "parameter 2, TPM_RC_HANDLE"),
        (0x18B, "handle 1, TPM_RC_HANDLE"),
        (0x98E, "session 1, TPM_RC_AUTH_FAIL"),
        (0x9A2, "session 1, TPM_RC_BAD_AUTH"),
        (0x1DF, "parameter 1, TPM_RC_INTEGRITY"),
        (0x100, "TPM_RC_INITIALIZE"),
        (0x143, "TPM_RC_COMMAND_CODE"),
        (0x902, "TPM_RC_OBJECT_MEMORY"),
        (0x921, "TPM_RC_LOCKOUT"),
        (0x922, "TPM_RC_RETRY"),
        (0x910, "TPM_RC_REFERENCE"),
        (0x01E, "does not speak TPM 2.0"),
        (0x500, "its maker's own"),
        (0x1FF, "TPM_RC_unknown"),
        (0x9FE, "TPM_RC_unknown"),
    ],
)
def test_sentences(code: int, words: str) -> None:
    """A code becomes a sentence that holds what it blames and its name."""
    assert words in codes.explain(code)


def test_every_code_has_a_sentence() -> None:
    """No 32-bit code is without a sentence, nor makes the driver stumble."""
    for code in (*range(0x1000), 0x80280400, 0xFFFFFFFF):
        assert codes.explain(code)
        if code:
            assert isinstance(refusal(code), DeviceError)


@pytest.mark.parametrize(
    ("code", "kind", "slug"),
    [
        (0x921, Busy, "HWL-TPM-LOCKOUT"),
        (0x922, Busy, "HWL-TPM-NOT-NOW"),
        (0x920, Busy, "HWL-TPM-NOT-NOW"),
        (0x902, Busy, "HWL-TPM-NOT-NOW"),
        (0x9A2, AccessDenied, "HWL-TPM-AUTH"),
        (0x98E, AccessDenied, "HWL-TPM-AUTH"),
        (0x12F, AccessDenied, "HWL-TPM-AUTH"),
        (0x80280400, AccessDenied, "HWL-TPM-BLOCKED"),
        (0x1C4, BadAnswer, "HWL-TPM-REFUSED"),
    ],
)
def test_classes(code: int, kind: type[DeviceError], slug: str) -> None:
    """What a person can do differs, so the class does."""
    error = refusal(code)
    assert (type(error), error.code) == (kind, slug)


def test_base_forgets_the_number() -> None:
    """The same fault of another parameter, handle or session is the same fault."""
    assert {codes.base(code) for code in (0x18B, 0x28B, 0x1CB, 0x98B, 0xFCB)} == {0x08B}
    assert codes.base(0x914) == 0x910
    assert codes.base(0x922) == 0x922
