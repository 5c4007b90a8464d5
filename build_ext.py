"""Build hwlock._native, the compiled core: paths and flags only; setup.py names it."""

from __future__ import annotations

import os
import platform
import runpy
import sys
import sysconfig
from pathlib import Path

from cffi import FFI

ROOT = Path(__file__).resolve().parent
CSRC = ROOT / "csrc"
# setuptools wants sources and folders relative to the folder of setup.py, with slashes
SOURCES = sorted(f"csrc/src/{path.name}" for path in (CSRC / "src").glob("*.c"))
HEADERS = sorted(f"csrc/{path.relative_to(CSRC).as_posix()}" for path in CSRC.rglob("*.h"))
# Multiples of the base points: computed in a tenth of a second, so not kept
TABLES = "build/base-tables"
runpy.run_path(str(CSRC / "base_tables.py"))["write"](ROOT / TABLES)

if sys.platform == "win32":
    COMPILE, LINK = ["/O2", "/W3", "/guard:cf"], ["/guard:cf"]
else:
    # gcc's vectorizer moves the limbs of a field element through memory: a doubling takes 1.7
    # times as long. No debugging data, no names of folders: the same sources give the same bytes.
    COMPILE = ["-std=c11", "-O3", "-fno-tree-vectorize", "-fvisibility=hidden", "-g0"]
    COMPILE += ["-fstack-protector-strong", f"-ffile-prefix-map={ROOT}=."]
    LINK = []
    words = (sysconfig.get_config_var("LDSHARED") or "cc -shared").split()
    kept = [word for word in words if not word.startswith(("-L", "-Wl,-rpath"))]
    os.environ.setdefault("LDSHARED", " ".join(kept))
if sys.platform == "linux":
    COMPILE += ["-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2"]
    LINK += ["-Wl,-z,relro,-z,now,-z,noexecstack"]
    if platform.machine() in ("x86_64", "i686"):
        COMPILE += ["-fcf-protection=full"]
        LINK += ["-Wl,-z,shstk"]
# One more flag list for tests: HWLOCK_CFLAGS="-DHWLOCK_FORCE_32 -Werror"
COMPILE += os.environ.get("HWLOCK_CFLAGS", "").split()

ffibuilder = FFI()
ffibuilder.cdef((CSRC / "hwlock.cdef.h").read_text())
ffibuilder.set_source(
    "hwlock._native",
    (CSRC / "hwlock.csrc.h").read_text(),
    sources=SOURCES,
    depends=[*HEADERS, "csrc/base_tables.py"],
    include_dirs=["csrc/include", TABLES],
    extra_compile_args=COMPILE,
    extra_link_args=LINK,
    define_macros=[("Py_LIMITED_API", "0x030A0000")],
    py_limited_api=True,
)
