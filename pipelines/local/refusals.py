"""Step types that cannot be run here, each with the reason."""

from __future__ import annotations

__all__ = ["REFUSALS"]

REFUSALS: dict[str, str] = {
    "AutoML": "Autopilot is a service without a counterpart here",
    "Callback": "it waits for a message in a queue that only the account has",
    "ClarifyCheck": "Clarify's analysis runs in an image of its own; write the check as a Processing step",
    "EMR": "it needs a cluster",
    "EMRServerless": "it needs a cluster",
    "Job": "it is a service without a counterpart here",
    "NotebookJob": "notebook jobs run in an image of their own; write it as a Processing step",
}
