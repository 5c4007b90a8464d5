"""`hwlock device enroll`: try a dongle, and see what a license would know of it."""

from __future__ import annotations

import click

from hwlock.cli.options import json_option, pass_world
from hwlock.cli.words import padded, say
from hwlock.cli.world import World
from hwlock.crypto.anchor_key import key_name
from hwlock.crypto.rsa import RsaKey
from hwlock.evidence.claims import CHALLENGE_BYTES
from hwlock.evidence.dongle import DongleClaims

__all__ = ["enroll"]


@click.command(epilog="Example: hwlock device enroll piv:slot=9e")
@click.argument("uri")
@json_option
@pass_world
def enroll(world: World, *, uri: str) -> None:
    """Choose the key of the dongle that URI names, or make one, and let it prove itself.

    Nothing is kept and nothing on the dongle is overwritten; it shows what a request would
    carry. A security key makes a new credential each time. RSA keys that are too short, or of
    chips with a known flaw (ROCA), are refused.
    """
    machine = world.machine
    person = None if machine.person is None else machine.person.for_device(uri)
    with machine.open_dongle(uri, person) as dongle:
        record = dongle.enroll()
        claims = dongle.claims(record, machine.entropy(CHALLENGE_BYTES))
    algorithm = _algorithm(claims)
    attested = say("by its maker") if claims.attestation else say("none")
    shape = {
        "uri": claims.uri,
        "kind": claims.kind,
        "label": claims.label,
        "key": None if claims.key is None else key_name(claims.key),
        "algorithm": algorithm,
        "record_bytes": len(claims.record),
        "attestation": bool(claims.attestation),
    }
    world.output.result(
        shape,
        [
            f"{claims.label or claims.uri}",
            f"  {padded(say('uri'), 13)}{claims.uri}",
            f"  {padded(say('key'), 13)}{shape['key'] or say('none')} ({algorithm})",
            f"  {padded(say('attestation'), 13)}{attested}",
            "  " + say("next: {command}", command=f"hwlock request --device '{claims.uri}' …"),
        ],
    )


def _algorithm(claims: DongleClaims) -> str:
    """Return what the proof of a dongle is made with, as a person calls it."""
    if claims.key is None:
        return {"yubikey": "HMAC-SHA1"}.get(claims.kind, say("a number"))
    if isinstance(claims.key, RsaKey):
        return f"RSA-{len(claims.key.raw) * 8}"
    return "Ed25519" if len(claims.key.raw) == 32 else "P-256"
