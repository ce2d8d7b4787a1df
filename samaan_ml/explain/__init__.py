"""Explanations: facts become text in nine languages, and a text is proved from its facts, number by number.

Standard library only, so that the API may import it. Who words a text decides nothing and adds nothing.
"""

from samaan_ml.explain._claim import Claim
from samaan_ml.explain._claims import find_claims
from samaan_ml.explain._cues import is_in_language
from samaan_ml.explain._facts import (
    LANGUAGES,
    TOPICS,
    Explanation,
    ExplanationRequest,
    Fact,
    Language,
    Sentence,
    Style,
    TopicName,
)
from samaan_ml.explain._languages import format_fact
from samaan_ml.explain._masking import is_aadhaar, mask_personal
from samaan_ml.explain._proof import NumberProof, ProvedClaim, check_numbers, prove_sentences
from samaan_ml.explain._template import degraded_template, write_template

__all__ = [
    "LANGUAGES",
    "TOPICS",
    "Claim",
    "Explanation",
    "ExplanationRequest",
    "Fact",
    "Language",
    "NumberProof",
    "ProvedClaim",
    "Sentence",
    "Style",
    "TopicName",
    "check_numbers",
    "degraded_template",
    "find_claims",
    "format_fact",
    "is_aadhaar",
    "is_in_language",
    "mask_personal",
    "prove_sentences",
    "write_template",
]
