"""Text from templates: each slot is a fact, so the text contains nothing else; it needs no model and never fails."""

import re
from dataclasses import replace

from samaan_ml.explain._facts import TOPICS, Explanation, ExplanationRequest, Sentence
from samaan_ml.explain._languages import format_fact, words_of

_SLOT = re.compile(r"\{(\w+)\}")


def slots(sentence: str) -> tuple[str, ...]:
    """List the slots of a template sentence, each once, in order.

    Examples
    --------
    >>> slots("Order {order_quantity} of {item}.")
    ('order_quantity', 'item')
    """
    return tuple(dict.fromkeys(_SLOT.findall(sentence)))


def write_template(request: ExplanationRequest) -> Explanation:
    """Word a request from the templates of its language.

    Parameters
    ----------
    request : ExplanationRequest
        What to say, in which language.

    Returns
    -------
    Explanation
        With the ids of the facts behind each sentence.

    Examples
    --------
    >>> from samaan_ml.explain import Fact
    >>> facts = (Fact.money("today_sales", 5_000_00), Fact.money("usual_sales", 4_000_00))
    >>> write_template(ExplanationRequest("sales_day", facts)).text
    "Today's sales rose to ₹5,000 from the usual ₹4,000."
    """
    values = _values(request)
    sentences = tuple(
        Sentence(_SLOT.sub(lambda found: values[found[1]], sentence), slots(sentence))
        for sentence in words_of(request.language).topics[request.variant]
    )
    return Explanation(" ".join(each.text for each in sentences), request.language, sentences, "template")


def _values(request: ExplanationRequest) -> dict[str, str]:
    """Write the facts; two compared ones that differ never read alike."""
    values = {fact.id: format_fact(fact, request.language) for fact in request.facts}
    pair = TOPICS[request.topic].compared
    if pair is None:
        return values
    before, after = (request.fact(name) for name in pair)
    if before.number != after.number and values[before.id] == values[after.id]:
        values |= {each.id: format_fact(each, request.language, exact=True) for each in (before, after)}
    return values


def degraded_template(request: ExplanationRequest, note: str) -> Explanation:
    """Word a request from the templates in the place of a model that failed."""
    return replace(write_template(request), degraded=True, note=note)
