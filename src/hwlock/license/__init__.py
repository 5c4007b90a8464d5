"""What was granted: the license, and the binding that says which hardware may use it."""
