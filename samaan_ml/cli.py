"""Former location of the command line, kept for programs that call ``samaan_ml.cli.main``."""

from samaan_ml.launch import main

__all__ = ["main"]
