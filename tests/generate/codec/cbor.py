"""CBOR (docs/spec/encoding.md section 1): each rule of the profile, kept and broken."""

from __future__ import annotations

from collections.abc import Iterator

KEPT = {
    "uint-0": ("00", "the smallest number"),
    "uint-23": ("17", "the largest number in one byte"),
    "uint-24": ("1818", "the first that needs a second byte"),
    "uint-256": ("190100", "the first that needs two more"),
    "uint-65536": ("1a00010000", "the first that needs four more"),
    "uint-2-32": ("1b0000000100000000", "the first that needs eight more"),
    "uint-max": ("1bffffffffffffffff", "2^64 - 1"),
    "nint-min": ("3bffffffffffffffff", "-2^64"),
    "bytes-empty": ("40", "no bytes"),
    "text-utf8": ("62c3bc", "a letter of two bytes"),
    "array-nested": ("8201820203", "[1, [2, 3]]"),
    "map-mixed-keys": ("a4010005002000616100", '{1, 5, -1, "a"} in order'),
    "map-long-key-last": ("a21903e800616100", "the key 1000 sorts before the key 'a'"),
    "simple-values": ("83f4f5f6", "[false, true, null]"),
    "tag-18": ("d280", "the one tag that there is"),
    "depth-16": ("81" * 15 + "80", "sixteen arrays, one in another"),
}

BROKEN = {
    "empty": ("", "CUT", 0, "nothing at all"),
    "head-cut": ("1901", "CUT", 0, "a head of three bytes, one is missing"),
    "bytes-cut": ("43aabb", "CUT", 0, "three bytes announced, two are there"),
    "array-cut": ("8301", "CUT", 0, "three values announced, one is there"),
    "array-cut-inside": ("828201", "CUT", 1, "the inner array lacks a value"),
    "map-value-missing": ("a101", "CUT", 0, "a key without its value"),
    "array-giant": ("9bffffffffffffffff", "CUT", 0, "2^64 - 1 values announced"),
    "map-giant": ("bb7fffffffffffffff", "CUT", 0, "2^63 - 1 pairs announced"),
    "bytes-giant": ("5bffffffffffffffff", "CUT", 0, "2^64 - 1 bytes announced"),
    "text-giant": ("7a7fffffff", "CUT", 0, "2 GiB of text announced"),
    "extra": ("0000", "EXTRA", 1, "a second value after the first"),
    "uint-long-1": ("1817", "LONG", 0, "23 in two bytes"),
    "uint-long-2": ("1900ff", "LONG", 0, "255 in three bytes"),
    "uint-long-4": ("1a0000ffff", "LONG", 0, "65535 in five bytes"),
    "uint-long-8": ("1b00000000ffffffff", "LONG", 0, "2^32 - 1 in nine bytes"),
    "nint-long": ("3800", "LONG", 0, "-1 in two bytes"),
    "bytes-long-head": ("5801aa", "LONG", 0, "one byte with a head of two"),
    "array-long-head": ("980100", "LONG", 0, "an array with a head of two bytes"),
    "map-long-head": ("b8010000", "LONG", 0, "a map with a head of two bytes"),
    "tag-long-head": ("d81280", "TYPE", 0, "tag 18 with a head of two bytes"),
    "simple-long": ("f814", "TYPE", 0, "false in two bytes"),
    "text-overlong": ("62c080", "TEXT", 1, "NUL as two bytes"),
    "text-surrogate": ("63eda080", "TEXT", 1, "half of a surrogate pair"),
    "text-cut": ("6261c3", "TEXT", 2, "half of a letter"),
    "key-bytes": ("a1410100", "KEY", 1, "a key of bytes"),
    "key-null": ("a1f600", "KEY", 1, "null as a key"),
    "key-true": ("a1f500", "KEY", 1, "true as a key, which Python holds equal to 1"),
    "key-array": ("a18000", "KEY", 1, "an array as a key"),
    "keys-order": ("a202000100", "ORDER", 3, "2 before 1"),
    "keys-order-length": ("a261610019010000", "ORDER", 4, "'a' before 256"),
    "keys-order-text": ("a262616200616200", "ORDER", 5, "'ab' before 'b': the length counts"),
    "keys-twice": ("a201000101", "TWICE", 3, "1 and 1"),
    "float-16": ("f90000", "TYPE", 0, "0.0 in two bytes"),
    "float-32": ("fa00000000", "TYPE", 0, "0.0 in four bytes"),
    "float-64": ("fb0000000000000000", "TYPE", 0, "0.0 in eight bytes"),
    "undefined": ("f7", "TYPE", 0, "undefined"),
    "simple-0": ("e0", "TYPE", 0, "a simple value without a meaning"),
    "tag-0": ("c0623030", "TYPE", 0, "a date as text"),
    "tag-bignum": ("c24101", "TYPE", 0, "a number as bytes"),
    "tag-cbor": ("d9d9f700", "TYPE", 0, "the tag that says that this is CBOR"),
    "indefinite-bytes": ("5f4100ff", "TYPE", 0, "bytes of unknown length"),
    "indefinite-text": ("7f6161ff", "TYPE", 0, "text of unknown length"),
    "indefinite-array": ("9fff", "TYPE", 0, "an array of unknown length"),
    "indefinite-map": ("bfff", "TYPE", 0, "a map of unknown length"),
    "break": ("ff", "TYPE", 0, "an end of nothing"),
    "reserved": ("1c", "TYPE", 0, "a head that has no meaning yet"),
    "depth-17": ("81" * 16 + "80", "DEPTH", 16, "seventeen arrays, one in another"),
}


def cases() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the vectors."""
    for name, (data, comment) in KEPT.items():
        yield name, {"comment": comment, "read": "cbor", "stage": None, "code": None, "hex": data}
    for name, (data, fault, offset, comment) in BROKEN.items():
        yield (
            name,
            {
                "comment": comment,
                "read": "cbor",
                "stage": "cbor",
                "code": f"HWL-CBOR-{fault}",
                "offset": offset,
                "hex": data,
            },
        )
