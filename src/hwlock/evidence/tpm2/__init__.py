"""What a TPM 2.0 proves, and whether it is true; no device needed.

wire, constants, structures
    the bytes that a TPM writes, read strictly. The driver reads with them too.
claims
    what a request carries of a TPM.
attestation
    the device key lives in the same TPM as the attestation key (AK): TPM2_Certify.
credential
    the AK lives in the same TPM as the endorsement key (EK): only that TPM opens what is
    made here (TPM2_MakeCredential).
ek_chain, names, makers
    the EK lives in a TPM that a maker vouches for: its certificate, over
    its original bytes (`hwlock.evidence.x509`).

All three links are needed before a key is `attested`; the vendor's desk needs no TPM
library and no TPM for any of them.
"""
