"""What build_ext.py compiles: `ffi` of cffi, and `lib`, the functions of hwlock.h."""

from typing import Any, Final

ffi: Final[Any]
lib: Final[Any]
