"""Our core next to `cryptography`, PyNaCl, OpenSSL and libsodium, from Python and from C.

    python tools/bench/core.py [--runs N] [--json]

Each round starts two processes, in turn, on one processor: one that times everything from Python
(`_operations.py`), one from C (csrc/tests/times.c, where there is a compiler). Their shared
objects and programs are fresh copies in each round, as one copy can be 1.3 to 2 times as slow by
its place in memory. Figures are microseconds an operation: the fastest round, the median, and the
middle half. On a machine that has other work to do, the fastest is what to compare.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence

__all__ = ["machine", "main"]

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
C_ROUNDS = 3  # in a process from C, of which the fastest counts
Name = tuple[str, str, str]
"""Called from; the group; who."""


class Comparison:
    """Two operations of the same round: `name`, and what of them is told, `sign` - or /."""

    def __init__(self, name: str, sign: str, one: Name, other: Name, aim: str) -> None:
        self.name, self.sign, self.one, self.other, self.aim = name, sign, one, other, aim

    def of(self, times: dict[Name, list[float]]) -> dict[str, object] | None:
        """Return the row: of the fastest of both, and the median of all rounds."""
        if self.one not in times or self.other not in times:
            return None
        pairs = zip(times[self.one], times[self.other], strict=True)
        values = [self._value(one, other) for one, other in pairs]
        fastest = self._value(min(times[self.one]), min(times[self.other]))
        median = round(statistics.median(values), 2)
        return {"name": self.name, "fastest": round(fastest, 2), "median": median, "aim": self.aim}

    def _value(self, one: float, other: float) -> float:
        return one - other if self.sign == "-" else one / other


_LARGE = "SHA-256, 64 MiB"
_KEPT = ("Ed25519, 300 bytes, key kept", "P-256, 300 bytes, key kept")
_IFMA = "avx512-ifma"
COMPARISONS = (
    Comparison(
        "Ed25519 from Python over C, µs",
        "-",
        ("Python", _KEPT[0], "hwlock, prepared"),
        ("C", "Ed25519, prepared", _IFMA),
        "≤ 0.4",
    ),
    Comparison(
        "P-256 from Python over C, µs",
        "-",
        ("Python", _KEPT[1], "hwlock, prepared"),
        ("C", "P-256, prepared", _IFMA),
        "≤ 0.4",
    ),
    Comparison(
        "SHA-256, 300 bytes from Python over C, µs",
        "-",
        ("Python", "SHA-256, 300 bytes", "hwlock"),
        ("C", "SHA-256, 300 bytes", _IFMA),
        "≤ 0.4",
    ),
    Comparison(
        "SHA-256, 64 MiB, as fast as hashlib's OpenSSL",
        "/",
        ("Python", _LARGE, "hashlib"),
        ("Python", _LARGE, "hwlock"),
        "≥ 1.0",
    ),
    Comparison(
        "SHA-256, 64 MiB, as fast as cryptography's OpenSSL",
        "/",
        ("Python", _LARGE, "cryptography"),
        ("Python", _LARGE, "hwlock"),
        "≥ 1.0",
    ),
    Comparison(
        "SHA-256, 64 MiB, as fast in 8 files at once as in one",
        "/",
        ("Python", _LARGE, "hwlock"),
        ("Python", _LARGE, "hwlock, as 8 files"),
        "≥ 1.5",
    ),
)


def c_program() -> str | None:
    """Build csrc/tests/times.c with the core; return its path, None where that is not possible."""
    output = os.path.join(TOP, "build", "csrc-tests")
    command = ["make", "-s", "-C", os.path.join(TOP, "csrc", "tests"), f"OUT={output}"]
    program = os.path.join(output, "times-gcc")
    os.makedirs(output, exist_ok=True)
    try:
        done = subprocess.run([*command, f"PYTHON={sys.executable}", program], check=False)
    except FileNotFoundError:
        return None
    return program if done.returncode == 0 else None


def from_python(folder: str) -> dict[Name, float]:
    """Return one round of what is called from Python."""
    script = os.path.join(HERE, "_operations.py")
    done = subprocess.run([sys.executable, script, folder], capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr.decode("utf-8", "replace"))
    return {("Python", group, who): took for group, who, took in json.loads(done.stdout)}


def from_c(folder: str, program: str) -> dict[Name, float]:
    """Return one round of what is called from C."""
    copy = os.path.join(folder, "times")
    shutil.copy(program, copy)
    done = subprocess.run([copy, str(C_ROUNDS)], capture_output=True, check=True)
    lines = [line.split("\t") for line in done.stdout.decode().splitlines()]
    return {("C", group, who): float(took) for group, who, took in lines}


def measure(runs: int) -> dict[Name, list[float]]:
    """Return the times of all operations, of `runs` rounds on one processor."""
    program = c_program()
    times: dict[Name, list[float]] = {}
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    for _ in range(runs):
        with tempfile.TemporaryDirectory(prefix="hwlock-bench-") as folder:
            found = from_python(folder)
            if program is not None:
                found |= from_c(folder, program)
        for name, took in found.items():
            times.setdefault(name, []).append(took)
    return times


def machine() -> dict[str, str]:
    """Return what the figures depend on."""
    from cryptography.hazmat.backends.openssl import backend

    found = {"python": platform.python_version(), "openssl": backend.openssl_version_text()}
    for name in ("hwlock", "cryptography", "PyNaCl"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    found["hashlib"], found["compiler"] = _hashlib(), _compiler()
    load = f"{os.getloadavg()[0]:.1f} on {os.cpu_count()}" if hasattr(os, "getloadavg") else ""
    return {"cpu": _cpu(), "system": platform.platform(), "load": load, **found}


def _hashlib() -> str:
    import ssl

    return ssl.OPENSSL_VERSION


def _compiler() -> str:
    try:
        done = subprocess.run(["gcc", "--version"], capture_output=True, check=False)
    except FileNotFoundError:
        return "none"
    return done.stdout.decode("utf-8", "replace").partition("\n")[0]


def _cpu() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model na")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def rows(times: dict[Name, list[float]]) -> list[dict[str, object]]:
    """Return one row for each operation: microseconds, fastest, median and quartiles."""
    shown: list[dict[str, object]] = []
    for (caller, group, who), values in times.items():
        low, median, high = statistics.quantiles(values, n=4)
        figures = {"fastest_us": min(values), "median_us": median, "q1_us": low, "q3_us": high}
        told = {key: round(value, 2) for key, value in figures.items()}
        shown.append({"from": caller, "group": group, "name": who, **told})
    return shown


def show(told: dict[str, object]) -> None:
    """Print what was measured as a table."""
    described, found, compared = told["machine"], told["results"], told["comparisons"]
    assert isinstance(described, dict) and isinstance(found, list) and isinstance(compared, list)
    for name, value in described.items():
        print(f"{name:13} {value}")
    print(f"{'rounds':13} {told['runs']}\n")
    print(f"{'microseconds an operation':60} {'fastest':>10} {'median':>10}  middle half")
    for row in found:
        title = f"{row['from']:6} {row['group']}: {row['name']}"
        figures = f"{row['fastest_us']:>10} {row['median_us']:>10}"
        print(f"{title:60} {figures}  {row['q1_us']} to {row['q3_us']}")
    print(f"\n{'compared':60} {'fastest':>10} {'median':>10}  aim")
    for row in compared:
        print(f"{row['name']:60} {row['fastest']:>10} {row['median']:>10}  {row['aim']}")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=30, help="rounds, at least 2 (30)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(argv)
    described, runs = machine(), max(2, options.runs)
    times = measure(runs)
    compared = [row for row in (each.of(times) for each in COMPARISONS) if row is not None]
    told: dict[str, object] = {"machine": described, "runs": runs, "results": rows(times)}
    told["comparisons"] = compared
    if options.json:
        print(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        show(told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
