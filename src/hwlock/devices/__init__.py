"""Who talks to hardware: one package per kind of device, all behind the same two seams.

`Transport` moves bytes and is the only thing that a fake ever replaces. `Attester` is what
the rest of hwlock sees of a device. Kinds do not know each other; `registry` knows them all
by the scheme of their URI and imports one only when it is asked for.
"""
