"""Whether a price may be asked: the law, the shop's own rules, and a proof that anyone can check again.

The rules stand in `samaan_ml.domain.price_rules` and are offered here beside the proof: a recommended price with
the facts it was made from, the limits they left and the digest of the rules, all in whole paise, basis points and
dates, so that it holds to the paisa on any machine.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from itertools import chain
from typing import Any, Literal

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.gst import split_price
from samaan_ml.domain.price_rules import (
    PriceFacts,
    PriceLimits,
    PriceRules,
    Rule,
    RuleBook,
    margin_floor_paise,
    price_limits,
    reference_ceiling_paise,
    sha256,
)
from samaan_ml.domain.printed_price import exceeds_mrp

__all__ = [
    "PriceFacts",
    "PriceLimits",
    "PriceProof",
    "PriceRules",
    "Rule",
    "RuleBook",
    "margin_floor_paise",
    "price_limits",
    "proof_texts",
    "prove",
    "reference_ceiling_paise",
    "verify",
]


@dataclass(frozen=True, slots=True)
class PriceProof:
    """Why a price may be asked, in a form that `verify` checks again from nothing.

    Parameters
    ----------
    facts : PriceFacts
        What was known.
    rules_version, rules_digest : str
        The rules applied.
    action : {"change", "hold"}
        What is recommended.
    price_paise : int
        The price recommended; today's price for a hold.
    gain_paise_per_week : int
        Gain expected from a change, 0 for a hold.
    lowest_paise, highest_paise : int
        Range the rules left for a change.
    lowest_rule, highest_rule : str
        The rules behind its ends.
    net_paise, tax_paise : int
        The price taken apart.
    digest : str, default=""
        SHA-256 of all the rest.
    """

    facts: PriceFacts
    rules_version: str
    rules_digest: str
    action: Literal["change", "hold"]
    price_paise: int
    gain_paise_per_week: int
    lowest_paise: int
    lowest_rule: str
    highest_paise: int
    highest_rule: str
    net_paise: int
    tax_paise: int
    digest: str = ""

    def to_json(self) -> dict[str, Any]:
        """The proof as JSON values."""
        raw = asdict(self)
        for name in ("on", "last_change_on"):
            value = raw["facts"][name]
            raw["facts"][name] = None if value is None else value.isoformat()
        return raw

    def to_text(self) -> str:
        """The proof as one line: a JSON array of its fields, the digest last."""
        return _canonical([*_flat(self), self.digest])

    @classmethod
    def from_text(cls, text: str) -> "PriceProof":
        """Read a proof from its line.

        Raises
        ------
        RuleError
            When it is no proof.
        """
        try:
            flat = json.loads(text)
            names = [each.name for each in fields(PriceFacts)]
            facts = dict(zip(names, flat[: len(names)], strict=True))
            rest = dict(zip([each.name for each in fields(cls)][1:], flat[len(names) :], strict=True))
        except (TypeError, ValueError) as error:
            raise RuleError(f"this is no price proof: {error}") from None
        return cls.from_json({"facts": facts, **rest})

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "PriceProof":
        """Read a proof from JSON values.

        Raises
        ------
        RuleError
            When it is no proof.
        """
        try:
            facts = dict(raw["facts"])
            facts["on"] = date.fromisoformat(facts["on"])
            if facts["last_change_on"] is not None:
                facts["last_change_on"] = date.fromisoformat(facts["last_change_on"])
            return cls(**{**raw, "facts": PriceFacts(**facts)})
        except (KeyError, TypeError, ValueError) as error:
            raise RuleError(f"this is no price proof: {error}") from None


def prove(
    facts: PriceFacts,
    rules: PriceRules,
    action: Literal["change", "hold"],
    price_paise: int,
    gain_paise_per_week: int = 0,
    limits: PriceLimits | None = None,
) -> PriceProof:
    """Write the proof of a recommendation; `verify` tells whether it holds.

    Examples
    --------
    >>> facts = PriceFacts("atta-5kg", date(2026, 1, 5), 26_000, 22_000, 29_500, gst_rate_bp=500)
    >>> verify(prove(facts, PriceRules(), "change", 27_500, 4_000), PriceRules())
    ()
    >>> verify(prove(facts, PriceRules(), "change", 29_000, 4_000), PriceRules())
    ('max_change: 29000 paise lies above 28600',)
    """
    limits = price_limits(facts, rules) if limits is None else limits
    split = split_price(max(price_paise, 0), facts.gst_rate_bp or 0, composition=rules.composition)
    proof = PriceProof(
        facts=facts,
        rules_version=rules.version,
        rules_digest=rules.digest,
        action=action,
        price_paise=price_paise,
        gain_paise_per_week=gain_paise_per_week,
        lowest_paise=limits.lowest_paise,
        lowest_rule=limits.lowest_rule,
        highest_paise=limits.highest_paise,
        highest_rule=limits.highest_rule,
        net_paise=split.net_paise,
        tax_paise=split.tax_paise,
    )
    return replace(proof, digest=_digest(proof))


def verify(proof: PriceProof, rules: PriceRules) -> tuple[str, ...]:
    """Check a proof from nothing but itself and the rules; every fault is named, none means that it holds.

    Parameters
    ----------
    proof : PriceProof
        The proof.
    rules : PriceRules
        The rules it must have been made under.

    Returns
    -------
    tuple of str
        The faults; empty where the price may be asked and every field is as it was written.
    """
    faults = [f"facts: {problem}" for problem in proof.facts.problems()] if proof.action == "change" else []
    if proof.digest != _digest(proof):
        faults.append("digest: a field was altered after the proof was written")
    if (proof.rules_version, proof.rules_digest) != (rules.version, rules.digest):
        faults.append(
            f"rules: the proof was made under version '{proof.rules_version}', not '{rules.version}'"
        )
    if rules.effective_from > proof.facts.on:
        faults.append(f"rules: version '{rules.version}' is in force from {rules.effective_from} only")
    limits = price_limits(proof.facts, rules)
    stated = (proof.lowest_paise, proof.lowest_rule, proof.highest_paise, proof.highest_rule)
    if stated != (limits.lowest_paise, limits.lowest_rule, limits.highest_paise, limits.highest_rule):
        faults.append("limits: the stated range is not the one the rules leave")
    split = split_price(
        max(proof.price_paise, 0), proof.facts.gst_rate_bp or 0, composition=rules.composition
    )
    if (proof.net_paise, proof.tax_paise) != (split.net_paise, split.tax_paise):
        faults.append("tax: the stated parts are not those of the price")
    return (*faults, *_price_faults(proof, rules, limits))


def _price_faults(proof: PriceProof, rules: PriceRules, limits: PriceLimits) -> list[str]:
    """What is wrong with the price itself."""
    price, facts = proof.price_paise, proof.facts
    if proof.action == "hold":
        faults = [] if price == facts.price_paise else ["hold: the price is not today's"]
        if not limits.legal_now:
            faults.append(f"mrp: {price} paise lies above {facts.mrp_paise}")
        return faults if proof.gain_paise_per_week == 0 else [*faults, "hold: a hold gains nothing"]
    faults = []
    if exceeds_mrp(price, facts.mrp_paise):
        faults.append(f"mrp: {price} paise lies above {facts.mrp_paise}")
    elif price > limits.highest_paise:
        faults.append(f"{limits.highest_rule}: {price} paise lies above {limits.highest_paise}")
    if price < limits.lowest_paise:
        faults.append(f"{limits.lowest_rule}: {price} paise lies below {limits.lowest_paise}")
    if price not in rules.ladder:
        faults.append(f"ladder: {price} paise is not a price of the ladder")
    if limits.frozen_by is not None:
        faults.append(f"{limits.frozen_by}: the price may not change on {facts.on}")
    if price == facts.price_paise:
        faults.append("change: the price is today's")
    if limits.legal_now and proof.gain_paise_per_week < rules.min_gain_paise_per_week:
        faults.append(f"min_gain: {proof.gain_paise_per_week} paise a week are less than the least gain")
    return faults


def _digest(proof: PriceProof) -> str:
    """Fingerprint of a proof without its digest."""
    return sha256(_canonical(_flat(proof)))


def _flat(proof: PriceProof) -> list[Any]:
    """Fields of a proof in the fixed order of its text, without the digest."""
    facts = proof.facts
    return [
        facts.item_id,
        facts.on.isoformat(),
        facts.price_paise,
        facts.cost_paise,
        facts.mrp_paise,
        facts.loose,
        facts.gst_rate_bp,
        None if facts.last_change_on is None else facts.last_change_on.isoformat(),
        facts.known_value,
        facts.reference_price_paise,
        facts.reference_age_days,
        proof.rules_version,
        proof.rules_digest,
        proof.action,
        proof.price_paise,
        proof.gain_paise_per_week,
        proof.lowest_paise,
        proof.lowest_rule,
        proof.highest_paise,
        proof.highest_rule,
        proof.net_paise,
        proof.tax_paise,
    ]


_canonical = json.JSONEncoder(separators=(",", ":")).encode
"""One JSON array of the fields, the text that is hashed."""


_BETWEEN = [""]
_BETWEEN_IN_JSON = f",{json.dumps(_BETWEEN)},"


def proof_texts(flats: Sequence[list[Any]]) -> list[str]:
    """Write proofs, each from its fields in the order of `PriceProof.to_text`, with their digests at the end.

    All proofs are encoded in one call of the encoder, because the call costs more than the fields. The separator cannot
    occur in a proof: no field is a list, and JSON escapes the quotes inside a string.

    Examples
    --------
    >>> [text[:7] for text in proof_texts([["a", 1], ["b", None]])]
    ['["a",1,', '["b",nu']
    """
    if not flats:
        return []
    together = chain.from_iterable((*flat, _BETWEEN) for flat in flats)
    fields = _canonical(list(together))[1:].split(_BETWEEN_IN_JSON)
    fields[-1] = fields[-1].removesuffix(f"{_BETWEEN_IN_JSON[:-1]}]")
    return [f'[{each},"{sha256(f"[{each}]")}"]' for each in fields]
