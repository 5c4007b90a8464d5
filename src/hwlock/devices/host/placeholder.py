"""Values that lie: what firmware, hypervisors and cheap parts say instead of a serial number.

A value is compared without case, spaces and punctuation, so that "To Be Filled By O.E.M."
and "to be filled by OEM" are one. These lie:

- words of the list below, which makers leave in their firmware;
- the same character throughout ("00000000", "FFFF-FFFF", "........");
- a piece of counting ("0123456789", "1234567", "123456789ABCDEF", "9876543210");
- for what should be unique: fewer than four characters, or no digit at all (that is a word:
  some cloud calls every disk "OVERLAYBLK"; a serial number without a digit is lost to us);
- the constants of hypervisors (QEMU's "QM00001", Google's "nvme_card-pd", Azure's tag);
- UUIDs that are a template: AMI's 03000200-0400-0500-…, ASRock's with ten zero bytes, a
  Dell without service tag, all zeros, all ones;
- network addresses that drivers fall back to.
"""

from __future__ import annotations

__all__ = ["clean", "is_placeholder", "is_placeholder_mac", "is_placeholder_uuid"]

_WORDS = frozenset(
    (
        "",
        "1assettag",
        "77837084326590858269328677",  # chassis asset tag of every Azure machine
        "assettag",
        "atermiter",
        "badindex",
        "baseboardassettag",
        "baseboardserialnumber",
        "basebrdsn",
        "chassisassettag",
        "chassisserialnumber",
        "chassisversion",
        "default",
        "defaultstring",
        "empty",
        "fillbyoem",
        "googlecloud",
        "invalid",
        "mbserialnumber",
        "na",
        "noassetinformation",
        "noassettag",
        "none",
        "noserial",
        "notapplicable",
        "notassigned",
        "notavailable",
        "notdefined",
        "notprovided",
        "notspecified",
        "null",
        "nvmecard",
        "nvmecardpd",
        "oem",
        "oemdefaultstring",
        "outofspec",
        "serial",
        "serialnumber",
        "sn000001",
        "ssn",
        "standard",
        "systemassettag",
        "systemmanufacturer",
        "systemname",
        "systemproductname",
        "systemserialnumber",
        "systemversion",
        "tobefilled",
        "tobefilledbyoem",
        "typechassisversion",
        "typechassisserialnumber",
        "undefined",
        "uninitialized",
        "unknow",
        "unknown",
        "unspecified",
        "xenlinux",
    )
)

# QEMU numbers its disks (QM00001) and its namespaces (eui.5254000000000001); front ends
# pass the name of the drive as its serial. ASUS boards count "Asset-1234567890".
_PREFIXES = (
    "asset1234",
    "drivescsi",
    "drivevirtio",
    "driveide",
    "drivesata",
    "eui52540000000000",
    "qm0000",
    "vmwarevirtual",
)

_COUNTING = ("0123456789" * 4, "0123456789abcdefghijklmnopqrstuvwxyz", "9876543210" * 2)

_UUIDS = frozenset(
    (
        "000102030405060708090a0b0c0d0e0f",
        "12345678123456789abccddeefaabbcc",
        "1234567812345678123456789abcdef0",
        "4c4c454400002010802080c04f202020",  # a Dell whose service tag is blank
        "deadbeefdeadbeefdeadbeefdeadbeef",
        "fefefefefefefefefefefefefefefefe",
    )
)
_AMI_TAIL = "0700080009"

_MACS = frozenset(
    (
        "000102030405",
        "001122334455",
        "00e04c680001",  # USB adapters of Realtek whose maker never set one
        "00e04c000000",
        "005345000000",  # Windows' dial-up adapter
        "0050c2000000",
        "123456789abc",
        "444553540000",
    )
)


def clean(text: str) -> str:
    """Return `text` as it is digested: printable ASCII, single spaces, upper case.

    The same part reads alike under every system: they differ in padding and in case.
    """
    shown = "".join(char if " " < char < "\x7f" else " " for char in text)
    return " ".join(shown.split()).upper()


def _squeeze(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


def is_placeholder(text: str, *, unique: bool = True) -> bool:
    """Tell whether `text` says nothing; `unique` where it should name one part alone."""
    bare = _squeeze(text)
    if bare in _WORDS or bare.startswith(_PREFIXES):
        return True
    if unique and (len(bare) < 4 or not any(char.isdigit() for char in bare)):
        return True
    if len(bare) < 4:
        return False
    return len(set(bare)) == 1 or any(bare in counting for counting in _COUNTING)


def is_placeholder_uuid(text: str) -> bool:
    """Tell whether a UUID (as text) is a template that many machines share."""
    bare = _squeeze(text)
    if len(bare) != 32 or bare in _UUIDS or len(set(bare)) == 1:
        return True
    return bare.endswith(_AMI_TAIL) or bare[12:] == "0" * 20


def is_placeholder_mac(mac: bytes) -> bool:
    """Tell whether a network address (6 bytes) is one that nobody assigned to this part.

    A multicast or locally administered address is none of a maker's.
    """
    if len(mac) != 6 or mac[0] & 3:
        return True
    return len(set(mac)) == 1 or not any(mac[:3]) or not any(mac[3:]) or mac.hex() in _MACS
