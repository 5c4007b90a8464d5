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
from typing import Any

VECTORS = Path(__file__).resolve().parents[2] / "tests" / "vectors"
KNOWN = Path(__file__).with_name("known.h")
GENUINE = VECTORS / "files" / "genuine-license.json"
LICENSE = bytes.fromhex(json.loads(GENUINE.read_text(encoding="ascii"))["hex"])
JOINED = ("HWL-REVOKED-GAP", "HWL-REVOKED-SIGNER")  # of several lists: tests in Python
READ = ("armor", "cbor", "cose", "product", "license", "revocation")


def seeds() -> Iterator[tuple[str, bytes]]:
    """Yield the name of a target and one of its inputs."""
    for path in sorted(VECTORS.glob("*/*.json")):
        case = json.loads(path.read_text(encoding="ascii"))
        raw = bytes.fromhex(case.get("hex", ""))
        if case.get("read") == "armor":
            yield from (("armor", bytes([first]) + case["text"].encode()) for first in (0, 1, 0x81))
        elif case.get("read") in ("product", "license"):
            product = bytes.fromhex(case["product"]) if "product" in case else raw
            yield "license", packed(product, raw)
        elif case.get("read") == "revocation":
            yield "license", packed(bytes.fromhex(case["product"]), LICENSE, raw)
        elif "facts" in case:
            lists = case["facts"].get("lists", [""])
            files = (case["product"], case["license"], lists[0])
            yield "license", packed(*map(bytes.fromhex, files))
        if raw and case.get("read") != "typed-code":
            yield "cbor", raw
        if "customer" in path.stem or case.get("read") == "typed-code":
            yield "fingerprint", bytes([4]) + bytes(16) + b"disk" + case.get("text", "a").encode()
    yield "fingerprint", bytes([4]) + bytes(16) + b"disk" + "e\u0301\uac00\u1e9b\u0323".encode()
    words = dict(_known())
    for first, name in ((0, "ED"), (1, "P256")):
        parts = [words[f"{name}_{part}"] for part in ("KEY", "SIGNATURE", "MESSAGE")]
        yield "verify", bytes([first]) + b"".join(map(bytes.fromhex, parts))


def packed(product: bytes, license: bytes, listed: bytes = b"") -> bytes:
    """Return an input of fuzz_license.c: three files, behind the sizes of the first two."""
    sizes = b"".join(len(file).to_bytes(2, "big") for file in (product, license))
    return sizes + product + license + listed


def _known() -> Iterator[tuple[str, str]]:
    """Yield the names and hexadecimal texts of known.h."""
    arrays = re.findall(r"char (\w+)\[\] =([^;]*);", KNOWN.read_text())
    for name, pieces in arrays:
        yield name, "".join(re.findall(r'"([0-9a-f]*)"', pieces))


def lines() -> Iterator[str]:
    """Yield reader, code, file (an x before it, for it may be empty), and a product file.

    Of a verdict also: now, mark, released, holding, wrong, revoked_seen, parts, lists, base,
    findings.
    """
    for path in sorted(VECTORS.glob("*/*.json")):
        case = json.loads(path.read_text(encoding="ascii"))
        if "facts" in case:
            yield _verdict(case)
        elif case.get("read") in READ and case["code"] not in JOINED:
            raw = case["text"].encode().hex() if case["read"] == "armor" else case["hex"]
            code = case["code"] or "HWL-OK"
            yield f"{case['read']} {code} x{raw} {case.get('product', '')}".rstrip()


def _verdict(case: dict[str, Any]) -> str:
    """Return the line of a verdict; what is not there is "-", no parts are "."."""
    facts, verdict = case["facts"], case["verdict"]
    numbers = ("now", "mark", "released", "holding", "wrong", "revoked_seen")
    parts = ",".join(f"{kind}={value}" for kind, value in facts.get("parts", ())) or "."
    findings = ",".join(f"{one['code']}/{one['level']}" for one in verdict["findings"])
    words = (
        "verdict",
        "HWL-OK" if verdict["allowed"] else "HWL-DENIED",
        f"x{case['license']}",
        case["product"],
        *(str(facts.get(name, 0)) for name in numbers),
        parts if "parts" in facts else "-",
        ",".join(facts.get("lists", ())) or "-",
        facts.get("base", "-"),
        findings or "-",
    )
    return " ".join(words)


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
