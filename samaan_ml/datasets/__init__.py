"""Shops to learn on: the committed sample, the kirana simulator with known truth, importers of real files."""

from samaan_ml.datasets._festivals import festival_calendar
from samaan_ml.datasets._parameters import ShopSimulation
from samaan_ml.datasets._sample import (
    SAMPLE,
    SAMPLE_SEED,
    load_sample,
    load_sample_truth,
    sample_folder,
    write_sample,
)
from samaan_ml.datasets._simulate import SimulatedWorld, Truth, simulate
from samaan_ml.datasets._world import Decision, KiranaWorld, Policy, WeekOutcome, WeekView

__all__ = [
    "SAMPLE",
    "SAMPLE_SEED",
    "Decision",
    "KiranaWorld",
    "Policy",
    "ShopSimulation",
    "SimulatedWorld",
    "Truth",
    "WeekOutcome",
    "WeekView",
    "festival_calendar",
    "load_sample",
    "load_sample_truth",
    "sample_folder",
    "simulate",
    "write_sample",
]
