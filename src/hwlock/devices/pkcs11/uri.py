"""PKCS#11 URIs (RFC 7512): `pkcs11:token=…;object=…;id=%01?module-path=…`.

Of the attributes of RFC 7512 section 2.3, those that can choose a token or a key are
understood. A PIN in a URI ends up in histories and logs, so `pin-value` is refused. The id of
a key is bytes; in its escapes every byte may stand, elsewhere only UTF-8.
"""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from hwlock.devices.uri import make
from hwlock.errors import UsageError
from hwlock.record import Record

__all__ = ["TokenUri"]

_PATH = ("token", "manufacturer", "model", "serial", "object", "id", "type", "module-path")
_QUERY = ("module-path",)
_HEX = frozenset("0123456789ABCDEFabcdef")
_TYPES = ("", "private", "public", "cert")


class TokenUri(Record):
    """What a URI says; empty members are open."""

    token: str = ""
    manufacturer: str = ""
    model: str = ""
    serial: str = ""
    object: str = ""
    id: bytes = b""
    module_path: str = ""

    @classmethod
    def parse(cls, uri: str) -> TokenUri:
        """Read a URI; UsageError."""
        path, _, query = uri.partition(":")[2].partition("?")
        said: dict[str, bytes] = {}
        for parts, allowed in ((path.split(";"), _PATH), (query.split("&"), _QUERY)):
            for part in filter(None, parts):
                name, equals, value = part.partition("=")
                if not equals or name in said or name not in allowed:
                    raise UsageError(
                        "HWL-DEVICE-URI-PART",
                        uri=uri,
                        part=part.partition("=")[0],
                        kind="pkcs11",
                        names=", ".join(_PATH),
                    )
                said[name] = _unescaped(uri, part, value)
        return cls._of(uri, said)

    @classmethod
    def _of(cls, uri: str, said: dict[str, bytes]) -> TokenUri:
        identity = said.pop("id", b"")
        texts = {}
        for name, value in said.items():
            try:
                texts[name.replace("-", "_")] = value.decode()
            except UnicodeDecodeError as exc:
                raise UsageError("HWL-DEVICE-URI-ESCAPE", uri=uri, part=name) from exc
        if (kind := texts.pop("type", "")) not in _TYPES:
            raise UsageError(
                "HWL-DEVICE-URI-PART", uri=uri, part=f"type={kind}", kind="pkcs11",
                names=", ".join(_PATH),
            )  # fmt: skip
        return cls(id=identity, **texts)

    def write(self) -> str:
        """Return the URI that says this, without the module."""
        named = {name: getattr(self, name) for name in ("token", "manufacturer", "model")}
        uri = make("pkcs11", named | {"serial": self.serial, "object": self.object})
        if not self.id:
            return uri
        identity = "id=" + "".join(f"%{byte:02X}" for byte in self.id)
        return uri + identity if uri.endswith(":") else f"{uri};{identity}"


def _unescaped(uri: str, part: str, value: str) -> bytes:
    for after in value.split("%")[1:]:
        if len(after) < 2 or not set(after[:2]) <= _HEX:
            raise UsageError("HWL-DEVICE-URI-ESCAPE", uri=uri, part=part)
    return unquote_to_bytes(value)
