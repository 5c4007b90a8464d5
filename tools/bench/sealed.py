"""Sealed files: how fast their content is read, next to tools that encrypt as well.

    python tools/bench/sealed.py [--mib N] [--rounds N] [--json]

A file of N MiB (default 1024) is sealed; each round reads it in every way, in turn: as a sealed
file, by `cryptography` alone (AES-256-GCM of chunks of the same size, from memory mapped in), by
`openssl enc` (AES-256-CTR, a process of its own: it has no GCM), and as a plain file. Figures are
MiB a second; memory is what reading the sealed file added to the process at most.
"""

from __future__ import annotations

import argparse
import json
import mmap
import os
import platform
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable

import cryptography
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hwlock.crypto.chunked import CHUNK_BYTES, Chunks, Header
from hwlock.enforce.sealed import open_sealed

__all__ = ["main"]

_KEY = bytes(range(32))
_KEY_ID = bytes(16)
_MIB = 1 << 20
_READ = 1 << 20


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hwlock-bench-") as place:
        found = _measure(place, wanted.mib * _MIB, wanted.rounds)
    print(json.dumps(found) if wanted.json else _table(found))


def _measure(place: str, size: int, rounds: int) -> dict[str, object]:
    sealed, plain, other = (os.path.join(place, name) for name in ("sealed", "plain", "openssl"))
    _write(plain, sealed, size)
    enc = ["openssl", "enc", "-aes-256-ctr", "-K", _KEY.hex(), "-iv", "00" * 16]
    subprocess.run([*enc, "-in", plain, "-out", other], check=True)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _sealed(sealed)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    ways: dict[str, Callable[[], None]] = {
        "sealed file": lambda: _sealed(sealed),
        "cryptography, AES-256-GCM of the chunks": lambda: _cryptography(sealed),
        "openssl enc, AES-256-CTR": lambda: _openssl(enc, other),
        "plain file": lambda: _plain(plain),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, read in ways.items():
            start = time.perf_counter()
            read()
            seconds[name].append(time.perf_counter() - start)
    return {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, cryptography {cryptography.__version__}",
        "mib": size // _MIB,
        "rounds": rounds,
        "load": os.getloadavg()[0],
        "extra_kib": memory,
        "mib_per_s": {
            name: {"median": size / _MIB / statistics.median(took), "best": size / _MIB / min(took)}
            for name, took in seconds.items()
        },
    }


def _write(plain: str, sealed: str, size: int) -> None:
    header = Header.make(
        product_id="bench", key_id=_KEY_ID, salt=os.urandom(32), size=size, name="bench"
    )
    chunks = Chunks(header, _KEY)
    with open(plain, "wb") as one, open(sealed, "wb") as two:
        two.write(header.raw)
        for number in range(header.count):
            data = os.urandom(min(CHUNK_BYTES, size - number * CHUNK_BYTES))
            one.write(data)
            two.write(chunks.seal(number, data))


def _sealed(path: str) -> None:
    buffer = bytearray(_READ)
    with open_sealed(path, "bench", {_KEY_ID: _KEY}.__getitem__) as file:
        while file.readinto(buffer):
            pass


def _cryptography(path: str) -> None:
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        header = Header.parse(data[:1024])
        key = AESGCM(_key_of(header))
        last = header.count - 1
        for number in range(header.count):
            begin, length = header.place(number)
            nonce = number.to_bytes(11, "big") + bytes([number == last])
            key.decrypt(nonce, memoryview(data)[begin : begin + length], None)


def _key_of(header: Header) -> bytes:
    import hashlib
    import hmac

    return hmac.digest(_KEY, b"hwlock sealed file v1\0" + header.raw, hashlib.sha256)


def _openssl(enc: list[str], path: str) -> None:
    subprocess.run([*enc, "-d", "-in", path, "-out", os.devnull], check=True)


def _plain(path: str) -> None:
    buffer = bytearray(_READ)
    with open(path, "rb", buffering=0) as file:
        while file.readinto(buffer):
            pass


def _table(found: dict[str, object]) -> str:
    rows = [str(found["machine"])]
    rows.append(f"{found['mib']} MiB, {found['rounds']} rounds, load {found['load']:.1f}")
    rows.append(f"{'MiB/s':42}{'median':>8}{'best':>8}")
    speeds = found["mib_per_s"]
    assert isinstance(speeds, dict)
    rows += [f"{name:42}{took['median']:8.0f}{took['best']:8.0f}" for name, took in speeds.items()]
    rows.append(f"reading the sealed file took {found['extra_kib']} KiB more memory")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
