"""The reader on the real paths: /sys as umockdev shows it to a whole process, without root=."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# One device a block: P path, E uevent, A attribute, L link (umockdev's own notation).
DESKTOP = """\
P: /devices/virtual/dmi/id
E: SUBSYSTEM=dmi
A: sys_vendor=Dell Inc.
A: product_name=Precision 3660
A: board_vendor=Dell Inc.
A: board_name=0PRR48

P: /devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0
E: SUBSYSTEM=scsi
E: DEVTYPE=scsi_device
A: wwid=t10.ATA     WDC WD10EZEX-08WN4A0                    WD-WX11A12345

P: /devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sdz
N: sdz
E: SUBSYSTEM=block
E: DEVTYPE=disk
A: removable=0\\n
A: dev=65:144\\n
L: device=../../../0:0:0:0

P: /devices/pci0000:00/0000:00:1f.6
E: SUBSYSTEM=pci
A: vendor=0x8086\\n

P: /devices/pci0000:00/0000:00:1f.6/net/eno1
E: SUBSYSTEM=net
A: address=b0:7b:25:1c:44:9a\\n
A: addr_assign_type=0\\n
A: type=1\\n
L: device=../../../0000:00:1f.6
"""
READER = """
from hwlock.devices import host
for each in host.open("host:").components():
    print(each.kind, each.value.decode())
"""


@pytest.mark.device
def test_the_real_paths_are_read(tmp_path: Path) -> None:
    """Model, disk and adapter come from /sys itself, linked as the kernel links them."""
    described = tmp_path / "desktop.umockdev"
    described.write_text(DESKTOP)
    done = subprocess.run(
        ["umockdev-run", "--device", str(described), "--", sys.executable, "-c", READER],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=os.environ,
    )
    lines = done.stdout.splitlines()
    assert "board DELL INC.|PRECISION 3660|DELL INC.|0PRR48" in lines
    assert "disk WD-WX11A12345" in lines
    assert "nic B07B251C449A" in lines
