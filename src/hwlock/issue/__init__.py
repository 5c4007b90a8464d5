"""The vendor's desk: who may sign, what was sold, who has which seat, and what was decided.

A *desk* is one private folder. `hwlock.issue.desk.Desk` is its one face, and what the
commands call; `hwlock.issue.responder` turns requests into responses.

==================  ===================================================================
desk.json           the vendor's name and the public halves of its keys
root.key            the root key: signs product files and delegations, rarely
issuer.key          the issuer key: signs licenses and responses within its delegation
registry.sqlite     products, customers, entitlements, activations, delegations, audit
tpm-roots/          certificates of TPM makers, put there by the vendor
piv-roots/          the same of the makers of PIV cards
fido2-roots/        the same of the makers of security keys
==================  ===================================================================

A machine's side never imports this room.
"""
