"""What build_ext.py compiles: `ffi` of cffi, and `lib` with the functions of csrc/include/hwlock.h."""

from typing import Any, Final

ffi: Final[Any]
lib: Final[Any]
