"""The question to a model of Bedrock, and the sentences of its answer."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from samaan_ml.explain import (
    TOPICS,
    ExplanationRequest,
    Fact,
    Sentence,
    format_fact,
    mask_personal,
)

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime.type_defs import ConverseResponseTypeDef


_LANGUAGE_NAMES = {
    "en": "plain English",
    "hi": "simple Hindi in Devanagari script",
    "hi-Latn": "Hinglish: Hindi in Latin letters",
    "bn": "simple Bengali",
    "gu": "simple Gujarati",
    "kn": "simple Kannada",
    "mr": "simple Marathi",
    "ta": "simple Tamil",
    "te": "simple Telugu",
}


_MOST_SENTENCES = 5


_LONGEST_SENTENCE = 400


class UnusableAnswerError(Exception):
    """An answer that cannot be used; `repairable` tells whether asking once more may help."""

    def __init__(self, reason: str, *, repairable: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.repairable = repairable


def prompt(request: ExplanationRequest) -> str:
    """Write the fact table that leaves: no name of goods or people, personal numbers masked."""
    rows = [f"{fact.id} | {fact.unit} | {_outgoing(fact, request.language)}" for fact in request.facts]
    needed = ", ".join(TOPICS[request.topic].required)
    table = "\n".join(rows)
    return mask_personal(
        f"Decision: {request.variant}\nLanguage: {_LANGUAGE_NAMES[request.language]}\n"
        f"Facts (id | unit | text):\n{table}\nMention each of: {needed}"
    )


def _outgoing(fact: Fact, language: str) -> str:
    """Write a fact for the model."""
    return _placeholder(fact) if fact.name else format_fact(fact, language)


def _placeholder(fact: Fact) -> str:
    """Return what stands for a name outside."""
    return f"[[{fact.id}]]"


def _with_placeholder(fact: Fact) -> Fact:
    """Return a named fact its placeholder for a name, to prove the text as the model saw it."""
    return Fact(fact.id, fact.unit, name=_placeholder(fact)) if fact.name else fact


def parse_sentences(answer: "ConverseResponseTypeDef") -> list[Sentence]:
    """Read the sentences of an answer, given as text or as the tool's input.

    Raises
    ------
    UnusableAnswerError
        When it is not the JSON that was asked for.
    """
    content = _content(answer)
    raw: Any = next((block["toolUse"]["input"] for block in content if "toolUse" in block), None)
    if raw is None:
        text = "".join(block["text"] for block in content if "text" in block).strip()
        text = re.sub(r"^```(?:json)?\s*|\s*```$", "", text)
        try:
            raw = json.loads(text)
        except ValueError:
            raise UnusableAnswerError("the answer is not JSON", repairable=True) from None
    if not isinstance(raw, dict) or not isinstance(raw.get("sentences"), list):
        raise UnusableAnswerError("the answer has no list 'sentences'", repairable=True)
    return [_sentence(each) for each in raw["sentences"][:_MOST_SENTENCES]]


def _content(answer: "ConverseResponseTypeDef") -> Sequence[Any]:
    """Return the blocks of an answer's message."""
    output: Mapping[str, Any] = answer.get("output") or {}
    message: Mapping[str, Any] = output.get("message") or {}
    return message.get("content") or ()


def _sentence(raw: Any) -> Sentence:
    """Read one sentence strictly."""
    ids = raw.get("fact_ids") if isinstance(raw, dict) else None
    text = raw.get("text") if isinstance(raw, dict) else None
    if (
        not isinstance(text, str)
        or not isinstance(ids, list)
        or not all(isinstance(each, str) for each in ids)
    ):
        raise UnusableAnswerError("a sentence lacks its text or fact_ids", repairable=True)
    if not text.strip() or len(text) > _LONGEST_SENTENCE:
        raise UnusableAnswerError("a sentence is empty or too long", repairable=True)
    return Sentence(" ".join(text.split()), tuple(dict.fromkeys(ids)))


def _unknown_placeholder(sentence: Sentence, request: ExplanationRequest) -> bool:
    """Return whether a sentence names a person outside the facts, or holds markup."""
    known = {_placeholder(fact) for fact in request.facts if fact.name}
    return any(found not in known for found in re.findall(r"\[\[.*?\]\]", sentence.text)) or bool(
        re.search(r"https?://|<\w+|\]\(", sentence.text)
    )


def _unsaid(sentences: Sequence[Sentence], request: ExplanationRequest) -> set[str]:
    """Name the facts of the topic that the text leaves out: a decision without its numbers explains nothing."""
    cited = {name for sentence in sentences for name in sentence.fact_ids}
    return set(TOPICS[request.topic].required) - cited


def _restored(text: str, names: Mapping[str, str]) -> str:
    """Put the names back in the place of their placeholders."""
    for placeholder, name in names.items():
        text = text.replace(placeholder, name)
    return text


def _repair_turns(answer: "ConverseResponseTypeDef", reason: str) -> list[Any]:
    """Continue the talk with what was wrong; an answer without usable words is not repeated to the model."""
    content = _content(answer)
    text = "".join(block["text"] for block in content if "text" in block).strip()
    said = [{"role": "assistant", "content": [{"text": text}]}] if text else []
    wish = f"That cannot be used: {mask_personal(reason)}. Answer again with the JSON object only, shorter."
    if said:
        return [*said, {"role": "user", "content": [{"text": wish}]}]
    return [
        {"role": "assistant", "content": [{"text": "(no usable answer)"}]},
        {"role": "user", "content": [{"text": wish}]},
    ]
