"""A real kernel for the tests: a small Debian under qemu, with hardware that a test can pull.

Standard library only, as the runner is. From the bottom up: `image` makes the guest's disk from
Debian packages and `payload` the one with our wheel; `guest/` is what runs inside; `qmp` and
`agent` talk to the two sides of a machine; `computer` is a machine with its parts; `usbredir`,
`dongles` and `card` are what can be plugged into it.

qemu translates (TCG) and never uses KVM: where /dev/kvm is emulated it hangs, and one speed
everywhere is worth more here than a fast one in some places.
"""

from __future__ import annotations

import os

__all__ = ["CACHE", "HERE", "TOP", "NotReady"]

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
CACHE = os.path.join(TOP, ".cache", "vm")


class NotReady(Exception):
    """Something that a machine needs is not there; the sentence says what a person can do."""
