"""Descriptions find the shop's items across scripts and spellings; packs are never mixed up."""

from collections.abc import Callable
from datetime import date

import pytest

from samaan_ml.bills import (
    CatalogueItem,
    Reading,
    alias_key,
    amend,
    duplicate_key,
    match_item,
    near_duplicate,
    read_bill,
)

SHOP = [
    CatalogueItem("sugar-1", "Sugar 1 kg"),
    CatalogueItem("sugar-5", "Sugar 5 kg"),
    CatalogueItem("salt", "Tata Salt 1 kg"),
    CatalogueItem("dal", "Toor Dal 1 kg"),
    CatalogueItem("parle-65", "Parle-G Biscuit 65 g"),
    CatalogueItem("parle-800", "Parle-G Biscuit 800 g"),
    CatalogueItem("atta", "Aashirvaad Atta 5 kg"),
    CatalogueItem("surf", "Surf Excel 500 g", ("nila powder",)),
    CatalogueItem("milk", "Amul Taaza Milk 500 ml"),
    CatalogueItem("soap", "Lifebuoy Soap 100 g"),
]


@pytest.mark.parametrize(
    ("description", "item_id"),
    [
        ("SUGAR 1KG", "sugar-1"),
        ("Cheeni 1 kg", "sugar-1"),
        ("चीनी 1 किलो", "sugar-1"),
        ("shakkar 5kg", "sugar-5"),
        ("TATA NAMAK 1KG", "salt"),
        ("Arhar Daal 1 kg", "dal"),
        ("तूर दाल 1 किलो", "dal"),
        ("PARLE G BISCUITS 65GM", "parle-65"),
        ("Parle-G 800g", "parle-800"),
        ("Ashirvad Aata 5kg", "atta"),
        ("Nila powder 500g", "surf"),
        ("AMUL TAZA DOODH 500ML", "milk"),
        ("Lifeboy sabun 100g", "soap"),
    ],
)
def test_a_description_finds_its_item_first(description: str, item_id: str) -> None:
    assert match_item(description, SHOP)[0].item_id == item_id


@pytest.mark.parametrize(
    "description", ["Sugar 2 kg", "Parle-G 250 g", "Tata Salt 500g", "Amul Taaza Milk 1 l"]
)
def test_another_pack_is_never_taken_without_asking(description: str) -> None:
    assert not any(match.automatic for match in match_item(description, SHOP))


def test_an_exact_name_is_taken_and_a_stranger_is_not() -> None:
    assert match_item("Toor Dal 1 kg", SHOP)[0].automatic
    assert not match_item("Cadbury Dairy Milk 13 g", SHOP)[0].automatic


def test_a_choice_of_the_shop_is_remembered_across_spellings() -> None:
    learned = {alias_key("MEETHA 1KG"): "sugar-1"}
    assert match_item("meetha  1 kg", SHOP, learned)[0] == match_item("MEETHA 1KG", SHOP, learned)[0]
    assert match_item("MEETHA 1KG", SHOP, learned)[0].reason == "learned"
    assert match_item("MEETHA 5KG", SHOP, learned)[0].reason != "learned"


def test_at_most_three_are_offered_best_first() -> None:
    found = match_item("sugar", SHOP)
    assert len(found) == 3
    assert [match.score for match in found] == sorted((match.score for match in found), reverse=True)


def test_two_photographs_of_one_bill_share_a_key_and_another_bill_does_not(
    bill_rows: list[tuple[str, ...]], print_bill: Callable[..., Reading], today: date
) -> None:
    first = read_bill(print_bill(bill_rows), today=today)
    again = read_bill(print_bill(bill_rows, skew=0.015), today=today)
    other = amend(first, {"number": "GT/1046"}, today=today)
    assert duplicate_key(first) == duplicate_key(again) is not None
    assert duplicate_key(other) != duplicate_key(first)
    assert near_duplicate(first, again)
    assert not near_duplicate(first, amend(first, {"total": 1}, today=today))
