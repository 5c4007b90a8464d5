"""Hardware-bound offline activation with a native core.

::

    from hwlock import Guard

    grant = Guard("acme-cad.hwproduct").check().require()

The names below are the whole face for application developers. Each is imported when it is
first asked for, so that `import hwlock` costs next to nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.check import Grant, Verdict
    from hwlock.enforce.grace import WatchEvent
    from hwlock.enforce.guard import Guard
    from hwlock.enforce.machine import Machine
    from hwlock.enforce.watch import Watch
    from hwlock.errors import DeniedError, Finding, HwlockError

__version__ = "0.1.0"

__all__ = [
    "DeniedError",
    "Finding",
    "Grant",
    "Guard",
    "HwlockError",
    "Machine",
    "Verdict",
    "Watch",
    "WatchEvent",
]

_HOMES = {
    "DeniedError": "hwlock.errors",
    "Finding": "hwlock.errors",
    "Grant": "hwlock.check",
    "Guard": "hwlock.enforce.guard",
    "HwlockError": "hwlock.errors",
    "Machine": "hwlock.enforce.machine",
    "Verdict": "hwlock.check",
    "Watch": "hwlock.enforce.watch",
    "WatchEvent": "hwlock.enforce.grace",
}


def __getattr__(name: str) -> object:
    """Import a public name on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'hwlock' has no attribute {name!r}")
    # importlib.import_module would do the same, and bring `importlib` and `warnings`
    value: object = getattr(__import__(_HOMES[name], fromlist=(name,)), name)
    globals()[name] = value
    return value
