"""`python -m training ...`: what the image's `samaan train ...` runs."""

from __future__ import annotations

import sys

from training.cli import train
from training.job import run_as_job

if __name__ == "__main__":
    sys.exit(run_as_job(lambda: train.main(prog_name="samaan train", standalone_mode=False)))
