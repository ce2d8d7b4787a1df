"""Content types and Accept lists as clients write them."""

from __future__ import annotations

import pytest

from training.media_types import chosen, media_type

OFFERED = ["application/json", "application/jsonlines"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Application/JSON; charset=utf-8", "application/json"),
        ("application/x-jsonlines", "application/jsonlines"),
        ("application/x-ndjson", "application/jsonlines"),
        ("TEXT/CSV;header=present", "text/csv"),
        ("", ""),
    ],
)
def test_a_content_type_is_read_in_any_case_and_by_its_other_names(written: str, read: str) -> None:
    assert media_type(written) == read


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/html, application/json", "application/json"),
        ("text/html;q=1, application/jsonlines;q=0.5, */*;q=0.1", "application/jsonlines"),
        ("application/*", "application/json"),
        ("application/json;q=0, application/x-jsonlines", "application/jsonlines"),
        ("text/html", None),
        ("application/json;q=0", None),
        (";;;,,q=x", None),
    ],
)
def test_an_accept_list_is_answered_by_its_weights(accept: str, answered: str | None) -> None:
    assert chosen(accept, "application/json", OFFERED) == answered
