"""A large or old sheet is read by another process, within limits; the caller's process stays small and free."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from samaan_ml.sheets import Options, SheetError, _apart, open_kept, read_apart
from tests.samaan_ml.sheets.cases import CASES

OPTIONS = Options(today=date(2026, 6, 30))
AFile = Callable[..., Path]


@pytest.mark.parametrize("name", ["decimal comma and semicolons", "Hindi", "merged dates and sums"])
def test_the_other_process_reads_what_this_one_reads(name: str, a_file: AFile) -> None:
    path = a_file(CASES[name].text)
    here, apart = (read_apart(path, OPTIONS, max_rows=100, small=size) for size in (10**6, 0))
    assert open_kept(here).card == open_kept(apart).card
    assert list(open_kept(here).lines()) == list(open_kept(apart).lines())


def test_what_is_wrong_with_a_sheet_comes_back_from_the_other_process(a_file: AFile) -> None:
    with pytest.raises(SheetError, match="no column for date") as caught:
        read_apart(a_file("item,qty,rate\nTea,1,2\n"), OPTIONS, max_rows=100, small=0)
    assert caught.value.hint
    with pytest.raises(SheetError, match="more than 2 rows") as caught:
        read_apart(a_file("date,item,qty,rate\n" + "2026-03-01,Tea,1,2\n" * 3), OPTIONS, max_rows=2, small=0)
    assert "parts" in str(caught.value.hint)


def test_a_process_that_dies_is_a_sheet_that_cannot_be_read(
    a_file: AFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_apart, "_MAX_SECONDS", 0.001)
    with pytest.raises(SheetError, match="memory or time"):
        read_apart(a_file("date,item,qty,rate\n2026-03-01,Tea,1,2\n"), OPTIONS, max_rows=9, small=0)
