"""Write the seeds of the fuzz targets, made of the vectors: corpus.py FOLDER.

`corpus.py --lines` prints the vectors for vectors.c, one a line.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

VECTORS = Path(__file__).resolve().parents[2] / "tests" / "vectors"
KNOWN = Path(__file__).with_name("known.h")


def seeds() -> Iterator[tuple[str, bytes]]:
    """Yield the name of a target and one of its inputs."""
    for path in sorted(VECTORS.glob("*/*.json")):
        case = json.loads(path.read_text(encoding="ascii"))
        raw = bytes.fromhex(case.get("hex", ""))
        if case.get("read") == "armor":
            yield from (("armor", bytes([first]) + case["text"].encode()) for first in (0, 1, 0x81))
        elif case.get("read") in ("product", "license"):
            product = bytes.fromhex(case["product"]) if "product" in case else raw
            yield "license", len(product).to_bytes(2, "big") + product + raw
        if raw and case.get("read") != "typed-code":
            yield "cbor", raw
        if "customer" in path.stem or case.get("read") == "typed-code":
            yield "fingerprint", bytes([4]) + bytes(16) + b"disk" + case.get("text", "a").encode()
    yield "fingerprint", bytes([4]) + bytes(16) + b"disk" + "e\u0301\uac00\u1e9b\u0323".encode()
    words = dict(_known())
    for first, name in ((0, "ED"), (1, "P256")):
        parts = [words[f"{name}_{part}"] for part in ("KEY", "SIGNATURE", "MESSAGE")]
        yield "verify", bytes([first]) + b"".join(map(bytes.fromhex, parts))


def _known() -> Iterator[tuple[str, str]]:
    """Yield the names and hexadecimal texts of known.h."""
    arrays = re.findall(r"char (\w+)\[\] =([^;]*);", KNOWN.read_text())
    for name, pieces in arrays:
        yield name, "".join(re.findall(r'"([0-9a-f]*)"', pieces))


def lines() -> Iterator[str]:
    """Yield reader, code, file (an x before it, for it may be empty), and a product file."""
    for path in sorted(VECTORS.glob("*/*.json")):
        case = json.loads(path.read_text(encoding="ascii"))
        if case.get("read") in ("armor", "cbor", "cose", "product", "license"):
            raw = case["text"].encode().hex() if case["read"] == "armor" else case["hex"]
            code = case["code"] or "HWL-OK"
            yield f"{case['read']} {code} x{raw} {case.get('product', '')}".rstrip()


def write(folder: str) -> None:
    """Write one file for each seed, into a folder for each target."""
    for target, data in seeds():
        place = Path(folder) / target
        place.mkdir(parents=True, exist_ok=True)
        (place / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


if __name__ == "__main__":
    if sys.argv[1] == "--lines":
        sys.stdout.writelines(f"{line}\n" for line in lines())
    else:
        write(sys.argv[1])
