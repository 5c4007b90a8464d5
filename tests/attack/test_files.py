"""Attacks on files and proofs, by name: each must end in the error that says what it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hwlock.check import State, check
from hwlock.codec import cbor, cose
from hwlock.crypto import sha2
from hwlock.crypto.keys import Signer, VerificationKey, sign_file
from hwlock.crypto.trust import DELEGATION_TYP, Limits, Product
from hwlock.errors import BadSignature, DeniedError, FormatError, UntrustedError
from hwlock.evidence.claims import Evidence, Proof, proof_message
from hwlock.exchange import receipt, request, response
from hwlock.exchange.activation_key import ActivationKey
from hwlock.license.binding import Binding, appraise
from hwlock.license.license import LICENSE_TYP, UnverifiedLicense
from hwlock.testing.customer import Customer
from hwlock.testing.vendor import SOLD_AT, CardSigner, Vendor, key_anchor, proof_of, seeded

CHALLENGE = bytes(range(32))
NONCE = bytes(32)
REQUEST = sha2.sha256(b"a request")
NOW = SOLD_AT + timedelta(days=1)


@pytest.fixture
def vendor() -> Vendor:
    """The honest vendor of acme-cad."""
    return Vendor()


@pytest.fixture
def card() -> CardSigner:
    """A device key."""
    return CardSigner("card")


def refusal(vendor: Vendor, raw: bytes) -> str:
    """Return the code with which `raw` is refused as a license."""
    with pytest.raises(UntrustedError) as caught:
        UnverifiedLicense.parse(raw).verify(vendor.product)
    return caught.value.code


class Relabeled:
    """A signer that signs with one key and claims another's name and algorithm."""

    def __init__(self, signer: Signer, key: VerificationKey) -> None:
        self._signer = signer
        self.key = key

    def sign(self, message: bytes) -> bytes:
        """Sign with the hidden key."""
        return self._signer.sign(message)


def relabeled(raw: bytes, signer: Signer, **header: object) -> bytes:
    """Return `raw` with another header, signed by `signer`."""
    old = cose.parse(raw)
    members = {name: getattr(old.header, name) for name in old.header._fields} | header
    return cose.assemble(cose.Header(**members), old.payload, signer.sign)


# --- the algorithm belongs to the key ---------------------------------------------------


def test_eddsa_header_with_a_p256_key(vendor, card):
    """A P-256 issuer's file that calls itself EdDSA is refused before anything is computed."""
    raw = vendor.license(vendor.terms(), signer=card, delegation=vendor.delegate(key=card.key))
    assert refusal(vendor, relabeled(raw, card, alg=cose.EDDSA)) == "HWL-KEY-ALGORITHM"


def test_es256_header_with_an_ed25519_key(vendor):
    """An Ed25519 issuer's file that calls itself ES256 is refused likewise."""
    raw = vendor.license(vendor.terms())
    assert refusal(vendor, relabeled(raw, vendor.issuer, alg=cose.ES256)) == "HWL-KEY-ALGORITHM"


def test_no_algorithm_at_all(vendor):
    """There is no algorithm "none", and none by a symmetric key: the header is refused."""
    raw = vendor.license(vendor.terms())
    protected = cbor.decode(raw).value[0]
    for alg in (b"\x00", b"\x05", b"\x38\x24"):  # none, HMAC 256, PS256
        header = protected.replace(b"\x01\x27", b"\x01" + alg, 1)
        _, *rest = cbor.decode(raw).value
        forged = cbor.encode(cbor.Tag(number=18, value=(header, *rest)))
        with pytest.raises(FormatError) as caught:
            UnverifiedLicense.parse(forged)
        assert caught.value.code == "HWL-COSE-ALG"


# --- a key may do what it is for, and no more --------------------------------------------


def test_license_by_the_device_key(vendor, card):
    """The machine cannot sign its own license, with its issuer's delegation stapled on."""
    terms = vendor.terms(key=card.key)
    assert refusal(vendor, vendor.license(terms, signer=card)) == "HWL-KEY-OTHER"
    sly = Relabeled(card, vendor.issuer.key)
    assert refusal(vendor, vendor.license(terms, signer=sly)) == "HWL-SIGNATURE-BAD"


def test_license_by_the_root_without_a_delegation(vendor):
    """Even a root's own signature is no license: only an issuer within limits sells."""
    raw = sign_file(vendor.root, LICENSE_TYP, vendor.terms().encode())
    assert refusal(vendor, raw) == "HWL-TRUST-CHAIN"


def test_root_delegates_to_itself(vendor):
    """A root that sells appoints itself, within limits like everybody."""
    delegation = vendor.delegate(Limits(products=("acme-cad",)), key=vendor.root.key)
    raw = vendor.license(vendor.terms(), signer=vendor.root, delegation=delegation)
    UnverifiedLicense.parse(raw).verify(vendor.product)


def test_self_made_root(vendor):
    """A chain that holds in itself and ends in nobody's root is refused."""
    pirate = Vendor(name="pirate")
    assert refusal(vendor, pirate.license(vendor.terms())) == "HWL-TRUST-ROOT"


def test_root_with_the_name_of_a_root(vendor):
    """Naming a trusted root does not make a signature its own."""
    pirate = seeded("pirate")
    sly = Relabeled(pirate, vendor.root.key)
    delegation = vendor.delegate(key=pirate.key, root=sly)
    raw = vendor.license(vendor.terms(), signer=pirate, delegation=delegation)
    assert refusal(vendor, raw) == "HWL-SIGNATURE-BAD"


def test_product_file_with_a_root_slipped_in(vendor):
    """Nobody adds a root to a product file but its first root."""
    pirate = seeded("pirate")
    says = cbor.decode(cose.parse(vendor.product.raw).payload)
    own = says[-70000]
    says[-70000] = own | {2: (*own[2], pirate.key.cose_key())}
    forged = sign_file(Relabeled(pirate, vendor.root.key), "application/hwlock-product", says)
    with pytest.raises(BadSignature):
        Product.parse(forged)


def test_issuer_appoints_another_issuer(vendor):
    """A delegation chained from an issuer is none: only roots delegate."""
    friend = seeded("friend")
    chained = vendor.delegate(key=friend.key, root=vendor.issuer)
    raw = vendor.license(vendor.terms(), signer=friend, delegation=chained)
    assert refusal(vendor, raw) == "HWL-TRUST-ROOT"


def test_issuer_hides_its_chain_in_a_delegation(vendor):
    """Nor does it help to staple the issuer's own delegation to the one that it signs."""
    friend = seeded("friend")
    says = cbor.decode(cose.parse(vendor.delegate(key=friend.key)).payload)
    chained = sign_file(vendor.issuer, DELEGATION_TYP, says, vendor.delegation)
    raw = vendor.license(vendor.terms(), signer=friend, delegation=chained)
    assert refusal(vendor, raw) == "HWL-TRUST-ROOT"


def test_delegation_for_another_product(vendor):
    """An issuer of acme-cam, by the same root, sells no acme-cad."""
    delegation = vendor.delegate(Limits(products=("acme-cam",)))
    raw = vendor.license(vendor.terms(), delegation=delegation)
    assert refusal(vendor, raw) == "HWL-ISSUER-LIMIT"


def test_delegation_of_a_colleague(vendor):
    """One issuer does not sell under the wider limits of another."""
    modest = seeded("modest issuer")
    raw = vendor.license(vendor.terms(), signer=modest, delegation=vendor.delegation)
    assert refusal(vendor, raw) == "HWL-KEY-OTHER"


def test_issuer_sells_after_its_end(vendor):
    """What is dated after the delegation's end is refused, whatever the verifier's clock."""
    delegation = vendor.delegate(until=SOLD_AT)
    raw = vendor.license(vendor.terms(), delegation=delegation)
    assert refusal(vendor, raw) == "HWL-ISSUER-TERM"


def test_issuer_dates_ahead_to_stretch_the_term(vendor, card):
    """A license dated ahead within its issuer's limits does not run before that date."""
    delegation = vendor.delegate(
        Limits(products=("acme-cad",), longest_term_days=30),
        until=SOLD_AT + timedelta(days=3650),
    )
    terms = vendor.terms(
        Binding(anchors=(key_anchor(card),), policy=0),
        issued_at=SOLD_AT + timedelta(days=3000),
        days=30,
    )
    license = UnverifiedLicense.parse(vendor.license(terms, delegation=delegation))
    evidence = Evidence(challenge=CHALLENGE, proofs=(proof_of(card, CHALLENGE),))
    for state in (None, State.begin(SOLD_AT)):
        verdict, after = check(license, evidence, state, vendor.product, NOW)
        assert [found.code for found in verdict.reasons] == ["HWL-CLOCK-EARLY"]
        assert after.seen_at == NOW  # and it does not drive the machine's mark ahead


# --- one file in the place of another ----------------------------------------------------


def test_a_file_is_what_its_header_says(vendor):
    """A genuine file in the place of another kind is named as what it is."""
    customer = Customer(vendor.product, ActivationKey(number=7))
    asked = customer.ask()
    license = vendor.license(vendor.terms(key=customer.signer.key))
    answer = vendor.answer(license, nonce=NONCE, request=REQUEST)
    for reader in (
        UnverifiedLicense,
        request.UnverifiedRequest,
        response.UnverifiedResponse,
        receipt.UnverifiedReceipt,
        Product,
    ):
        accepted = []
        for raw in (asked, license, answer, vendor.delegation, vendor.product.raw):
            try:
                reader.parse(raw)
                accepted.append(raw)
            except FormatError as exc:
                assert exc.code == "HWL-COSE-TYP"
        assert len(accepted) == (0 if reader is receipt.UnverifiedReceipt else 1)


def test_payload_moved_under_another_type(vendor):
    """A type is under the signature: a license cannot be relabeled as a response."""
    raw = vendor.license(vendor.terms())
    typ = b"application/hwlock-license"
    forged = raw.replace(typ, b"application/hwlock-receipt")
    with pytest.raises(FormatError):
        receipt.UnverifiedReceipt.parse(forged)


# --- the answer to another question -------------------------------------------------------


def verify_answer(vendor: Vendor, raw: bytes, *, nonce: bytes, request: bytes) -> object:
    """Verify a response as the machine that asked with `nonce` does."""
    return response.UnverifiedResponse.parse(raw).verify(
        vendor.product, nonce=nonce, request=request, now=NOW
    )


def test_response_to_another_nonce(vendor):
    """An answer to somebody else's question is not ours, by nonce and by digest."""
    raw = vendor.answer(b"license", nonce=NONCE, request=REQUEST)
    verify_answer(vendor, raw, nonce=NONCE, request=REQUEST)
    for nonce, asked in ((REQUEST, REQUEST), (NONCE, NONCE)):
        with pytest.raises(DeniedError) as caught:
            verify_answer(vendor, raw, nonce=nonce, request=asked)
        assert caught.value.code == "HWL-RESPONSE-OTHER"


def test_license_swapped_inside_a_response(vendor):
    """The license inside is under the response's signature."""
    mine, other = (vendor.license(vendor.terms(number=number)) for number in (1, 2))
    raw = vendor.answer(mine, nonce=NONCE, request=REQUEST)
    with pytest.raises(BadSignature):
        verify_answer(vendor, raw.replace(mine, other), nonce=NONCE, request=REQUEST)


def test_sealed_license_for_another_request():
    """A seal moved to the answer of another request does not open, nor by another key."""
    key = sha2.sha256(b"content")
    sealed = response.Sealed.close(
        b"license", key=key, iv=bytes(12), credential=b"", request=REQUEST
    )
    assert sealed.open(key, REQUEST) == b"license"
    for wrong_key, asked in ((key, NONCE), (sha2.sha256(b"x"), REQUEST), (key[:16], REQUEST)):
        with pytest.raises(UntrustedError) as caught:
            sealed.open(wrong_key, asked)
        assert caught.value.code == "HWL-RESPONSE-SEAL"


def test_receipt_by_another_key(vendor):
    """A seat is given back by the machine that has it, not by whoever knows its license."""
    owner, thief = seeded("owner"), seeded("thief")
    digest = sha2.sha256(vendor.license(vendor.terms(key=owner.key)))
    says = receipt.Returning(
        product_id="acme-cad", license_id=bytes(16), license_digest=digest, returned_at=NOW
    )
    forged = receipt.UnverifiedReceipt.parse(receipt.give_back(says, thief))
    with pytest.raises(UntrustedError) as caught:
        forged.verify(owner.key, license_digest=digest)
    assert caught.value.code == "HWL-KEY-OTHER"
    sly = Relabeled(thief, owner.key)
    with pytest.raises(BadSignature):
        receipt.UnverifiedReceipt.parse(receipt.give_back(says, sly)).verify(
            owner.key, license_digest=digest
        )


# --- a request that somebody read on the way ----------------------------------------------


def test_activation_key_read_from_a_request(vendor):
    """Whoever reads a request cannot make another with its key: the proof names the signer."""
    key = ActivationKey(number=2**99 + 5)
    seen = Customer(vendor.product, key, name="victim").asking()
    thief = Customer(vendor.product, ActivationKey(number=0), name="thief")
    mine = thief.asking()
    for nonce in (seen.nonce, mine.nonce):
        copied = request.Asking(
            **{name: getattr(mine, name) for name in mine._fields}
            | {"nonce": nonce, "key_id": seen.key_id, "key_proof": seen.key_proof}
        )
        raw = request.ask(copied, thief.signer)
        assert not request.UnverifiedRequest.parse(raw).verify().asks.proves(key)
    assert seen.proves(key)


def test_request_signed_for_another_key(vendor):
    """A request that names a key which its signer does not hold is refused."""
    victim = Customer(vendor.product, ActivationKey(number=1), name="victim").asking()
    thief = seeded("thief")
    for signer, code in (
        (thief, "HWL-KEY-OTHER"),
        (Relabeled(thief, victim.key), "HWL-SIGNATURE-BAD"),
    ):
        raw = request.ask(victim, signer)
        with pytest.raises(UntrustedError) as caught:
            request.UnverifiedRequest.parse(raw).verify()
        assert caught.value.code == code


# --- a proof that was made before ----------------------------------------------------------


def outcome(signer: Signer, proof: Proof, challenge: bytes = CHALLENGE) -> tuple[bool, list[str]]:
    """Return whether `proof` satisfies an anchor of `signer`, and the codes found."""
    binding = Binding(anchors=(key_anchor(signer),), policy=0)
    appraisal = appraise(binding, Evidence(challenge=challenge, proofs=(proof,)))
    return appraisal.satisfied, [found.code for found in appraisal.findings]


def test_proof_replayed(card):
    """A proof for one challenge proves nothing for the next."""
    proof = proof_of(card, CHALLENGE)
    assert outcome(card, proof) == (True, [])
    assert outcome(card, proof, bytes(32)) == (False, ["HWL-ANCHOR-PROOF"])


def test_proof_by_another_key_under_the_name_of_this_one(card):
    """The name of the key in a proof is a hint; the license's own key verifies."""
    other = CardSigner("other card")
    proof = proof_of(other, CHALLENGE)
    assert outcome(card, proof) == (False, ["HWL-ANCHOR-OTHER"])
    renamed = Proof(anchor="tpm2", public=card.key.raw, signature=proof.signature)
    assert outcome(card, renamed) == (False, ["HWL-ANCHOR-PROOF"])


def test_signature_of_a_file_as_a_proof(card):
    """What a key signs in a file is never what it signs as a proof, and the reverse."""
    file = cose.parse(sign_file(card, LICENSE_TYP, CHALLENGE))
    proof = Proof(anchor="tpm2", public=card.key.raw, signature=file.signature)
    assert outcome(card, proof) == (False, ["HWL-ANCHOR-PROOF"])
    # the first byte tells them apart, whatever follows: an array of four against a letter
    for challenge in (bytes(32), CHALLENGE, file.to_be_signed[:32]):
        assert proof_message(challenge)[0] != file.to_be_signed[0] == 0x84


def test_challenge_itself_signed(card):
    """A device tricked into signing the bare challenge has not proven anything."""
    proof = Proof(anchor="tpm2", public=card.key.raw, signature=card.sign(CHALLENGE))
    assert outcome(card, proof) == (False, ["HWL-ANCHOR-PROOF"])


def test_turned_ecdsa_signature_is_the_same_proof(card):
    """(r, n - s) verifies as (r, s) does: a signature is no name for anything."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    proof = proof_of(card, CHALLENGE)
    turned = order - int.from_bytes(proof.signature[32:], "big")
    other = Proof(
        anchor="tpm2",
        public=card.key.raw,
        signature=proof.signature[:32] + turned.to_bytes(32, "big"),
    )
    assert outcome(card, other) == (True, [])
