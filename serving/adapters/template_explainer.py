"""Explanations from the templates of `samaan_ml.explain`: no model, no network, nine languages."""

from samaan_ml.explain import Explanation, ExplanationRequest, write_template


class TemplateExplainer:
    """The embedded default, and what every other explainer falls back on."""

    def explain(self, request: ExplanationRequest) -> Explanation:
        """Return the template's text."""
        return write_template(request)
