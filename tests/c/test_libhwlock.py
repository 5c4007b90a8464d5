"""libhwlock as a program finds it once installed: header, libraries, names, and an example."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

import hwlock
from hwlock.codec import armor
from hwlock.license.model import Feature, Model
from hwlock.license.revocation import LICENSE, Entry, Listed, publish
from hwlock.record import replace
from hwlock.testing.customer import parts_of
from hwlock.testing.vendor import SOLD_AT, Vendor

CSRC = Path(__file__).parents[2] / "csrc"
EXAMPLE = CSRC / "examples" / "open_license.c"
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]


class Installed(NamedTuple):
    """Where libhwlock was installed: everything, and its folder of libraries."""

    prefix: Path
    lib: Path


def run(*command: object, **options: object) -> str:
    """Run a command that must succeed; return what it printed."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}{done.stderr}"
    return str(done.stdout)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Build libhwlock and install it into a folder of its own."""
    build, prefix = tmp_path_factory.mktemp("build"), tmp_path_factory.mktemp("prefix")
    run("cmake", "-S", CSRC, "-B", build, f"-DCMAKE_INSTALL_PREFIX={prefix}")
    run("cmake", "--build", build, "-j2")
    run("cmake", "--install", build)
    (archive,) = prefix.rglob("libhwlock.a")
    return Installed(prefix, archive.parent)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a product file, revocation lists, and licenses that are good or not."""
    folder = tmp_path_factory.mktemp("files")
    vendor, other = Vendor(), Vendor(name="Other")
    (folder / "product").write_bytes(vendor.product.raw)
    good = vendor.license(vendor.terms(days=None))
    ended = vendor.license(vendor.terms(issued_at=SOLD_AT - timedelta(hours=9), days=1))
    (folder / "good").write_text(armor.encode(good, "LICENSE"))
    (folder / "binary").write_bytes(good)
    (folder / "ended").write_bytes(ended)
    (folder / "damaged").write_text(armor.encode(good, "LICENSE").replace("A", "B", 1))
    (folder / "forged").write_bytes(other.license(other.terms(days=None)))
    kept = Model(
        kind="maintenance",
        maintained_until=SOLD_AT + timedelta(days=100),
        features=(Feature(name="sim", expires_at=SOLD_AT + timedelta(hours=1)),),
    )
    terms = replace(vendor.terms(days=None), model=kept)
    (folder / "maintained").write_bytes(vendor.license(terms))
    taken = Entry(kind=LICENSE, subject=vendor.terms().id, since=SOLD_AT)
    for name, entries in (("list", ()), ("taken", (taken,))):
        listed = Listed(product_id="acme-cad", number=1, base=0, issued_at=SOLD_AT, entries=entries)
        (folder / name).write_bytes(publish(listed, vendor.issuer, vendor.delegation))
    return folder


def exported(header: str = "include/hwlock.h") -> set[str]:
    """Return the functions that the header declares."""
    text = re.sub(r"/\*.*?\*/", " ", (CSRC / header).read_text(), flags=re.DOTALL)
    return set(re.findall(r"^(?:int|void|const char \*)\s*(hwlock_\w+)\(", text, re.MULTILINE))


def flags(installed: Installed, *options: str) -> list[str]:
    """Return what pkg-config says of the installed library."""
    env = {"PKG_CONFIG_PATH": str(installed.lib / "pkgconfig"), "PATH": "/usr/bin:/bin"}
    return run("pkg-config", *options, "hwlock", env=env).split()


def compiled(command: list[str], installed: Installed, folder: Path, *, static: bool) -> Path:
    """Compile the example as its users would; return the program."""
    program = folder / "open_license"
    libraries = flags(installed, "--libs")
    if static:
        libraries = [str(installed.lib / "libhwlock.a")]
    else:
        libraries.append(f"-Wl,-rpath,{installed.lib}")
    run(*command, *WARNINGS, EXAMPLE, *flags(installed, "--cflags"), "-o", program, *libraries)
    return program


def opens(program: Path, files: Path, license: str, parts: list[str]) -> tuple[int, str]:
    """Run the example on a license; return its status and what it said."""
    command = [program, files / "product", files / license, *parts]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def check_example(program: Path, files: Path) -> None:
    """Let the example open every license."""
    parts = [f"{kind}={value.decode()}" for kind, value in parts_of("alpha")]
    for name in ("good", "binary"):
        status, said = opens(program, files, name, parts)
        assert status == 0, said
        assert said.splitlines() == [
            "score 75 of 75, needed 45", "customer Zoë Müller GmbH", "perpetual",
            "feature cad", "feature sim", "allowed",
        ]  # fmt: skip
    status, said = opens(program, files, "maintained", parts)
    assert status == 0, said
    assert said.splitlines()[-3:] == [
        "warning: a feature has ended (sim) [HWL-FEATURE-ENDED]", "feature cad", "allowed"
    ]  # fmt: skip
    assert opens(program, files, "good", [f"@{files / 'list'}", *parts])[0] == 0
    taken = [f"@{files / 'taken'}", *parts]
    for name, given, words in (
        ("good", [], "denied: this is another machine"),
        ("good", taken, "denied: the vendor took this license back [HWL-REVOKED-LICENSE]"),
        ("good", [f"@{files / 'product'}", *parts], "(HWL-COSE-TYP)"),
        ("ended", parts, "denied: the license has ended"),
        ("damaged", parts, "in line 1 of the block"),
        ("forged", parts, "(HWL-TRUST-ROOT)"),
        ("product", parts, "(HWL-COSE-TYP)"),
    ):
        status, said = opens(program, files, name, given)
        assert status == 1
        assert words in said


@pytest.mark.parametrize("static", [False, True], ids=["shared", "static"])
@pytest.mark.parametrize(
    "command",
    [["gcc", "-std=c11"], ["clang", "-std=c11"], ["g++", "-std=c++14", "-x", "c++"]],
    ids=lambda command: command[0],
)
def test_the_example_opens_real_licenses(installed, files, tmp_path, command, static) -> None:
    """Found by pkg-config, compiled as C and as C++, with warnings as errors."""
    if static and command[-1] == "c++":
        command = [*command[:-2]]  # the archive is no C++
    check_example(compiled(command, installed, tmp_path, static=static), files)


def test_cmake_finds_the_library(installed, files, tmp_path) -> None:
    """find_package(hwlock) gives hwlock::hwlock and hwlock::static."""
    run("cmake", "-S", EXAMPLE.parent, "-B", tmp_path, f"-DCMAKE_PREFIX_PATH={installed.prefix}")
    run("cmake", "--build", tmp_path)
    check_example(tmp_path / "open_license", files)
    check_example(tmp_path / "open_license_static", files)


@pytest.mark.parametrize(
    "command",
    [["gcc", "-std=c99"], ["clang", "-std=c11"], ["g++", "-std=c++11", "-x", "c++"]],
    ids=lambda command: command[0],
)
def test_the_header_stands_alone(tmp_path, command) -> None:
    """It is all that a file includes."""
    source = tmp_path / "alone.c"
    source.write_text("#include <hwlock.h>\nint main(void) { return HWLOCK_OK; }\n")
    run(*command, *WARNINGS, f"-I{CSRC / 'include'}", "-fsyntax-only", source)


def test_libraries_show_the_header_and_nothing_else(installed) -> None:
    """No name of ours meets one of the program's own, in the static library either."""
    shared = run("nm", "-D", "--defined-only", "--format=posix", installed.lib / "libhwlock.so")
    static = run("nm", "-g", "--defined-only", "--format=posix", installed.lib / "libhwlock.a")
    for listed in (shared, static):
        names = {line.split()[0] for line in listed.splitlines() if len(line.split()) > 1}
        assert names == exported()


def test_the_shared_library_is_hardened_and_named(installed) -> None:
    """Relocations read-only, a guard on the stack, CET; a numbered soname; the C library alone."""
    dynamic = run("readelf", "-dlW", installed.lib / "libhwlock.so")
    assert "soname: [libhwlock.so.0]" in dynamic
    assert "GNU_RELRO" in dynamic
    assert "BIND_NOW" in dynamic
    assert set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)) <= {"libc.so.6"}
    stack = next(line for line in dynamic.splitlines() if "GNU_STACK" in line)
    assert stack.split()[-2] == "RW"
    assert "__stack_chk_fail" in run("nm", "-D", "-u", installed.lib / "libhwlock.so")
    if platform.machine() == "x86_64":
        listing = run("objdump", "-d", installed.lib / "libhwlock.so")
        begins = re.findall(r"<(hwlock_\w+)>:\n[^\n]*\t(\w+)", listing)
        assert {name for name, first in begins if first == "endbr64"} >= exported()


def test_versions_agree(installed) -> None:
    """The library, pkg-config and the Python package have one version."""
    assert flags(installed, "--modversion") == [hwlock.__version__]
    assert (installed.lib / f"libhwlock.so.{hwlock.__version__}").exists()


def test_the_library_asks_for_no_memory(installed) -> None:
    """The core has no heap, no files, no output: what it takes from outside are five words."""
    taken = run("nm", "-u", "--format=posix", installed.lib / "libhwlock.a")
    names = {line.split()[0] for line in taken.splitlines() if line.split()[1:] == ["U"]}
    harmless = {"memcpy", "memset", "memcmp", "memchr", "memmove", "strlen", "strcmp", "strchr"}
    assert names - {"__stack_chk_fail", "_GLOBAL_OFFSET_TABLE_"} <= harmless
    assert shutil.which("nm")
