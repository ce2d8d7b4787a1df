"""`python -m samaan` is the command `samaan`."""

from samaan.cli import main

main()
