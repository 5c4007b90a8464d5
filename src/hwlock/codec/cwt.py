"""Names of the claims that our files carry (RFC 8392, RFC 8747), and of our own member.

Every payload is a map of registered claims plus one private member, HWLOCK, a map whose
small keys each kind of file defines for itself (docs/spec/hwlock.cddl).
"""

from __future__ import annotations

__all__ = ["AUD", "CNF", "COSE_KEY", "CTI", "EXP", "HWLOCK", "IAT", "ISS", "NBF", "SUB"]

ISS = 1
SUB = 2
AUD = 3
EXP = 4
NBF = 5
IAT = 6
CTI = 7
CNF = 8
COSE_KEY = 1  # the one confirmation method that we use, inside CNF
HWLOCK = -70000  # private use: below -65536
