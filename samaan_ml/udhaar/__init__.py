"""Udhaar risk: who pays late, how sure that is, why, and how much credit that bears.

The menu is lazy, so that a process that only answers questions never imports what training needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from samaan_ml.udhaar._catalogue import CATALOGUE
    from samaan_ml.udhaar._counterfactual import Counterfactual, what_would_raise_limit
    from samaan_ml.udhaar._features import LedgerFeatures
    from samaan_ml.udhaar._leakage import Suspicion
    from samaan_ml.udhaar._ledger_risk import CustomerAssessment, LedgerRiskModel
    from samaan_ml.udhaar._model import UdhaarRiskModel
    from samaan_ml.udhaar._monitoring import calibration_drift, stability, vintages
    from samaan_ml.udhaar._outcomes import build_training_frame, snapshot_dates
    from samaan_ml.udhaar._promise_counts import promises_from_frame
    from samaan_ml.udhaar._reasons import ReasonCode

_HOMES = {
    "CATALOGUE": "samaan_ml.udhaar._catalogue",
    "Counterfactual": "samaan_ml.udhaar._counterfactual",
    "CustomerAssessment": "samaan_ml.udhaar._ledger_risk",
    "LedgerFeatures": "samaan_ml.udhaar._features",
    "LedgerRiskModel": "samaan_ml.udhaar._ledger_risk",
    "ReasonCode": "samaan_ml.udhaar._reasons",
    "Suspicion": "samaan_ml.udhaar._leakage",
    "UdhaarRiskModel": "samaan_ml.udhaar._model",
    "build_training_frame": "samaan_ml.udhaar._outcomes",
    "calibration_drift": "samaan_ml.udhaar._monitoring",
    "promises_from_frame": "samaan_ml.udhaar._promise_counts",
    "snapshot_dates": "samaan_ml.udhaar._outcomes",
    "stability": "samaan_ml.udhaar._monitoring",
    "vintages": "samaan_ml.udhaar._monitoring",
    "what_would_raise_limit": "samaan_ml.udhaar._counterfactual",
}

__all__ = [
    "CATALOGUE",
    "Counterfactual",
    "CustomerAssessment",
    "LedgerFeatures",
    "LedgerRiskModel",
    "ReasonCode",
    "Suspicion",
    "UdhaarRiskModel",
    "build_training_frame",
    "calibration_drift",
    "promises_from_frame",
    "snapshot_dates",
    "stability",
    "vintages",
    "what_would_raise_limit",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'samaan_ml.udhaar' has no attribute '{name}'")


def __dir__() -> list[str]:
    """List the public names without importing them."""
    return __all__
