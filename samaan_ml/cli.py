"""The command line's old address, kept for programs that call ``samaan_ml.cli.main``."""

from samaan_ml.launch import main

__all__ = ["main"]
