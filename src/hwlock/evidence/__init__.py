"""What a machine can say of its anchors, and whether it is true.

Claims travel in requests; proofs are made fresh at each check. Verifying either needs no
device and no library of a device: the vendor's desk does it from bytes.
"""
