"""Numbers in words: each language's own, their fractions and scales, and words that only look like numbers."""

import json
from importlib.resources import files

import pytest

from samaan_ml.explain._claims import find_claims
from samaan_ml.explain._number_claims import readable
from samaan_ml.explain._numerals import fold_word, write_digits

LANGUAGES = json.loads(
    files("samaan_ml.explain").joinpath("languages", "numerals.json").read_text(encoding="utf-8")
)["languages"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_below_a_hundred_is_read_before_a_unit(language: str) -> None:
    unit = frozenset({fold_word("kg")})
    for number, phrases in enumerate(LANGUAGES[language]):
        for phrase in phrases:
            assert write_digits(f"{phrase} kg", unit) == f"{number} kg", phrase


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("twelve hundred and fifty rupees", "1250 rupees"),
        ("two lakh fifty thousand rupees", "250000 rupees"),
        ("half a dozen", "0.5 dozen"),
        ("two and a half kilos", "2.5 kilos"),
        ("सवा लाख रुपये", "1.25 लाख रुपये"),
        ("पौने दो हज़ार रुपये", "1.75 हज़ार रुपये"),
        ("साढ़े तीन हज़ार रुपये", "3.5 हज़ार रुपये"),
        ("दो हज़ार पाँच सौ रुपये", "2500 रुपये"),
        ("dhai hazar rupaye", "2.5 hazar rupaye"),
        ("আড়াই হাজার টাকা", "2.5 হাজার টাকা"),
        ("দুশো টাকা", "200 টাকা"),
        ("இரண்டு லட்சம் ரூபாய்", "200000 ரூபாய்"),
        ("1.5 lakh rupaye", "1.5 lakh rupaye"),
        ("order kar do", "order kar do"),
        ("no more than that", "no more than that"),
        ("saath mein", "saath mein"),
    ],
)
def test_a_phrase_is_read_as_a_person_reads_it(text: str, digits: str) -> None:
    assert readable(text) == digits
    assert readable(digits) == digits


@pytest.mark.parametrize(
    "seed", ["a hundred ", "two and a ", "दो हज़ार ", "1 in ", "half a ", "का ₹1,00,", "sadhe "]
)
def test_the_time_to_read_grows_with_the_length_alone(seed: str) -> None:
    # A text that is a hundred times longer has a hundred times the words: exponential or cubic reading would not end.
    assert find_claims(seed * 20) is not None
    assert find_claims(seed * 2_000) is not None
