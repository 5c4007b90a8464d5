"""`hwlock vendor`: the vendor's desk, one file for each family of commands."""

from __future__ import annotations

from hwlock.cli.app import LazyGroup

__all__ = ["vendor"]


vendor = LazyGroup(
    "vendor",
    lazy={
        "init": "hwlock.cli.vendor.init:init",
        "product": "hwlock.cli.vendor.product:product",
        "entitlement": "hwlock.cli.vendor.entitlement:entitlement",
        "amend": "hwlock.cli.vendor.amend:amend",
        "receive": "hwlock.cli.vendor.receive:receive",
        "release": "hwlock.cli.vendor.release:release",
        "seal": "hwlock.cli.vendor.seal:seal",
        "renew": "hwlock.cli.vendor.renew:renew",
        "revoke": "hwlock.cli.vendor.revoke:revoke",
        "revocations": "hwlock.cli.vendor.revoke:revocations",
        "key": "hwlock.cli.vendor.key:key",
        "manifest": "hwlock.cli.vendor.manifest:manifest",
        "audit": "hwlock.cli.vendor.audit:audit",
    },
    help="""The vendor's desk: keys, products, what was sold, and who holds it.

    \b
    Once:                init → product add → product export
    For each sale:       entitlement add → (send the activation key)
    For each machine:    hwlock respond REQUEST -o RESPONSE
    On the telephone:    amend LICENSE clock
    When one is done:    receive RECEIPT
    To take one back:    revoke → revocations → (send the list)
    For new keys:        key rotate issuer; key rotate root → product export

    The desk is a folder: HWLOCK_VENDOR, or this user's own. Its passphrase comes from
    HWLOCK_PASSPHRASE or is asked for.
    """,
)
