"""How a dongle is named: `kind:name=value;name=value`, values percent-encoded (RFC 3986).

RFC 7512 names PKCS#11 tokens this way; every kind follows it. What a URI does not say is
open: `piv:` is any PIV card, `piv:serial=1234567` one of them.
"""

from __future__ import annotations

from hwlock.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["make", "parts"]

_HEX = "0123456789ABCDEFabcdef"
# what needs no escape in a value: unreserved characters, and those that RFC 7512 leaves alone
_PLAIN = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:[]@!$'()*+,=&"
)


def make(kind: str, named: Mapping[str, str]) -> str:
    """Return the URI of `kind` that says what `named` says, in its order; empty values left out."""
    said = ";".join(f"{name}={_escaped(value)}" for name, value in named.items() if value)
    return f"{kind}:{said}"


def parts(uri: str, allowed: tuple[str, ...]) -> dict[str, str]:
    """Return what `uri` says, each name one of `allowed` and said once; UsageError."""
    kind, _, rest = uri.partition(":")
    said: dict[str, str] = {}
    for part in rest.split(";") if rest else ():
        name, equals, value = part.partition("=")
        if not equals or name in said or name not in allowed:
            raise UsageError(
                "HWL-DEVICE-URI-PART", uri=uri, part=part, kind=kind, names=", ".join(allowed)
            )
        said[name] = _unescaped(uri, part, value)
    return said


def _escaped(value: str) -> str:
    return "".join(
        char if char in _PLAIN else "".join(f"%{byte:02X}" for byte in char.encode())
        for char in value
    )


def _unescaped(uri: str, part: str, value: str) -> str:
    found, at = bytearray(), 0
    while at < len(value):
        code = value[at + 1 : at + 3]
        if value[at] != "%":
            found += value[at].encode()
            at += 1
        elif len(code) == 2 and all(digit in _HEX for digit in code):
            found.append(int(code, 16))
            at += 3
        else:
            raise UsageError("HWL-DEVICE-URI-ESCAPE", uri=uri, part=part)
    try:
        return found.decode()
    except UnicodeDecodeError as exc:
        raise UsageError("HWL-DEVICE-URI-ESCAPE", uri=uri, part=part) from exc
