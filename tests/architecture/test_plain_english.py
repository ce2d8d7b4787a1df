"""Texts keep to the words of docs/style.md: pages, docstrings, comments, messages and help."""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGES = (
    "samaan",
    "samaan_ml",
    "training",
    "pipelines",
    "serving",
    "infra",
    "benchmarks",
    "clients/generator",
)
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs")
BANNED = (
    # archaic or stilted
    r"anew",
    r"for want of",
    r"of whom",
    r"whither|wherein|thereof|betimes|henceforth",
    r"held against",
    r"mend(s|ed|ing)?",
    r"(is|was|are|were|be|does|do) as ever",
    r"(told|tell|tells|telling)( them| it)? apart",
    r"is no stranger",
    r"what becomes of",
    r"what of it",
    r"stands for itself",
    r"holds? good",
    r"in the stead of",
    r"lies in wait",
    r"goes? astray",
    r"brings? into line",
    r"for ever",
    r"no news",
    r"(is|are) none of",
    r"by way of",
    r"wait(s)? for nobody|nobody (looks at|asks|knows|sees|foresaw)",
    # private words
    r"believable",
    r"likeness",
    r"sureness",
    r"(is|are|was|were|been) not there",
    r"(is|are|was|were|been|being|be) (told|said) (so|of|that|from|by|to)",
    r"unless (told|said) otherwise",
    r"what is not yours",
    # vague
    r"stuff",
)
PATTERN = re.compile("|".join(rf"\b(?:{each})\b" for each in BANNED), re.IGNORECASE)


def faults(text: str) -> Iterator[str]:
    """Find banned words of a text."""
    for found in PATTERN.finditer(re.sub(r"\s+", " ", text)):
        yield found[0]


def texts_of(source: str) -> Iterator[tuple[int, str]]:
    """Return the comments and strings of a module with their lines; names are free."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.STRING, tokenize.COMMENT):
            yield token.start[0], token.string


def of_modules(root: Path) -> Iterator[str]:
    """Find banned words of the packages' modules."""
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            if "versions" in path.parts:
                continue  # migrations record what ran
            for line, text in texts_of(path.read_text("utf-8")):
                for fault in faults(text):
                    yield f"{path.relative_to(root)}:{line}: {fault}"


def of_pages(root: Path) -> Iterator[str]:
    """Find banned words of the pages; the style page names them, the reference of the API comes from the modules."""
    for name in PAGES:
        place = root / name
        for path in sorted(place.rglob("*.md")) if place.is_dir() else [place]:
            if path.name == "style.md" or "api" in path.parts:
                continue
            for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
                for fault in faults(line):
                    yield f"{path.relative_to(root)}:{number}: {fault}"


@pytest.mark.parametrize(
    "fault", ["Make it anew.", "# of whom nobody knows", "hold it\nfor want\nof evidence", "a mended line"]
)
def test_the_check_sees_a_planted_fault(fault: str) -> None:
    assert list(faults(fault))


def test_names_are_free_and_strings_and_comments_are_read() -> None:
    found = list(texts_of('told = 1  # why\nsay = "what"\n'))
    assert found == [(1, "# why"), (2, '"what"')]


def test_modules_use_plain_words(project_root: Path) -> None:
    assert list(of_modules(project_root)) == []


def test_pages_use_plain_words(project_root: Path) -> None:
    assert list(of_pages(project_root)) == []
