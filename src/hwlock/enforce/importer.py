"""Python modules that need the license: sealed files that `import` can load.

::

    from hwlock.enforce import importer

    with importer.modules(grant.open, "plugins"):
        import solver                     # plugins/solver.py.hwsealed

A module `a.b` is the file `a/b.py.hwsealed` of the folder, a package `a/__init__.py.hwsealed`.
The source is compiled in memory; nothing decrypted is written, and no `.pyc` is kept.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import os
import sys
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import BinaryIO

    Opener = Callable[[str], BinaryIO]

__all__ = ["SUFFIX", "SealedFinder", "modules"]

SUFFIX = ".py.hwsealed"


class SealedFinder(importlib.abc.MetaPathFinder):
    """Finds sealed modules in `folder`; `open_file` opens a sealed file by its path."""

    def __init__(self, open_file: Opener, folder: str) -> None:
        self._open = open_file
        self._folder = os.path.abspath(folder)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a module that is in the folder, else None."""
        stem = os.path.join(self._folder, *fullname.split("."))
        package = os.path.join(stem, "__init__" + SUFFIX)
        place, is_package = (package, True) if os.path.isfile(package) else (stem + SUFFIX, False)
        if not os.path.isfile(place):
            return None
        loader = _SealedLoader(self._open, place, is_package)
        spec = importlib.util.spec_from_loader(
            fullname, loader, origin=place, is_package=is_package
        )
        if spec is not None and is_package:
            spec.submodule_search_locations = [stem]
        return spec


class _SealedLoader(importlib.abc.InspectLoader):
    """Compiles one sealed module."""

    def __init__(self, open_file: Opener, place: str, package: bool) -> None:
        self._open = open_file
        self._place = place
        self._package = package

    def is_package(self, fullname: str) -> bool:
        return self._package

    def get_source(self, fullname: str) -> str | None:
        return None  # a traceback shows no line of it

    def get_code(self, fullname: str) -> CodeType:
        with self._open(self._place) as file:
            source = file.read()
        code: CodeType = compile(source, self._place, "exec", dont_inherit=True)
        return code


@contextmanager
def modules(open_file: Opener, folder: str) -> Iterator[SealedFinder]:
    """Let `import` find the sealed modules of `folder` within this block.

    What was imported stays imported; UntrustedError, DeniedError of `open_file` leave `import`
    as they are.
    """
    finder = SealedFinder(open_file, folder)
    sys.meta_path.append(finder)
    try:
        yield finder
    finally:
        sys.meta_path.remove(finder)
