"""How long from the start of a process to a verdict, next to what Python itself takes.

    python tools/bench/coldstart.py [--runs N] [--json] [--only NAME]...

Each round starts every contender once, in turn, so that a slow moment of the machine falls on
all of them. The figures are wall-clock milliseconds of whole processes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from hwlock.errors import UnsupportedError
from hwlock.testing import host_tree
from hwlock.testing.swtpm import SoftwareTpm

__all__ = ["Contender", "contenders", "main", "measure"]

# What a program would do by hand with the usual library: one Ed25519 signature, verified.
_BY_HAND = """
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
key, signature, message = map(bytes.fromhex, {values!r})
Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
"""


_HWLOCK = [sys.executable, "-m", "hwlock"]


class Contender:
    """One process to time: its `name`, `argv`, and what its environment has besides ours."""

    def __init__(
        self, name: str, argv: Sequence[str], env: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.argv = list(argv)
        self.env = {**os.environ, **(env or {})}
        # As an installed package is: compiled once, not at each start.
        self.env.pop("PYTHONDONTWRITEBYTECODE", None)

    def run(self) -> float:
        """Run it once; return its wall-clock milliseconds; a failure ends the benchmark."""
        start = time.perf_counter()
        self.output()
        return (time.perf_counter() - start) * 1000

    def output(self) -> bytes:
        """Run it once; return what it printed; a failure ends the benchmark."""
        done = subprocess.run(self.argv, env=self.env, capture_output=True, check=False)
        if done.returncode:
            words = (done.stderr or done.stdout).decode("utf-8", "replace")
            raise SystemExit(f"{self.name}: exit status {done.returncode}\n{words}")
        return done.stdout


def contenders(folder: str, opened: ExitStack) -> list[Contender]:
    """Return what is compared; files that it needs are made in `folder`."""
    by_hand = os.path.join(folder, "by_hand.py")
    with open(by_hand, "w", encoding="utf-8") as file:
        file.write(_BY_HAND.format(values=_signed()))
    return [
        Contender("python -c pass", [sys.executable, "-c", "pass"]),
        Contender("import hwlock", [sys.executable, "-c", "import hwlock"]),
        Contender("cryptography, by hand", [sys.executable, by_hand]),
        *_verdicts(folder, "fingerprint", f"host:root={_laptop(folder)}"),
        *_tpm_verdicts(folder, opened),
    ]


def _laptop(folder: str) -> str:
    """Make the parts of an imaginary laptop: the machine under test may have none that count."""
    return host_tree.VirtualHost(os.path.join(folder, "laptop"), host_tree.LAPTOP).root


def _tpm_verdicts(folder: str, opened: ExitStack) -> list[Contender]:
    """Return the verdicts of a license in a software TPM, where swtpm is installed."""
    try:
        tpm = opened.enter_context(SoftwareTpm(os.path.join(folder, "tpm")))
    except UnsupportedError as error:
        print(f"left out: {error.message}; {error.hint}", file=sys.stderr)
        return []
    return _verdicts(folder, "swtpm", tpm.uri)


def _verdicts(folder: str, name: str, device: str) -> list[Contender]:
    """License a home bound to `device` by the real commands; return what asks for a verdict."""
    home = os.path.join(folder, name)
    product = os.path.join(home, "acme-cad.hwproduct")
    env = {
        "HWLOCK_HOME": os.path.join(home, "store"),
        "HWLOCK_VENDOR": os.path.join(home, "desk"),
        "HWLOCK_PASSPHRASE": "bench",
    }
    os.mkdir(home)
    kind = device.partition(":")[0]

    def hwlock(*words: str) -> dict[str, object]:
        done = Contender(name, [*_HWLOCK, *words, "--json"], env)
        told = json.loads(done.output())
        return told if isinstance(told, dict) else {}

    hwlock("vendor", "init", "--name", "Bench")
    hwlock("vendor", "product", "add", "acme-cad")
    hwlock("vendor", "product", "export", "acme-cad", "-o", product)
    sold = ("--product", "acme-cad", "--customer", "Bench", "--perpetual", "--bind", kind)
    key = str(hwlock("vendor", "entitlement", "add", *sold)["key"])
    asked, answered = os.path.join(home, "a.hwreq"), os.path.join(home, "a.hwres")
    hwlock("request", "--product", product, "--key", key, "--device", device, "-o", asked)
    hwlock("respond", asked, "-o", answered)
    hwlock("activate", answered)
    guard = f"from hwlock import Guard; Guard({product!r}).check().require()"
    return [
        Contender(f"Guard, {name} license", [sys.executable, "-c", guard], env),
        Contender(f"hwlock check, {name} license", [*_HWLOCK, "check"], env),
    ]


def _signed() -> list[str]:
    """Return a fresh public key, signature and message, in hexadecimal."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private, message = Ed25519PrivateKey.generate(), b"a license of the usual size" * 20
    public = private.public_key().public_bytes_raw()
    return [public.hex(), private.sign(message).hex(), message.hex()]


def measure(chosen: Sequence[Contender], runs: int) -> dict[str, list[float]]:
    """Return milliseconds by name: `runs` rounds in turn, after one that warms the caches."""
    times: dict[str, list[float]] = {contender.name: [] for contender in chosen}
    for contender in chosen:
        contender.run()
    for _ in range(runs):
        for contender in chosen:
            times[contender.name].append(contender.run())
    return times


def _figures(times: Mapping[str, list[float]]) -> list[dict[str, float | str]]:
    """Return one row a contender; `over_ms` is the median beyond that of the first."""
    base = statistics.median(next(iter(times.values())))
    rows: list[dict[str, float | str]] = []
    for name, values in times.items():
        low, median, high = statistics.quantiles(values, n=4)
        figures = {
            "median_ms": median,
            "over_ms": median - base,
            "q1_ms": low,
            "q3_ms": high,
            "min_ms": min(values),
            "max_ms": max(values),
        }
        rows.append({"name": name, **{key: round(value, 2) for key, value in figures.items()}})
    return rows


def _machine() -> str:
    return (
        f"{platform.python_implementation()} {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs, "
        f"load {os.getloadavg()[0]:.1f}"
    )


def _print(rows: Sequence[Mapping[str, float | str]], runs: int) -> None:
    print(f"{_machine()}; {runs} runs each, in turn; milliseconds\n")
    print(f"{'':28} {'median':>8} {'over':>8} {'q1':>8} {'q3':>8} {'min':>8} {'max':>8}")
    for row in rows:
        figures = " ".join(f"{value:8.1f}" for value in list(row.values())[1:])
        print(f"{row['name']:28} {figures}")


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="From the start of a process to a verdict.")
    parser.add_argument("--runs", type=int, default=30, help="rounds, at least 2 (30)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--only", action="append", metavar="NAME", help="this contender")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Measure, and print a table or an object; return an exit status."""
    options = _arguments(arguments)
    with tempfile.TemporaryDirectory(prefix="hwlock-") as folder, ExitStack() as opened:
        chosen = [
            contender
            for contender in contenders(folder, opened)
            if not options.only or contender.name in options.only
        ]
        rows = _figures(measure(chosen, max(options.runs, 2)))
    if options.json:
        print(json.dumps({"machine": _machine(), "runs": options.runs, "results": rows}, indent=2))
    else:
        _print(rows, options.runs)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
