"""Which names may become names of files: checked before a path is made of them.

A product id comes out of a file that somebody sent, so it is hostile until it passes here:
no separators, no dots in front, nothing that Windows takes for a device. All names are
lower case, because half of the file systems do not tell the cases apart.
"""

from __future__ import annotations

from hwlock.errors import StoreError

__all__ = [
    "is_kind",
    "is_license_id",
    "is_pending_id",
    "is_product_id",
    "kind",
    "license_id",
    "pending_id",
    "product_id",
    "shown",
]

_HEX = frozenset("0123456789abcdef")
_ALPHANUMERIC = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_DEVICES = frozenset(("con", "prn", "aux", "nul")).union(
    f"{device}{digit}" for device in ("com", "lpt") for digit in range(10)
)


def product_id(text: str) -> str:
    """Return `text` if it is a product id, [a-z0-9][a-z0-9._-]{0,63}; StoreError."""
    if is_product_id(text):
        return text
    raise _refusal(text, "product id", "1 to 64 of a-z 0-9 . _ - with a letter or digit in front")


def is_product_id(text: str) -> bool:
    """Tell whether `text` is a product id that every file system takes as it is."""
    return _is_word(text, "._-", 64)


def kind(text: str) -> str:
    """Return `text` if it can name an enrollment ("tpm2", "piv-12345678"); StoreError."""
    if is_kind(text):
        return text
    raise _refusal(text, "kind of device", "1 to 64 of a-z 0-9 -, with a letter or digit in front")


def is_kind(text: str) -> bool:
    """Tell whether `text` can name an enrollment."""
    return _is_word(text, "-", 64)


def license_id(text: str) -> str:
    """Return `text` if it is 16 to 64 lower-case hexadecimal digits; StoreError."""
    if is_license_id(text):
        return text
    raise _refusal(text, "license id", "16 to 64 hexadecimal digits in lower case")


def is_license_id(text: str) -> bool:
    """Tell whether `text` is a license id."""
    return 16 <= len(text) <= 64 and _HEX.issuperset(text)


def pending_id(text: str) -> str:
    """Return `text` if it is 16 lower-case hexadecimal digits; StoreError."""
    if is_pending_id(text):
        return text
    raise _refusal(text, "request id", "16 hexadecimal digits in lower case")


def is_pending_id(text: str) -> bool:
    """Tell whether `text` is a request id."""
    return len(text) == 16 and _HEX.issuperset(text)


def shown(text: str) -> str:
    """Return `text` fit for a terminal: names of files may hold anything, escapes included."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _is_word(text: str, inner: str, max_characters: int) -> bool:
    return (
        0 < len(text) <= max_characters
        and text[0] in _ALPHANUMERIC
        and _ALPHANUMERIC.union(inner).issuperset(text)
        and not text.endswith(".")  # Windows drops it, and two ids would share one folder
        and text.partition(".")[0] not in _DEVICES
    )


def _refusal(text: str, what: str, rule: str) -> StoreError:
    return StoreError("HWL-STORE-NAME", name=shown(text[:80]), what=what, rule=rule)
