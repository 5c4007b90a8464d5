"""Smartcards over PC/SC: PIV and OpenPGP cards, USB tokens that are both.

pcsc, codes
    the wire: readers, shared connections, short transactions; every result as an error
holders
    who uses a card alone (Linux)
changes
    insertion and removal as events
apdu, tlv
    one command and its answer (ISO 7816-4), nested values
link
    a card found by its serial, connected when needed, connected again after it was pulled
pins
    one PIN asked once
piv, piv_card
    the kind `piv`: NIST SP 800-73-4, and what YubiKeys add to it
openpgp, openpgp_card
    the kind `openpgp`: OpenPGP application 3.4

Rules of the house. Other programs use the same cards: access is shared, transactions end
before a person is asked anything, no card is reset, no PIN is tried twice or tried empty.
A card is believed only after its signature was verified with the key of the license.
"""
