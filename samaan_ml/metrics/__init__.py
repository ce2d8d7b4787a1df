"""Measures of demand forecasts, prices and risk scores; each names its source."""

from samaan_ml.metrics._demand import bias, coverage, wape, wql
from samaan_ml.metrics._hierarchy import (
    M5_LEVELS,
    SummingHierarchy,
    wrmsse,
    wrmsse_by_level,
    wspl,
    wspl_by_level,
)
from samaan_ml.metrics._risk import auc, brier, calibration_line, ece, ks, log_loss, psi
from samaan_ml.metrics._scaled import mase, mase_scale, pinball_loss, rmsse, rmsse_scale, sql

__all__ = [
    "M5_LEVELS",
    "SummingHierarchy",
    "auc",
    "bias",
    "brier",
    "calibration_line",
    "coverage",
    "ece",
    "ks",
    "log_loss",
    "mase",
    "mase_scale",
    "pinball_loss",
    "psi",
    "rmsse",
    "rmsse_scale",
    "sql",
    "wape",
    "wql",
    "wrmsse",
    "wrmsse_by_level",
    "wspl",
    "wspl_by_level",
]
