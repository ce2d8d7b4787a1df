"""What udhaar is never called and never does: no credit score, no interest, nothing across shops."""

import ast
import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest

from samaan_ml.domain.reminder_texts import BANNED
from samaan_ml.udhaar import CATALOGUE
from serving.app import create_app
from serving.ports.udhaar import UdhaarStore

NEVER = re.compile(r"credit[\s_-]*(score|rating)|\bcibil\b|\binterest(?!ing)|\blate fee", re.IGNORECASE)
UDHAAR = (
    "samaan_ml/udhaar",
    "samaan_ml/domain",
    "serving/udhaar",
    "serving/ports/udhaar.py",
    "serving/adapters/sql/udhaar.py",
    "serving/adapters/dynamodb/udhaar.py",
    "training/udhaar.py",
)
DENIALS = ("never uses interest", "interest does not leave")


def texts_of(path: Path) -> set[str]:
    """Return the names and texts of a module, without comments."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, ast.Name | ast.Attribute):
            found.add(node.id if isinstance(node, ast.Name) else node.attr)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
    return found


def test_the_pattern_finds_what_it_is_to_find() -> None:
    for said in ("Credit score", "credit_score", "interest rate", "late fee", "CIBIL"):
        assert NEVER.search(said)
    assert not NEVER.search("an interesting score of credits")


@pytest.mark.parametrize("part", UDHAAR)
def test_no_name_and_no_text_of_the_code_speaks_of_scores_or_interest(part: str, project_root: Path) -> None:
    banned = {phrase for phrases in BANNED.values() for phrase in phrases}
    start = project_root / part
    for path in [start] if start.is_file() else start.rglob("*.py"):
        for text in texts_of(path) - banned:
            told = text
            for denial in DENIALS:
                told = told.replace(denial, "")
            assert not NEVER.search(told), f"{path}: {text[:80]}"


def test_no_word_of_the_api_speaks_of_scores_or_interest() -> None:
    document = json.dumps(create_app(slices=("udhaar",)).openapi(), ensure_ascii=False)
    assert "khata" in document
    assert not NEVER.search(document)
    assert not any(NEVER.search(feature.text) for feature in CATALOGUE)


def test_no_question_to_the_store_spans_shops() -> None:
    for name, method in inspect.getmembers(UdhaarStore, inspect.isfunction):
        if name.startswith("_"):
            continue
        first: Any = list(inspect.signature(method).parameters.values())[1]
        assert first.name in ("shop_id", "entry"), f"{name} asks without naming its one shop"
