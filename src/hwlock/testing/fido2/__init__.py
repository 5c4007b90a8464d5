"""A FIDO2 security key of software, for tests and integrators: no hardware needed.

    with VirtualKey(maker=Maker()) as key:          # plugged in: `fido2:` finds it
        ...
        key.unplug()

It speaks CTAP 2.1 (MakeCredential, GetAssertion, GetInfo, ClientPIN with both protocols) under
the framing of CTAPHID, with the same library above it as a real key; `applet.Applet` offers it
to a card reader. python-fido2's own server accepts what it says. `finger`, `tamper` and the
switches of its constructor make it refuse, lie, wait and vanish.
"""

from __future__ import annotations

from .applet import Applet
from .authenticator import Authenticator
from .key import VirtualKey
from .maker import Maker
from .wires import DirectDevice, HidWire

__all__ = ["Applet", "Authenticator", "DirectDevice", "HidWire", "Maker", "VirtualKey"]
