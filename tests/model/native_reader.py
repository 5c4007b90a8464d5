"""The core's readers of files, as a C program sees them: arguments in, codes and values out.

Nothing of hwlock's own Python is used, so that it can be compared with it.
"""

from __future__ import annotations

from typing import Any

from hwlock._native import ffi, lib

STAGES = {1: "armor", 2: "cbor", 3: "cose", 4: "field", 5: "key", 6: "trust", 7: "answer"}


class Refused(ValueError):
    """What the core said: `code` ("HWL-…"), `stage`, `offset` or None, and the rest."""

    def __init__(self, number: int, fault: Any, label: str = "") -> None:
        self.code = ffi.string(lib.hwlock_error_name(number)).decode()
        super().__init__(self.code)
        assert fault.code == number
        self.stage = STAGES[number // 100]
        self.offset = None if fault.offset == 2 ** (8 * ffi.sizeof("size_t")) - 1 else fault.offset
        self.line, self.found, self.wanted = fault.line, fault.found, fault.wanted
        self.label = label


def _bytes(span: Any) -> bytes:
    return bytes(ffi.buffer(span.at, span.bytes)) if span.bytes else b""


def _text(span: Any) -> str:
    return _bytes(span).decode()


def _kids(span: Any) -> list[bytes]:
    """Return what byte strings of 16 bytes hold."""
    items = _bytes(span)
    return [items[at + 1 : at + 17] for at in range(0, len(items), 17)]


def _anchor(anchor: Any) -> tuple[str, str, str, str, bytes, bytes]:
    """Return kind, maker, URI, label, record and key of an anchor, empty what it has not."""
    key = bytes(anchor.key.raw)[: anchor.key.raw_bytes]
    modulus, record = (_bytes(span) for span in (anchor.rsa, anchor.record))
    texts = (_text(getattr(anchor, name)) for name in ("kind", "maker", "uri", "label"))
    kind, maker, uri, label = texts
    return kind, maker, uri, label, record, key or modulus


def _work(data: bytes) -> Any:
    """Return as much memory as the header asks for, and not a byte more."""
    return ffi.new("uint8_t[]", len(data) + len(data) // 2 + 64)


def armor(
    text: bytes, expected_label: str | None = None, max_bytes: int = 65536
) -> tuple[str | None, bytes]:
    """Return the label and the data of the block in `text`."""
    block, fault, work = ffi.new("hwlock_block *"), ffi.new("hwlock_fault *"), _work(text)
    label = ffi.NULL if expected_label is None else expected_label.encode()
    code = lib.hwlock_armor_read(block, text, len(text), label, max_bytes, work, len(work), fault)
    found = ffi.string(block.label).decode()
    if code:
        raise Refused(code, fault, found)
    return found or None, bytes(ffi.buffer(block.data.at, block.data.bytes))


def cbor(
    data: bytes, max_bytes: int = 65536, max_depth: int = 16, max_items: int = 8192
) -> list[tuple[int, int, int]]:
    """Return the items of one value: type, number, place."""
    room = min(len(data), max_items)
    items, count = ffi.new("hwlock_item[]", room), ffi.new("size_t *", room)
    fault = ffi.new("hwlock_fault *")
    code = lib.hwlock_cbor_read(
        items, count, data, len(data), max_bytes, max_depth, max_items, fault
    )
    if code:
        raise Refused(code, fault)
    return [(item.type, item.number, item.at) for item in items[0 : count[0]]]


def envelope(raw: bytes, expected_typ: str | None = None, max_bytes: int = 65536) -> dict[str, Any]:
    """Return the parts of a signed envelope."""
    found, fault = ffi.new("hwlock_envelope *"), ffi.new("hwlock_fault *")
    typ = ffi.NULL if expected_typ is None else expected_typ.encode()
    code = lib.hwlock_envelope_read(found, raw, len(raw), typ, max_bytes, fault)
    if code:
        raise Refused(code, fault)
    parts = {
        name: bytes(ffi.buffer(getattr(found, name).at, getattr(found, name).bytes))
        for name in ("protected_header", "payload", "signature", "kid")
    }
    given = found.delegation
    delegation = bytes(ffi.buffer(given.at, given.bytes)) if given.at else None
    return {**parts, "typ": _text(found.typ), "alg": found.alg, "delegation": delegation}


class Product:
    """A product file that the core opened."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.work, self.c = raw, _work(raw), ffi.new("hwlock_product *")
        fault = ffi.new("hwlock_fault *")
        code = lib.hwlock_product_open(self.c, raw, len(raw), self.work, len(self.work), fault)
        if code:
            raise Refused(code, fault)

    def says(self) -> dict[str, Any]:
        """Return what it says."""
        c = self.c
        roots = [bytes(root.raw)[: root.raw_bytes] for root in c.roots[0 : c.root_count]]
        texts = {name: _text(getattr(c, name)) for name in ("id", "name", "vendor")}
        former = [
            (bytes(one.root.raw)[: one.root.raw_bytes], _kids(one.appointed))
            for one in c.former[0 : c.former_count]
        ]
        return {**texts, "issued_at": c.issued_at, "roots": roots, "former": former}


class License:
    """A license that the core opened and verified for a product."""

    def __init__(self, raw: bytes, product: Product) -> None:
        self.raw, self.work, self.c = raw, _work(raw), ffi.new("hwlock_license *")
        fault = ffi.new("hwlock_fault *")
        code = lib.hwlock_license_open(
            self.c, product.c, raw, len(raw), self.work, len(self.work), fault
        )
        if code:
            raise Refused(code, fault)

    def says(self) -> dict[str, Any]:
        """Return what it grants, to whom, until when."""
        c = self.c
        texts = ("product", "customer", "entitlement", "issuer")
        numbers = ("issued_at", "expires_at", "seats")
        return {
            **{name: _text(getattr(c, name)) for name in texts},
            **{name: getattr(c, name) for name in numbers},
            "id": bytes(c.id),
            "key": bytes(c.key.raw)[: c.key.raw_bytes],
            "features": [_text(span) for span in c.features[0 : c.feature_count]],
            "model": (_text(c.model.kind), c.model.grace_days, _text(c.model.edition)),
            "amendments": c.amendment_count,
            "anchors": [_anchor(anchor) for anchor in c.anchors[0 : c.anchor_count]],
        }

    def match(self, number: int, parts: list[tuple[str, bytes]]) -> tuple[int, int, int, int]:
        """Return score, needed, total, and the bits of the same components."""
        kept = [(ffi.new("char[]", kind.encode()), ffi.from_buffer(value)) for kind, value in parts]
        components = ffi.new("hwlock_component[]", [(k, v, len(v)) for k, v in kept])
        match = ffi.new("hwlock_match *")
        code = lib.hwlock_license_match(self.c, number, components, len(kept), match)
        if code:
            raise ValueError(code)
        return match.score, match.needed, match.total, match.same


class List:
    """A revocation list that the core opened and verified for a product."""

    def __init__(self, raw: bytes, product: Product) -> None:
        self.raw, self.work, self.c = raw, _work(raw), ffi.new("hwlock_revocation *")
        fault = ffi.new("hwlock_fault *")
        code = lib.hwlock_revocation_open(
            self.c, product.c, raw, len(raw), self.work, len(self.work), fault
        )
        if code:
            raise Refused(code, fault)

    def says(self) -> dict[str, Any]:
        """Return what it says."""
        c = self.c
        return {
            "product": _text(c.product),
            "issuer": _text(c.issuer),
            "kid": bytes(c.issuer_kid),
            "issued_at": c.issued_at,
            "number": c.number,
            "base": c.base,
            "entries": c.entry_count,
            "bytes": c.file_bytes,
        }


class Known:
    """What revocation lists amount to, taken in their order."""

    def __init__(self, lists: list[List]) -> None:
        self.lists, self.c = lists, ffi.new("hwlock_revocations *")
        for one in lists:
            code = lib.hwlock_revocations_join(self.c, one.c)
            if code:
                raise Refused(code, ffi.new("hwlock_fault *", {"code": code}))


LEVELS = {lib.HWLOCK_NOTE: "note", lib.HWLOCK_WARN: "warn", lib.HWLOCK_DENY: "deny"}
STANDINGS = ("active", "renewing", "grace", "ended")


class Verdict:
    """The verdict of the core over a license; facts are members of hwlock_facts."""

    def __init__(
        self,
        license: License,
        *,
        parts: list[tuple[str, bytes]] | None = None,
        revoked: Known | None = None,
        base: Verdict | None = None,
        **facts: int,
    ) -> None:
        self.kept = (license, revoked, base)
        self.c, told = ffi.new("hwlock_verdict *"), ffi.new("hwlock_facts *", facts)
        for number, anchor in enumerate(license.c.anchors[0 : license.c.anchor_count]):
            if parts is not None and anchor.component_count:
                score, needed, total, same = license.match(number, parts)
                told.matches[number] = (score, needed, total, same)
        told.revoked = ffi.NULL if revoked is None else revoked.c
        told.base = ffi.NULL if base is None else base.c
        code = lib.hwlock_license_check(self.c, license.c, told)
        self.code = ffi.string(lib.hwlock_error_name(code)).decode()

    def says(self) -> dict[str, Any]:
        """Return what it says; times and days that there are not are -1."""
        c, license = self.c, self.kept[0].c
        names = [_text(span) for span in license.features[0 : license.feature_count]]
        numbers = ("time", "mark", "days_left", "grace_until", "grace_days_left")
        return {
            **{name: getattr(c, name) for name in numbers},
            **{name: bool(getattr(c, name)) for name in ("allowed", "degraded", "soft")},
            "standing": STANDINGS[c.standing],
            "features": [name for bit, name in enumerate(names) if c.features >> bit & 1],
        }

    def findings(self) -> list[tuple[str, str, int, str, int, int, int]]:
        """Return code, level, anchor, name, time, other, number of each finding."""
        return [
            (
                ffi.string(lib.hwlock_error_name(one.code)).decode(),
                LEVELS[one.level],
                one.anchor,
                _text(one.name),
                one.time,
                one.other,
                one.number,
            )
            for one in self.c.findings[0 : self.c.finding_count]
        ]
