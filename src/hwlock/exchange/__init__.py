"""What travels between a machine and its vendor: the request, its response, the receipt.

Each is a COSE_Sign1 that names its product. A machine signs what it sends with its own key,
a vendor's issuer what it answers; a response answers one request and no other.
"""
