"""Wording a decision: facts in, sentences out; the numbers are the facts' own and no others."""

from typing import Protocol

from samaan_ml.explain import Explanation, ExplanationRequest


class Explainer(Protocol):
    """Writes a short text about facts; it decides nothing and adds nothing."""

    def explain(self, request: ExplanationRequest) -> Explanation:
        """Return the text, each sentence with the ids of the facts it rests on.

        A technical fault never reaches the caller: the answer is then the template's, marked `degraded`.

        Raises
        ------
        RuleError
            When the request lacks a fact that its topic needs.
        """
        ...
