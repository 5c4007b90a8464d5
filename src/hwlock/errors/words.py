"""How sentences of the table count, and which of their particulars are words of a language.

`ONE` holds the sentence of a code for one thing: code → (particular that is counted, sentence).
The table's own is the one for many. `LABELS` are names of what a device says of itself. `WORDS`
are particulars that code takes from a fixed list: kinds of files, parts of a machine. Both stay
English in values and files, and are said in the language of the reader. Names, dates and numbers
are the same in every language.
"""

from __future__ import annotations

__all__ = ["LABELS", "ONE", "WORDS"]

ONE: dict[str, tuple[str, str]] = {
    "HWL-TERM-ENDING": ("days", "the license ends on {day}; {days} day left"),
    "HWL-TERM-GRACE": (
        "days",
        "the license ended on {day}; it still runs until {last}, {days} day left",
    ),
    "HWL-TRIAL-ENDING": ("days", "the trial ends on {day}; {days} day left"),
    "HWL-FEATURE-ENDING": ("days", "the feature {feature} ends on {day}; {days} day left"),
    "HWL-CLOCK-AHEAD": (
        "days",
        "the clock says {now}, {days} day after all that this machine has seen",
    ),
    "HWL-CLOCK-RESUMED": ("days", "the clock says {now}, which is {days} day too early"),
    "HWL-CLOCK-ZONE": ("hours", "the clock says {now}, which is {hours} hour too early"),
    "HWL-DEVICE-PIN-WRONG": (
        "attempts_left",
        "the PIN of {device} was wrong; it can be tried {attempts_left} more time",
    ),
    "HWL-FILES-ADDED": ("count", "{count} file was not shipped with the program: {paths}"),
    "HWL-FILES-CHANGED": ("count", "{count} file is not as the vendor shipped it: {paths}"),
    "HWL-FILES-MISSING": ("count", "{count} file of the program is missing: {paths}"),
    "HWL-REDEEM-WAIT": (
        "minutes",
        "there were too many wrong codes: the next one is read in {minutes} minute",
    ),
}

WORDS = (
    # kinds of files
    "product",
    "license",
    "request",
    "response",
    "renewal",
    "receipt",
    "manifest",
    "delegation",
    "diagnostic",
    "revocation list",
    "sealed file",
    # parts of a machine
    "board serial number",
    "disk",
    "firmware UUID",
    "network adapter",
    "mainboard serial number",
    "computer serial number",
    "mainboard model",
    "processor",
    "asset tag",
    "operating system identity",
    "memory size",
    "nothing",
    # devices
    "the security key",
    # counters
    "in all",
    "this day",
    "this month",
    "this year",
    # PINs
    "one try is left",
    "how many is not said",
    "the token does not say how many are left",
    # states
    "active",
    "renewing",
    "grace",
    "ended",
)

LABELS = (
    "firmware",
    "key for authentication",
    "maker",
    "manufacturer",
    "model",
    "model (AAGUID)",
    "PIN",
    "protected by",
    "reader",
    "serial",
    "slot",
    "slots with a key",
    "version",
    "versions",
)
