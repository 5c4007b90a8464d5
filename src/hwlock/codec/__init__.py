"""How bytes look: CBOR, COSE_Sign1, armor and typed codes, strict, both ways.

Nothing here knows what a license is, and nothing here judges: bytes become values or a
`FormatError` that names the stage and the offset.
"""
