"""`python -m training ...`: what the image's `samaan train ...` runs."""

from __future__ import annotations

from training.cli import train

if __name__ == "__main__":
    train.main(prog_name="samaan train")
