"""Explanations worded by a model on Amazon Bedrock, kept only as far as their facts prove them.

What leaves is a fact table: ids, units and values written out, the names of goods and people replaced by
placeholders. What comes back is sentences with citations. A sentence that cites nothing or claims a number that
its facts do not yield is dropped; where too little is left, the template speaks. No tool is offered to the model
but the one that carries the answer's schema, so that nothing it writes can act.
"""

import json
import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from samaan_ml.explain import (
    Explanation,
    ExplanationRequest,
    Sentence,
    Style,
    degraded_template,
    format_fact,
    is_in_language,
    mask_personal,
    prove_sentences,
)
from serving.adapters.bedrock_explainer._sentences import (
    UnusableAnswerError,
    _placeholder,
    _repair_turns,
    _restored,
    _unknown_placeholder,
    _unsaid,
    _with_placeholder,
    parse_sentences,
    prompt,
)
from serving.ports.clock import Clock
from serving.ports.explainer import Explainer

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_bedrock_runtime.client import BedrockRuntimeClient
    from mypy_boto3_bedrock_runtime.type_defs import ConverseResponseTypeDef

_log = logging.getLogger(__name__)

Structured = Literal["json_schema", "tool", "prompt"]

_SYSTEM = (
    "You word decisions for the owner of a small Indian shop. The decision is already made; you only word it.\n"
    "Rules:\n"
    "- Use only the facts in the table. Copy every number exactly as its text is written there; compute nothing.\n"
    "- Write names as their placeholders, such as [[item]], exactly as given.\n"
    "- One to three short sentences, no greeting, no advice beyond the decision.\n"
    "- With each sentence give the ids of the facts it uses.\n"
    "- Answer with the JSON object only."
)
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "sentences": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "fact_ids": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["text", "fact_ids"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["sentences"],
    "additionalProperties": False,
}
_TOOL = "write_explanation"

# Errors after which the next model id is tried: the id is wrong, retired, not granted, or its model is down.
_NEXT_MODEL = frozenset(
    {
        "AccessDeniedException",
        "InternalServerException",
        "ModelErrorException",
        "ModelNotReadyException",
        "ModelTimeoutException",
        "ResourceNotFoundException",
        "ServiceQuotaExceededException",
        "ServiceUnavailableException",
        "ThrottlingException",
        "ValidationException",
    }
)
_OPTIONAL: dict[str, tuple[str, ...]] = {
    "temperature": ("temperature",),
    "outputConfig": ("outputconfig", "output_config", "textformat", "json_schema"),
}
"""Parameters that a call can do without, and the words by which a refusal names them."""
# Claude from Opus 4.7 (April 2026) and all of generation 5 on refuse sampling parameters. An application inference
# profile does not show its model: what it refuses is learnt from its refusal.
_KNOWN_REFUSALS: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (re.compile(r"claude-(?:opus-4-[7-9]|[a-z]+-[5-9])"), frozenset({"temperature"})),
    (re.compile(r"claude-3-(?:sonnet|haiku)-"), frozenset({"outputConfig"})),
)
# What a stop reason asks for: "read" the answer, "repair" it once, or give "up" at once.
_STOPS: dict[str, Literal["read", "repair", "up"]] = {
    "end_turn": "read",
    "stop_sequence": "read",
    "tool_use": "read",
    "max_tokens": "repair",
    "malformed_model_output": "repair",
    "malformed_tool_use": "repair",
    "guardrail_intervened": "up",
    "content_filtered": "up",
    "model_context_window_exceeded": "up",
}


def bedrock_client(
    region: str, endpoint_url: str | None = None, timeout_seconds: float = 4.0
) -> "BedrockRuntimeClient":
    """Make a client with a time limit and no retry of its own: the next model id is the retry."""
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=min(2.0, timeout_seconds),
        read_timeout=timeout_seconds,
        retries={"total_max_attempts": 1},
    )
    return boto3.client("bedrock-runtime", region_name=region, endpoint_url=endpoint_url, config=config)


@dataclass(frozen=True, slots=True)
class BedrockOptions:
    """How the models are asked.

    Parameters
    ----------
    max_tokens : int, default=400
        Most tokens of one answer.
    daily_tokens : int, default=200000
        Tokens, in and out, that this process may use on one day of UTC; above it the template speaks.
    structured : {"json_schema", "tool", "prompt"}, default="json_schema"
        How the answer's schema is enforced: Converse's output format, a forced tool, or the words alone.
    guardrail : (str, str) or None, default=None
        Guardrail id and version.
    deadline_seconds : float, default=6.0
        No further call is begun after this time.
    """

    max_tokens: int = 400
    daily_tokens: int = 200_000
    structured: Structured = "json_schema"
    guardrail: tuple[str, str] | None = None
    deadline_seconds: float = 6.0


class BedrockExplainer:
    """Words explanations with Converse, and falls back on another explainer.

    Parameters
    ----------
    client : BedrockRuntimeClient
        From `bedrock_client`.
    models : mapping of {"fast", "smart"} to sequence of str
        Ids of models or inference profiles of each style, in the order in which they are tried.
    fallback : Explainer
        Who speaks where no model does.
    clock : Clock
        Tells the day of the token budget.
    options : BedrockOptions, default=BedrockOptions()
        How the models are asked.
    monotonic : callable, default=time.monotonic
        Measures the deadline.
    """

    def __init__(
        self,
        client: "BedrockRuntimeClient",
        models: Mapping[Style, Sequence[str]],
        fallback: Explainer,
        clock: Clock,
        options: BedrockOptions = BedrockOptions(),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._models = {style: tuple(ids) for style, ids in models.items()}
        self._fallback = fallback
        self._clock = clock
        self._options = options
        self._monotonic = monotonic
        self._spent: tuple[str, int] = ("", 0)
        self._refused: dict[str, frozenset[str]] = {}

    def explain(self, request: ExplanationRequest) -> Explanation:
        """Return a proved text of the first model that gives one, else the fallback's."""
        ids = self._models.get(request.style) or next(iter(self._models.values()), ())
        if not ids:
            return self._fall_back(request, "no model id is set")
        end = self._monotonic() + self._options.deadline_seconds
        note = ""
        for model in ids:
            if self._tokens_left() <= 0:
                return self._fall_back(request, "the day's tokens are used up")
            if self._monotonic() >= end:
                return self._fall_back(request, note or "the time was up")
            try:
                return self._ask(model, request, end)
            except UnusableAnswerError as fault:
                return self._fall_back(request, f"{model}: {fault.reason}")
            except Exception as error:  # noqa: BLE001 (sorted in _code_of; an unknown one is raised again there)
                note = f"{model}: {_code_of(error)}"
                said = {"model": model, "fault": _code_of(error), "said": mask_personal(str(error))[:500]}
                _log.warning("bedrock model failed", extra=said)
        return self._fall_back(request, note)

    def _fall_back(self, request: ExplanationRequest, note: str) -> Explanation:
        """Return the fallback's text, marked."""
        text = self._fallback.explain(request)
        if text.source == "template":
            return degraded_template(request, note)
        return text

    def _ask(self, model: str, request: ExplanationRequest, end: float) -> Explanation:
        """Ask one model, once more where its first answer can be repaired."""
        messages: list[Any] = [{"role": "user", "content": [{"text": prompt(request)}]}]
        answer = self._converse(model, messages)
        try:
            return self._explanation(model, request, answer)
        except UnusableAnswerError as fault:
            if not fault.repairable or self._monotonic() >= end or self._tokens_left() <= 0:
                raise
            messages += _repair_turns(answer, fault.reason)
            return self._explanation(model, request, self._converse(model, messages))

    def _converse(self, model: str, messages: Sequence[Any]) -> "ConverseResponseTypeDef":
        """Send one call; a parameter that the model refuses is left out from then on."""
        from botocore.exceptions import ClientError

        for _ in _OPTIONAL:
            refused = self._refused.get(model, refused_by(model))
            try:
                return self._send(model, messages, refused)
            except ClientError as error:
                named = _refused_parameter(error) - refused
                if not named:
                    raise
                self._refused[model] = refused | named
        return self._send(model, messages, self._refused[model])

    def _send(
        self, model: str, messages: Sequence[Any], refused: frozenset[str]
    ) -> "ConverseResponseTypeDef":
        """Send one call and count its tokens."""
        options = self._options
        inference: Any = {"maxTokens": options.max_tokens}
        if "temperature" not in refused:
            inference["temperature"] = 0.0
        answer = self._client.converse(
            modelId=model,
            system=[{"text": _SYSTEM}],
            messages=list(messages),
            inferenceConfig=inference,
            **_extras(options, refused),
        )
        try:
            self._count(answer)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UnusableAnswerError("the service's answer cannot be read", repairable=False) from error
        return answer

    def _explanation(
        self, model: str, request: ExplanationRequest, answer: "ConverseResponseTypeDef"
    ) -> Explanation:
        """Read, prove and complete an answer."""
        stop = str(answer.get("stopReason", ""))
        step = _STOPS.get(stop, "up")
        if step != "read":
            raise UnusableAnswerError(f"it stopped with '{stop}'", repairable=step == "repair")
        sentences = parse_sentences(answer)
        outgoing = tuple(_with_placeholder(fact) for fact in request.facts)
        kept, dropped = prove_sentences(sentences, outgoing)
        kept = [sentence for sentence in kept if not _unknown_placeholder(sentence, request)]
        if not is_in_language(" ".join(sentence.text for sentence in kept), request.language):
            raise UnusableAnswerError(f"it is not written in '{request.language}'", repairable=True)
        missing = _unsaid(kept, request)
        if missing:
            reason = dropped[0] if dropped else f"the facts {', '.join(sorted(missing))} are not said"
            raise UnusableAnswerError(reason, repairable=True)
        names = {
            _placeholder(fact): format_fact(fact, request.language) for fact in request.facts if fact.name
        }
        final = tuple(Sentence(_restored(sentence.text, names), sentence.fact_ids) for sentence in kept)
        return Explanation(" ".join(each.text for each in final), request.language, final, "bedrock", model)

    def _tokens_left(self) -> int:
        """Return what is left of the day's tokens."""
        today = self._clock.now().date().isoformat()
        if self._spent[0] != today:
            self._spent = (today, 0)
        return self._options.daily_tokens - self._spent[1]

    def _count(self, answer: "ConverseResponseTypeDef") -> None:
        """Add the tokens of an answer to the day's."""
        self._tokens_left()
        used = int(answer.get("usage", {}).get("totalTokens", 0))
        self._spent = (self._spent[0], self._spent[1] + used)


def refused_by(model: str) -> frozenset[str]:
    """Return the parameters that a model is known to refuse.

    Examples
    --------
    >>> sorted(refused_by("claude-opus-4-8")), sorted(refused_by("nova-lite"))
    (['temperature'], [])
    """
    return next((names for pattern, names in _KNOWN_REFUSALS if pattern.search(model)), frozenset())


def _refused_parameter(error: "ClientError") -> frozenset[str]:
    """Return the optional parameters that a refusal names."""
    if error.response.get("Error", {}).get("Code") != "ValidationException":
        return frozenset()
    said = str(error).casefold()
    return frozenset(name for name, words in _OPTIONAL.items() if any(word in said for word in words))


def _extras(options: BedrockOptions, refused: frozenset[str]) -> dict[str, Any]:
    """Return what enforces the answer's schema, and the guardrail."""
    extra: dict[str, Any] = {}
    if options.structured == "json_schema" and "outputConfig" not in refused:
        schema = {"schema": json.dumps(_SCHEMA), "name": _TOOL}
        extra["outputConfig"] = {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": schema}}}
    elif options.structured == "tool":
        spec = {"name": _TOOL, "description": "Hand over the sentences.", "inputSchema": {"json": _SCHEMA}}
        extra["toolConfig"] = {"tools": [{"toolSpec": spec}], "toolChoice": {"tool": {"name": _TOOL}}}
    if options.guardrail is not None:
        identifier, version = options.guardrail
        extra["guardrailConfig"] = {"guardrailIdentifier": identifier, "guardrailVersion": version}
    return extra


def _code_of(error: Exception) -> str:
    """Name a fault of AWS or of the way there; raise anything else again."""
    from botocore.exceptions import BotoCoreError, ClientError

    if isinstance(error, ClientError):
        code = str(error.response.get("Error", {}).get("Code", "unknown"))
        return code if code in _NEXT_MODEL else f"{code} (unexpected)"
    if isinstance(error, BotoCoreError):
        return type(error).__name__
    raise error
