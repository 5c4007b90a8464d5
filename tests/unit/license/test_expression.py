"""What a vendor writes about hardware, and what it becomes for one machine."""

from __future__ import annotations

import pytest

from hwlock.errors import DeniedError, UsageError
from hwlock.license.binding import Threshold
from hwlock.license.expression import DEFAULT, Else, Of, Wanted, parse
from hwlock.license.offers import Offer, bind
from hwlock.testing.vendor import host_anchor, key_anchor, seeded

KINDS = "tpm2, host, piv, openpgp, pkcs11, fido2, yubikey, usb"
TPM, HOST = Wanted(kind="tpm2"), Wanted(kind="host")
KEY = key_anchor(seeded("tpm"), assurance="key")
ATTESTED = key_anchor(seeded("tpm"))
MACHINE = host_anchor()
BOTH = (Offer(anchor=ATTESTED), Offer(anchor=MACHINE))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("tpm2", TPM),
        ("  host  ", HOST),
        ("(((host)))", HOST),
        ("tpm2 else host", Else(choices=(TPM, HOST))),
        ("tpm2 or host", Of(needed=1, parts=(TPM, HOST))),
        ("tpm2 and host", Of(needed=2, parts=(TPM, HOST))),
        ("1 of (tpm2, host)", Of(needed=1, parts=(TPM, HOST))),
        ("2 of(tpm2,host)", Of(needed=2, parts=(TPM, HOST))),
        ("piv", Wanted(kind="piv")),
        ("usb@identifier", Wanted(kind="usb")),
        ("piv(5.7)", Wanted(kind="piv", firmware=(5, 7))),
        (
            "piv(touch, 5.7.1, pin)@attested",
            Wanted(kind="piv", assurance="attested", firmware=(5, 7, 1), pin=True, touch=True),
        ),
        ("tpm2@attested", Wanted(kind="tpm2", assurance="attested")),
        ("tpm2 ( virtual ) @ attested", Wanted(kind="tpm2", assurance="attested", virtual=True)),
        ("host(70%)", Wanted(kind="host", percent=70)),
        ("host(1%)@fingerprint", Wanted(kind="host", assurance="fingerprint", percent=1)),
        (
            "tpm2 and host or tpm2@key else host",
            Else(
                choices=(
                    Of(
                        needed=1,
                        parts=(
                            Of(needed=2, parts=(TPM, HOST)),
                            Wanted(kind="tpm2", assurance="key"),
                        ),
                    ),
                    HOST,
                )
            ),
        ),
        (
            "tpm2 and (host or tpm2@key)",
            Of(
                needed=2,
                parts=(
                    TPM,
                    Of(needed=1, parts=(HOST, Wanted(kind="tpm2", assurance="key"))),
                ),
            ),
        ),
        ("1 of (tpm2 else host, host)", Of(needed=1, parts=(Else(choices=(TPM, HOST)), HOST))),
    ],
)
def test_an_expression_is_read(text, meant):
    """`and` binds tighter than `or`, `or` than `else`; space does not matter."""
    assert parse(text) == meant


@pytest.mark.parametrize(
    ("text", "where", "expected"),
    [
        ("", "the end", "one of " + KINDS),
        ("dongle", "'dongle'", "one of " + KINDS),
        ("TPM2", "'TPM2'", "one of " + KINDS),
        ("tpm2 host", "'host'", "nothing more"),
        ("tpm2 or", "the end", "one of " + KINDS),
        ("tpm2 and or host", "'or'", "one of " + KINDS),
        ("(tpm2", "the end", "')'"),
        ("tpm2)", "')'", "nothing more"),
        ("2 (tpm2, host)", "'('", "'of'"),
        ("2 of tpm2", "'tpm2'", "'('"),
        ("2 of (tpm2 host)", "'host'", "',' or ')'"),
        ("0 of (tpm2, host)", "'0 of'", "a number from 1 to 2 before 'of'"),
        ("3 of (tpm2, host)", "'3 of'", "a number from 1 to 2 before 'of'"),
        ("host(0%)", "'0'", "1% to 100%"),
        ("host(101%)", "'101'", "1% to 100%"),
        ("host(70)", "')'", "'%'"),
        ("host(virtual)", "'virtual'", "1% to 100%"),
        ("tpm2(70%)", "'70'", "'virtual'"),
        ("usb", "the end", "'@identifier' after 'usb', which anybody can copy"),
        ("usb or host", "'or'", "'@identifier' after 'usb', which anybody can copy"),
        ("piv(5)", "')'", "'.' and a number"),
        ("piv(5.x)", "'x'", "a number up to 9999"),
        ("piv(5.7.1.2)", "'.'", "')'"),
        ("piv(pin, pin)", "')'", "a version such as 5.7, 'pin' or 'touch', each once"),
        ("piv(never)", "'never'", "a version such as 5.7, 'pin' or 'touch', each once"),
        ("fido2(pin)", "'('", "no option: fido2 has none"),
        ("tpm2(virtual, virtual)", "','", "')'"),
        ("tpm2@strong", "'strong'", "one of identifier, fingerprint, shared, key, attested"),
        ("tpm2@", "the end", "one of identifier, fingerprint, shared, key, attested"),
        ("tpm2 & host", "'&'", "nothing more"),
        ("tpm²", "'tpm'", "one of " + KINDS),
        ("(((((host)))))", "'host'", "at most 4 levels"),
        (" " * 501, "the end", "at most 500 characters"),
        ("1 of (" + ", ".join(["tpm2"] * 17) + ")", "the end", "at most 16 anchors"),
        (
            "tpm2 and (host or tpm2 and (host or tpm2 and host))",
            "the end",
            "at most 4 rules inside one another",
        ),
    ],
)
def test_what_is_not_an_expression_is_refused_where_it_goes_wrong(text, where, expected):
    """The error names the place and what was expected there."""
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert caught.value.code == "HWL-BIND-GRAMMAR"
    assert caught.value.details == {"where": where, "expected": expected}


def bound(text, *offers):
    """Return the anchors and the policy that `text` becomes."""
    binding = bind(parse(text), offers or BOTH)
    return binding.anchors, binding.policy


def codes(text, *offers):
    """Return the codes of what is missing."""
    with pytest.raises(DeniedError) as caught:
        bind(parse(text), offers)
    assert caught.value.code == "HWL-BIND-UNMET"
    return [found.code for found in caught.value.findings]


def test_the_default_prefers_the_tpm():
    """The first choice that the machine can meet, and only that, goes into the license."""
    assert bound(DEFAULT) == ((ATTESTED,), 0)
    assert bound(DEFAULT, Offer(anchor=MACHINE)) == ((MACHINE,), 0)


def test_or_and_of_keep_what_there_is():
    """At each check any will do; what the machine does not offer is left out."""
    either = Threshold(needed=1, parts=(0, 1))
    assert bound("tpm2 or host") == ((ATTESTED, MACHINE), either)
    assert bound("1 of (host, tpm2)") == ((MACHINE, ATTESTED), either)
    assert bound("tpm2 or host", Offer(anchor=MACHINE)) == ((MACHINE,), 0)


def test_and_wants_all():
    """One that is missing makes the whole fail, and is named."""
    assert bound("tpm2 and host") == (
        (ATTESTED, MACHINE),
        Threshold(needed=2, parts=(0, 1)),
    )
    assert codes("tpm2 and host", Offer(anchor=MACHINE)) == ["HWL-BIND-NOT-OFFERED"]
    assert codes("2 of (tpm2, host)", Offer(anchor=KEY)) == ["HWL-BIND-NOT-OFFERED"]


def test_a_machine_that_offers_nothing_hears_of_everything():
    """Each anchor that was wanted is a finding."""
    assert codes(DEFAULT) == ["HWL-BIND-NOT-OFFERED"] * 2


def test_assurance_is_the_least_that_will_do():
    """A weaker anchor is named with what it reaches and what was asked for."""
    assert bound("tpm2@key", Offer(anchor=KEY)) == ((KEY,), 0)
    assert bound("tpm2@key") == ((ATTESTED,), 0)
    assert codes("tpm2@attested", Offer(anchor=KEY)) == ["HWL-BIND-WEAK"]
    assert codes("host@key", Offer(anchor=MACHINE)) == ["HWL-BIND-LIMIT"]


def test_a_virtual_tpm_is_a_key_unless_the_vendor_says_otherwise():
    """Its attestation counts only with the option."""
    virtual = Offer(anchor=ATTESTED, virtual=True)
    assert virtual.assurance == "key"
    assert bound("tpm2@key", virtual) == ((ATTESTED,), 0)
    assert codes("tpm2@attested", virtual) == ["HWL-BIND-VIRTUAL"]
    assert bound("tpm2(virtual)@attested", virtual) == ((ATTESTED,), 0)


def test_percent_is_rounded_up():
    """70 % of the machine's weight must stay, and no point less."""
    total = sum(component.weight for component in MACHINE.components)
    (anchor,), _ = bound("host(70%)")
    assert anchor.needed == (total * 70 + 99) // 100
    (anchor,), _ = bound("host(100%)")
    assert anchor.needed == total


def test_alternatives_that_come_to_the_same_count_once():
    """`else` may choose the same anchor twice; it is one all the same."""
    assert bound("(tpm2 else host) and host", Offer(anchor=MACHINE)) == ((MACHINE,), 0)
    assert bound("host or host") == ((MACHINE,), 0)
    only = Offer(anchor=MACHINE)
    assert codes("2 of (tpm2 else host, host, tpm2)", only) == ["HWL-BIND-NOT-OFFERED"] * 2
    assert bound("2 of (tpm2, tpm2@key, host)") == (
        (ATTESTED, MACHINE),
        Threshold(needed=2, parts=(0, 1)),
    )
