"""Makers of TPMs, by their id in the TCG TPM Vendor ID Registry, and which are no hardware.

The id is four bytes of text; in a certificate it stands as "id:" and eight hex digits. A
virtual TPM proves that its host says so, and no more: whoever runs the host can copy it.
"""

from __future__ import annotations

__all__ = ["describe", "is_virtual"]

# id → (name, virtual). Some virtual TPMs use ids of their own that the registry lacks.
_MAKERS = {
    b"AMD\0": ("AMD", False),
    b"ANT\0": ("Ant Group", False),
    b"ATML": ("Atmel", False),
    b"BRCM": ("Broadcom", False),
    b"CROS": ("Google (Chromebook)", False),
    b"CSCO": ("Cisco", False),
    b"FLYS": ("Flyslice", False),
    b"ROCC": ("Fuzhou Rockchip", False),
    b"HISI": ("Huawei", False),
    b"HPE\0": ("HPE", False),
    b"HPI\0": ("HP", False),
    b"IFX\0": ("Infineon", False),
    b"INTC": ("Intel", False),
    b"LEN\0": ("Lenovo", False),
    b"NSM ": ("National Semiconductor", False),
    b"NTZ\0": ("Nationz", False),
    b"NTC\0": ("Nuvoton", False),
    b"QCOM": ("Qualcomm", False),
    b"SEAL": ("Wisekey", False),
    b"SECE": ("SecEdge", False),
    b"SMSN": ("Samsung", False),
    b"SMSC": ("SMSC", False),
    b"SNS\0": ("Sinosun", False),
    b"STM ": ("STMicroelectronics", False),
    b"TXN\0": ("Texas Instruments", False),
    b"WEC\0": ("Winbond", False),
    b"IBM\0": ("IBM software TPM", True),
    b"\0\0\x10\x14": ("IBM software TPM (swtpm)", True),
    # The Pluton processor has the same id as Hyper-V: the id alone cannot vouch for hardware.
    b"MSFT": ("Microsoft (Hyper-V, or Pluton)", True),
    b"GOOG": ("Google Cloud", True),
    b"AMZN": ("Amazon EC2", True),
    b"VMW\0": ("VMware", True),
    b"QEMU": ("QEMU", True),
    b"XEN\0": ("Xen", True),
}


def describe(maker: bytes) -> str:
    """Return the name of a maker by its four bytes; an unknown one as text or hex."""
    if maker in _MAKERS:
        return _MAKERS[maker][0]
    text = maker.rstrip(b"\0 ")
    if text and text.isalnum() and text.isascii():
        return text.decode()
    return maker.hex()


def is_virtual(maker: bytes) -> bool:
    """Tell whether this maker is known to make TPMs of software."""
    return maker in _MAKERS and _MAKERS[maker][1]
