"""One round of `core.py`, in a process of its own: each operation timed once, as JSON.

    python tools/bench/_operations.py FOLDER

The shared objects of hwlock, `cryptography` and PyNaCl are copied into FOLDER and loaded from
there: where a file lies in memory can make it 1.3 to 2 times as slow, and a copy lies elsewhere.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import sys
import time
from collections.abc import Callable

__all__ = ["Operation", "main"]

MESSAGE = b"a license of the usual size: " * 10 + b"300 bytes!"
MANY = 64
LONG = 1 << 26
PARTS = 8
PIECE_S, PIECES, LARGE_PIECES = 0.001, 5, 3
COPIED = ("hwlock._native", "cryptography.hazmat.bindings._rust", "nacl._sodium")


def load_copies(folder: str) -> None:
    """Load the modules `COPIED`, those that are installed, from copies in `folder`."""
    for name in COPIED:
        try:
            found = importlib.util.find_spec(name)
        except ModuleNotFoundError:
            continue
        assert found is not None and found.origin is not None
        copy = os.path.join(folder, os.path.basename(found.origin))
        shutil.copyfile(found.origin, copy)
        spec = importlib.util.spec_from_file_location(name, copy)
        assert spec is not None and spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])


class Operation:
    """One thing to time: its `group`, who does it, what runs it, and how many of it a run is."""

    def __init__(self, group: str, who: str, run: Callable[[], object], count: int = 1) -> None:
        self.group = group
        self.who = who
        self.run = run
        self.count = count

    def microseconds(self) -> float:
        """Return what one takes, caches warm: the fastest of `PIECES` pieces of a millisecond.

        The loop and the call of a function that runs it are in it: `main` takes them off.
        """
        self.run()
        repeat = max(1, round(PIECE_S * 1e6 / self._piece(1)))
        pieces = LARGE_PIECES if repeat == 1 else PIECES
        return min(self._piece(repeat) for _ in range(pieces)) / self.count

    def _piece(self, repeat: int) -> float:
        # A turn of another process falls into a long run almost surely, and does not count there;
        # of short ones some are spared, and the clock of the processor is slow to read
        run, clock = self.run, time.thread_time if repeat == 1 else time.perf_counter
        start = clock()
        for _ in range(repeat):
            run()
        return (clock() - start) * 1e6 / repeat


def ed25519() -> list[Operation]:
    """Return ways to verify Ed25519."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

    from hwlock.crypto import ed25519

    signer = Ed25519PrivateKey.generate()
    raw, sig = signer.public_key().public_bytes_raw(), signer.sign(MESSAGE)
    key, peer, load = ed25519.PublicKey(raw), signer.public_key(), Ed25519PublicKey
    prepared, pairs = key.prepare(), [(sig, MESSAGE)] * MANY
    embedded, read = prepared.to_bytes(), ed25519.PreparedKey.from_bytes
    group = "Ed25519, 300 bytes"
    unseen, kept = f"{group}, key not seen", f"{group}, key kept"
    return [
        Operation(unseen, "hwlock", lambda: ed25519.PublicKey(raw).verify(sig, MESSAGE)),
        Operation(unseen, "cryptography", lambda: load.from_public_bytes(raw).verify(sig, MESSAGE)),
        Operation(kept, "hwlock, prepared", lambda: prepared.verify(sig, MESSAGE)),
        Operation(kept, "cryptography", lambda: peer.verify(sig, MESSAGE)),
        *pynacl(kept, raw, sig),
        Operation(kept, f"hwlock, {MANY} in a call", lambda: prepared.verify_many(pairs), MANY),
        Operation("Ed25519, key", "hwlock, to prepare", key.prepare),
        Operation("Ed25519, key", "hwlock, to read", lambda: read(embedded, raw)),
    ]


def pynacl(group: str, raw: bytes, sig: bytes) -> list[Operation]:
    """Return PyNaCl's way, where it is installed."""
    try:
        from nacl.signing import VerifyKey
    except ImportError:
        return []
    key = VerifyKey(raw)
    return [Operation(group, "PyNaCl", lambda: key.verify(MESSAGE, sig))]


def p256() -> list[Operation]:
    """Return ways to verify P-256 with SHA-256."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    from hwlock.crypto import p256

    signer, algorithm = ec.generate_private_key(ec.SECP256R1()), ec.ECDSA(hashes.SHA256())
    der, peer = signer.sign(MESSAGE, algorithm), signer.public_key()
    numbers, curve = peer.public_numbers(), ec.SECP256R1()
    raw = numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    load, point = ec.EllipticCurvePublicKey.from_encoded_point, b"\4" + raw
    sig, prepared = p256.signature_from_der(der), p256.PublicKey(raw).prepare()
    embedded, read = prepared.to_bytes(), p256.PreparedKey.from_bytes
    pairs, group = [(sig, MESSAGE)] * MANY, "P-256, 300 bytes"
    unseen, kept = f"{group}, key not seen", f"{group}, key kept"
    return [
        Operation(unseen, "hwlock", lambda: p256.PublicKey(raw).verify(sig, MESSAGE)),
        Operation(
            unseen, "cryptography", lambda: load(curve, point).verify(der, MESSAGE, algorithm)
        ),
        Operation(kept, "hwlock, prepared", lambda: prepared.verify(sig, MESSAGE)),
        Operation(kept, "cryptography", lambda: peer.verify(der, MESSAGE, algorithm)),
        Operation(kept, f"hwlock, {MANY} in a call", lambda: prepared.verify_many(pairs), MANY),
        Operation("P-256, key", "hwlock, to prepare", lambda: p256.PublicKey(raw).prepare()),
        Operation("P-256, key", "hwlock, to read", lambda: read(embedded, raw)),
    ]


def sha256() -> list[Operation]:
    """Return ways to hash a message, a large one, and several files at once."""
    from cryptography.hazmat.primitives import hashes

    from hwlock.crypto import sha2

    def openssl(data: bytes) -> bytes:
        context = hashes.Hash(hashes.SHA256())
        context.update(data)
        return context.finalize()

    large = bytes(range(256)) * (LONG >> 8)
    parts = [large[i * (LONG // PARTS) :][: LONG // PARTS] for i in range(PARTS)]
    ways: list[tuple[str, Callable[[bytes], bytes]]] = [
        ("hwlock", sha2.sha256),
        ("hashlib", lambda data: hashlib.sha256(data).digest()),
        ("cryptography", openssl),
    ]
    group = f"SHA-256, {LONG >> 20} MiB"
    return [
        *(
            Operation(name, who, lambda data=data, way=way: way(data))  # type: ignore[misc]
            for name, data in (("SHA-256, 300 bytes", MESSAGE), (group, large))
            for who, way in ways
        ),
        Operation(group, f"hwlock, as {PARTS} files", lambda: sha2.sha256_many(parts)),
    ]


def main(folder: str) -> int:
    """Time all operations once, print `[group, who, microseconds]` of each."""
    load_copies(folder)
    operations = [*ed25519(), *p256(), *sha256()]
    empty = min(Operation("", "", lambda: None).microseconds() for _ in range(PIECES))
    found = [(op.group, op.who, op.microseconds() - empty / op.count) for op in operations]
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
