"""Members of a license and of a revocation list, good and nearly good ones."""

from __future__ import annotations

from hypothesis import strategies as st

NAMES = st.sampled_from(["cad", "sim", "b", "aa", "caf\u00e9", "x" * 255, "x" * 256, "a\n", 1])
NUMBERS = st.sampled_from([0, 1, 30, 3650, 3651, 2**32 - 1, 2**32, -1, 253402300799, 253402300800])
WORDS = st.sampled_from(
    [
        *("node-locked", "subscription", "maintenance", "trial", "floating"),
        *("enforce", "warn", "advisory", "day", "month", "year", "week"),
        *("", "E-0", "e\u0301", "x" * 64, "x" * 65),
    ]
)
JUNK = st.sampled_from([None, True, b"", (), {}])
SAID = NUMBERS | WORDS | JUNK
DAYS = st.sampled_from([0, 1, 30, 3650, 3651])

FEATURE = st.fixed_dictionaries(
    {}, optional={1: NUMBERS, 2: st.dictionaries(NAMES, SAID, max_size=4), 3: JUNK}
)
COUNTER = st.fixed_dictionaries({}, optional={1: NUMBERS, 2: WORDS, 3: JUNK})
KINDS = st.sampled_from(["subscription", "maintenance", "trial", "floating"])
MODELS = st.fixed_dictionaries(
    {},
    optional={
        1: KINDS | SAID,
        2: DAYS | SAID,
        3: DAYS | SAID,
        4: NUMBERS | SAID,
        5: st.sampled_from(["Pro", "", "x" * 64, "x" * 65, 1]) | SAID,
        6: st.dictionaries(NAMES, FEATURE | JUNK, max_size=4) | JUNK,
        7: st.dictionaries(NAMES, COUNTER | JUNK, max_size=4) | JUNK,
        8: st.sampled_from(["warn", "advisory"]) | SAID,
        9: WORDS,
        10: JUNK,
    },
)
# Without the faults, so that what is good is common.
GOOD_MODELS = st.fixed_dictionaries(
    {},
    optional={
        1: KINDS,
        2: st.sampled_from([1, 3650]),
        3: st.sampled_from([1, 3650]),
        4: st.sampled_from([0, 253402300799]),
        6: st.dictionaries(
            st.sampled_from(["cad", "sim"]), st.just({1: 9}) | st.just({2: {"b": 1, "aa": "x"}})
        ),
        7: st.dictionaries(st.sampled_from(["b", "aa"]), st.just({1: 5, 2: "day"}), min_size=1),
        8: st.sampled_from(["warn", "advisory"]),
        9: st.just("E-0"),
    },
)

PART = st.sampled_from([bytes(16), bytes(17), bytes(1024), bytes(1025), None, "x" * 20])
SHARE = st.fixed_dictionaries(
    {2: st.lists(PART, max_size=3).map(tuple)},
    optional={1: st.sampled_from([b"", bytes(64), bytes(65), 0]), 3: JUNK},
)
SEALED_KEY = st.fixed_dictionaries(
    {1: st.sampled_from([bytes(16), bytes(15), 0]), 2: WORDS},
    optional={3: st.sampled_from([bytes(48), bytes(47)]), 4: JUNK},
)
CONTENT_KEYS = st.fixed_dictionaries(
    {},
    optional={
        1: st.lists(SEALED_KEY | JUNK, max_size=17).map(tuple) | SAID,
        2: st.lists(SHARE | JUNK, max_size=4).map(tuple) | SAID,
        3: JUNK,
    },
)

LOCK = st.sampled_from([bytes(32), bytes(32), bytes(32), bytes(31), 0])
AFTER = {6: st.integers(0, 3) | st.sampled_from([31, 32])}
CHANGE = (
    st.fixed_dictionaries({1: st.just("extend"), 2: LOCK, 3: DAYS}, optional=AFTER)
    | st.fixed_dictionaries({1: st.sampled_from(["clock", "transfer"]), 2: LOCK}, optional=AFTER)
    | st.fixed_dictionaries(
        {1: st.just("counter"), 2: LOCK, 4: NAMES, 5: st.integers(0, 9) | NUMBERS}, optional=AFTER
    )
    | st.fixed_dictionaries(
        {}, optional={1: WORDS, 2: LOCK, 3: DAYS, 4: NAMES, 5: NUMBERS, 6: SAID, 7: JUNK}
    )
)
GOOD_CHANGE = (
    st.just({1: "extend", 2: bytes(32), 3: 30})
    | st.just({1: "clock", 2: bytes(32)})
    | st.just({1: "counter", 2: bytes(32), 4: "b", 5: 2**32 - 6})
)
AMENDMENTS = st.lists(GOOD_CHANGE, min_size=1, max_size=3).map(tuple) | st.lists(
    CHANGE | JUNK, max_size=33
).map(tuple)

ENTRY = st.fixed_dictionaries(
    {
        1: st.sampled_from(["license", "device", "issuer"]) | WORDS,
        2: st.sampled_from([bytes(16), bytes(32), bytes(31), 0]),
        3: NUMBERS,
    },
    optional={4: JUNK},
)
ENTRIES = st.lists(ENTRY, max_size=3).map(tuple) | st.lists(ENTRY | SAID, max_size=3).map(tuple)
