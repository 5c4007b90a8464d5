"""Parts for tests, ours and those of integrators: what stands in for hardware and for luck."""
