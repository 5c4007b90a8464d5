"""Virtual smartcards, for `hwlock.testing.pcsc` or without any reader.

reader
    a card in a virtual reader: insertion is a connection, removal its end
iso
    what every card does: commands, chains, long answers, applications by name
yubikey
    a YubiKey-like card, and the maker that vouches for it
piv, management, openpgp
    the applications

A virtual card keeps its keys in memory and in plain sight: it is for tests alone.
"""
