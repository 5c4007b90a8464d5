"""The machine's fingerprint: what of it travels, and how much of it still fits.

A fingerprint is a handful of *components*. Each is digested alone, with the salt of one
license, so the file shows no serial number and says afterwards which part has changed.

What each kind weighs, and whether its value belongs to one machine alone:

============= ====== ====== =========================================================
kind          weight unique what it is
============= ====== ====== =========================================================
device-tree   40     yes    serial number of a single-board computer or its SoC
disk          25     yes    serial number of a built-in disk
firmware-uuid 25     yes    UUID in the firmware (Windows, macOS: on Linux root only)
nic           20     yes    permanent address of a built-in network adapter
board-serial  15     yes    serial number of the mainboard (Windows)
system-serial 15     yes    serial number of the computer (Windows, macOS)
board         15     no     maker and model of computer and mainboard
cpu           10     no     maker, family, model, stepping
asset-tag     5      no     inventory tag that the owner wrote into the firmware
machine-id    5      no     identity of the installed system; copied with its image
memory        5      no     size of the memory, rounded
============= ====== ====== =========================================================

Several parts of one kind share: two weigh 70 % each, three and more 160 % together, so
that neither a shelf of disks nor a box of adapters becomes the machine.

Rules of a match:

1. The score is the weight of those components that are present unchanged.
2. Needed is 60 % of the total, rounded up, unless the license says otherwise.
3. Needed is always more than all components together that are not unique, and more than
   any one kind: so two kinds match, and one of them belongs to this machine alone. A
   cloned disk image, or machine-id alone, reaches neither.
4. What is new in a machine never counts against it.

Whoever holds the file can try all network addresses of a maker (2^24) against one digest:
the salt hides values from a reader of many files, not from a search for one.
"""

from __future__ import annotations

from hwlock.codec.fields import Fields
from hwlock.crypto import constant, fingerprint
from hwlock.errors import Finding, FormatError, UntrustedError
from hwlock.evidence.claims import Component
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hwlock.codec.cbor import Value

__all__ = [
    "DIGEST_BYTES",
    "MAX_COMPONENTS",
    "MAX_PER_KIND",
    "NAMES",
    "SALT_BYTES",
    "UNIQUE",
    "WEIGHTS",
    "ComponentDigest",
    "HostClaims",
    "Match",
    "appraise",
    "claim",
    "effective",
    "found",
    "match",
    "named",
    "overlap",
    "threshold",
    "weigh",
]

SALT_BYTES = 16
DIGEST_BYTES = 16
MAX_COMPONENTS = 32
MAX_PER_KIND = 8
MAX_WEIGHT = 100
MAX_KIND_CHARS = 32

WEIGHTS = {
    "device-tree": 40,
    "disk": 25,
    "firmware-uuid": 25,
    "nic": 20,
    "board-serial": 15,
    "system-serial": 15,
    "board": 15,
    "cpu": 10,
    "asset-tag": 5,
    "machine-id": 5,
    "memory": 5,
}

# Kinds whose value the maker gives to one machine or part alone.
UNIQUE = frozenset(("device-tree", "disk", "firmware-uuid", "nic", "board-serial", "system-serial"))

# What a person calls them.
NAMES = {
    "device-tree": "board serial number",
    "disk": "disk",
    "firmware-uuid": "firmware UUID",
    "nic": "network adapter",
    "board-serial": "mainboard serial number",
    "system-serial": "computer serial number",
    "board": "mainboard model",
    "cpu": "processor",
    "asset-tag": "asset tag",
    "machine-id": "operating system identity",
    "memory": "memory size",
}

_KIND_CHARS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


class ComponentDigest(Record):
    """One component as it travels: `digest` is 16 bytes, `weight` 1 to 100."""

    kind: str
    digest: bytes
    weight: int

    def encode(self) -> Value:
        """Return the map that stands for it: 1 kind, 2 digest, 3 weight."""
        return {1: self.kind, 2: self.digest, 3: self.weight}

    @classmethod
    def parse(cls, fields: Fields) -> ComponentDigest:
        """Read the map strictly; FormatError."""
        kind = fields.text(1, "kind", max_bytes=MAX_KIND_CHARS)
        digest = fields.bytes(2, "digest", size=DIGEST_BYTES)
        weight = fields.uint(3, "weight", max_value=MAX_WEIGHT)
        fields.done()
        if not kind or not _KIND_CHARS.issuperset(kind):
            raise _malformed("the kind of a component is not a lower-case word")
        if weight < 1:
            raise _malformed("a component weighs nothing")
        return cls(kind=kind, digest=digest, weight=weight)


class HostClaims(Record):
    """A machine's fingerprint as it travels: a 16-byte `salt`, 1 to 32 `components`."""

    salt: bytes
    components: tuple[ComponentDigest, ...]

    def encode(self) -> Value:
        """Return the map that stands for it: 1 salt, 2 array of components."""
        return {1: self.salt, 2: tuple(each.encode() for each in self.components)}

    @classmethod
    def parse(cls, fields: Fields) -> HostClaims:
        """Read the map strictly; FormatError for what `encode` would not have written."""
        salt = fields.bytes(1, "salt", size=SALT_BYTES)
        rows = fields.array(2, "components", max_items=MAX_COMPONENTS)
        fields.done()
        if not rows:
            raise _malformed("it has no components")
        components = tuple(ComponentDigest.parse(Fields(row, "component")) for row in rows)
        # A digest that counts twice would let one part stand for two.
        if len({each.digest for each in components}) != len(components):
            raise _malformed("two components are the same")
        return cls(salt=salt, components=components)


class Match(Record):
    """How well a machine fits an anchor, in points of weight.

    `missing` and `same` hold one kind per component: those that are gone or changed, and
    those that still fit. `spare` is what may still be lost before `score` falls under
    `needed`; 0 where it already has.
    """

    score: int
    needed: int
    total: int
    missing: tuple[str, ...]
    same: tuple[str, ...]
    spare: int

    @property
    def matched(self) -> bool:
        """Whether this counts as the same machine."""
        return self.score >= self.needed

    def findings(self) -> tuple[Finding, ...]:
        """Return what a person is told: nothing where nothing has changed.

        A warning while the machine still fits; else a denial that says whether it looks
        like another machine or like this one with too many new parts.
        """
        if not self.missing:
            if self.matched:
                return ()
            return (Finding("HWL-HOST-WEAK", "deny", found=named(self.same)),)
        if self.matched:
            tolerance = self.total - self.needed
            details = {"changed": named(self.missing), "spare": self.spare, "tolerance": tolerance}
            return (Finding("HWL-HOST-CHANGED", "warn", **details),)
        known = not UNIQUE.isdisjoint(self.same)
        found = Finding(
            "HWL-HOST-TOO-CHANGED" if known else "HWL-HOST-OTHER",
            "deny",
            changed=named(self.missing),
            same=named(self.same) or "nothing",
            score=self.score,
            needed=self.needed,
        )
        return (found,)


def weigh(parts: Iterable[tuple[str, bytes]]) -> tuple[Component, ...]:
    """Return (kind, value) pairs as components: each once, ordered, weighed, 8 of a kind.

    Which 8 of more are taken depends on their values alone, not on the order in which the
    system found them.
    """
    kinds: dict[str, list[bytes]] = {}
    for kind, value in sorted(set(parts)):
        kinds.setdefault(kind, []).append(value)
    return tuple(
        Component(kind=kind, value=value, weight=_share(kind, len(values[:MAX_PER_KIND])))
        for kind, values in kinds.items()
        for value in values[:MAX_PER_KIND]
    )


def _share(kind: str, count: int) -> int:
    whole = WEIGHTS[kind]
    if count == 1:
        return whole
    return max(1, whole * 7 // 10 if count == 2 else whole * 16 // (10 * count))


def claim(components: Sequence[Component], salt: bytes) -> HostClaims:
    """Return what a request says of `components`, digested with `salt` (16 bytes).

    In the order of their digests, which says nothing of the machine.
    """
    made = (
        ComponentDigest(
            kind=each.kind,
            digest=fingerprint.digest(salt, each.kind, each.value)[:DIGEST_BYTES],
            weight=each.weight,
        )
        for each in components
    )
    return HostClaims(salt=salt, components=tuple(sorted(made, key=lambda each: each.digest)))


def _floor(components: Sequence[Component | ComponentDigest]) -> int:
    """Rule 3: the least score that shows two kinds, and one of them unique."""
    sums: dict[str, int] = {}
    for each in components:
        sums[each.kind] = sums.get(each.kind, 0) + each.weight
    shared = sum(weight for kind, weight in sums.items() if kind not in UNIQUE)
    return 1 + max(shared, *sums.values(), 0)


def threshold(components: Sequence[Component | ComponentDigest]) -> int:
    """Return the score that is needed by default (rules 2 and 3).

    More than the total where these components cannot tell machines apart at all.
    """
    total = sum(each.weight for each in components)
    return max((total * 60 + 99) // 100, _floor(components))


def appraise(claims: HostClaims) -> int:
    """Return the default threshold of `claims`; UntrustedError where they prove nothing."""
    needed = threshold(claims.components)
    if needed > sum(each.weight for each in claims.components):
        kinds = named(each.kind for each in claims.components)
        raise UntrustedError("HWL-HOST-WEAK", found=kinds)
    return needed


def match(
    anchor_components: Sequence[ComponentDigest],
    salt: bytes,
    needed: int,
    present: Sequence[Component],
) -> Match:
    """Compare this machine's components with those that a license names.

    `needed` is the license's threshold; rule 3 raises it where it is too low to mean
    anything.
    """
    mine = tuple(
        (each.kind, fingerprint.digest(salt, each.kind, each.value)[:DIGEST_BYTES])
        for each in present
    )
    return _compare(anchor_components, mine, needed)


def effective(components: Sequence[Component | ComponentDigest], needed: int) -> int:
    """Return what a match really needs: `needed`, or more where rule 3 asks for it."""
    return max(needed, _floor(components))


def found(wanted: ComponentDigest, salt: bytes, present: Sequence[Component]) -> Component | None:
    """Return the component of this machine that a license names, None where it is not here."""
    for each in present:
        digest = fingerprint.digest(salt, each.kind, each.value)[:DIGEST_BYTES]
        if _has(((each.kind, digest),), wanted):
            return each
    return None


def overlap(anchor_components: Sequence[ComponentDigest], needed: int, claims: HostClaims) -> Match:
    """Compare what a machine claims with what an earlier license names, of the same salt.

    The same rules as in `match`, for the vendor, who only ever sees digests.
    """
    mine = tuple((each.kind, each.digest) for each in claims.components)
    return _compare(anchor_components, mine, needed)


def _compare(
    anchor_components: Sequence[ComponentDigest], mine: Sequence[tuple[str, bytes]], needed: int
) -> Match:
    missing: list[str] = []
    same: list[str] = []
    score = 0
    for each in anchor_components:
        if _has(mine, each):
            score += each.weight
            same.append(each.kind)
        else:
            missing.append(each.kind)
    needed = effective(anchor_components, needed)
    return Match(
        score=score,
        needed=needed,
        total=sum(each.weight for each in anchor_components),
        missing=tuple(sorted(missing)),
        same=tuple(sorted(same)),
        spare=max(0, score - needed),
    )


def _has(mine: Iterable[tuple[str, bytes]], wanted: ComponentDigest) -> bool:
    found = False
    for kind, digest in mine:
        # No early way out: how far the comparison got stays unknown.
        found |= kind == wanted.kind and constant.equal(digest, wanted.digest)
    return found


def named(kinds: Iterable[str]) -> str:
    """Return kinds as a person reads them: "2 disks, processor and memory size"."""
    counts: dict[str, int] = {}
    for kind in kinds:
        counts[kind] = counts.get(kind, 0) + 1
    words = [
        NAMES.get(kind, kind) if count == 1 else f"{count} {NAMES.get(kind, kind)}s"
        for kind, count in counts.items()
    ]
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def _malformed(detail: str) -> FormatError:
    return FormatError("HWL-HOST-CLAIMS", stage="field", detail=detail)
