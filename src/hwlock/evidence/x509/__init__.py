"""Certificates of makers (RFC 5280) over their original bytes; no X.509 library needed.

der
    a strict reader of DER that forgives only what one maker's certificates do.
certificate
    one certificate, parsed and not yet believed.
names
    a Name as a person reads it.
chain
    does somebody whom the operator trusts vouch for this certificate?

General X.509 libraries refuse some makers' certificates, and none tells why in a sentence.
"""
