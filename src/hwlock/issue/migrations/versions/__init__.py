"""One module a version of the registry, in order."""
