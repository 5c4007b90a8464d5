"""`python -m hwlock` is `hwlock`."""

from hwlock.cli import main

main()
