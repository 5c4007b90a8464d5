"""Are the application's own files those that the vendor shipped?

::

    from hwlock.enforce import integrity

    integrity.verify(product, manifest, "/opt/acme-cad").require()

Files are hashed by the core, several at a time: it lets go of the interpreter while it works.
Everything that is wrong is found and reported, not only the first.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase

from hwlock.errors import DeniedError, Finding
from hwlock.license.manifest import Manifest
from hwlock.record import Record
from hwlock.store.tree import digest_of, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.crypto.trust import Product

__all__ = ["Report", "verify"]

_SHOWN = 20


class Report(Record):
    """What was found: paths relative to the folder, sorted. `excepted` are changed or added too."""

    product_id: str
    checked: int
    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong, a finding a kind: changed and missing deny, added warns."""
        found = []
        if self.changed:
            count, paths = len(self.changed), _named(self.changed)
            found.append(Finding("HWL-FILES-CHANGED", "deny", count=count, paths=paths))
        if self.missing:
            count, paths = len(self.missing), _named(self.missing)
            found.append(Finding("HWL-FILES-MISSING", "deny", count=count, paths=paths))
        if self.added:
            count, paths = len(self.added), _named(self.added)
            found.append(Finding("HWL-FILES-ADDED", "warn", count=count, paths=paths))
        return tuple(found)

    def require(self) -> None:
        """Return if every file is as it was shipped; DeniedError with all findings."""
        if self.changed or self.missing:
            raise DeniedError("HWL-FILES-DENIED", findings=self.findings, product=self.product_id)


def verify(product: Product, manifest: bytes, folder: str) -> Report:
    """Compare the files under `folder` with a signed manifest.

    FormatError, UntrustedError where the manifest is not genuine. A link is a change: what it
    leads to is not what was shipped.
    """
    expected = Manifest.verify(manifest, product)
    listed = dict(expected.files)
    here = set(walk(folder))
    digests = _digests(folder, sorted(here & listed.keys()))
    wrong = {path for path, digest in digests if digest != listed[path]}
    missing, added = listed.keys() - here, here - listed.keys()
    excepted = {path for path in wrong | missing | added if _matches(path, expected.exceptions)}
    return Report(
        product_id=product.id,
        checked=len(listed),
        changed=tuple(sorted(wrong - excepted)),
        missing=tuple(sorted(missing - excepted)),
        added=tuple(sorted(added - excepted)),
        excepted=tuple(sorted(excepted)),
    )


def _digests(folder: str, paths: list[str]) -> list[tuple[str, bytes | None]]:
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        digests = pool.map(lambda path: digest_of(folder, path), paths)
        return list(zip(paths, digests, strict=True))


def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in patterns)


def _named(paths: tuple[str, ...]) -> str:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(paths[:_SHOWN]) + more
