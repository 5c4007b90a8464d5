"""The one table of everything that hwlock can say when something is not as it should be.

A row: code → (class that raises it, sentence, hint). "Finding" marks a code that only
stands in verdicts. Sentences start small and end without a full stop; `{names}` are
particulars given by the place that raises. Hints say the next step for this person and
may be empty. docs/errors.md is generated from here. Codes are stable: a code whose meaning
changes gets a new name.
"""

from __future__ import annotations

_HARM = "ask for the file again, best as an attachment"

TABLE: dict[str, tuple[str, str, str]] = {
    # --- anywhere ------------------------------------------------------------------
    "HWL-INTERNAL": (
        "InternalError",
        "hwlock made a mistake: {detail}",
        "please report this with the trace above",
    ),
    # --- codec: bytes --------------------------------------------------------------
    # --- crypto: keys and signatures -----------------------------------------------
    # --- evidence, license, exchange: files ----------------------------------------
    # --- check: verdicts -----------------------------------------------------------
    # --- devices: any --------------------------------------------------------------
    # --- devices: tpm2 -------------------------------------------------------------
    # --- devices: host -------------------------------------------------------------
    # --- store ---------------------------------------------------------------------
    # --- issue: the vendor's desk --------------------------------------------------
    # --- cli -----------------------------------------------------------------------
}
