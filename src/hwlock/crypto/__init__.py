"""Who signed: typed faces of the compiled core, keys, and the chain from a root to a signer."""
