"""Hardware-bound offline activation with a native core."""

from __future__ import annotations

__version__ = "0.1.0"
