"""What the app's sources and built files must hold, without a browser."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
WORDS = sorted((WEB / "src" / "words").glob("word-*.json"))
ENGLISH = json.loads((WEB / "src" / "words" / "word-en.json").read_text("utf-8"))
SOURCES = sorted(path for path in (WEB / "src").rglob("*.ts*") if path.suffix in {".ts", ".tsx"})


def test_the_app_speaks_the_nine_languages_of_the_explanations() -> None:
    assert {path.stem.removeprefix("word-") for path in WORDS} == {
        "en",
        "hi",
        "hi-Latn",
        "bn",
        "gu",
        "kn",
        "mr",
        "ta",
        "te",
    }


@pytest.mark.parametrize("path", WORDS, ids=lambda path: path.stem)
def test_every_language_has_the_same_words_with_the_same_places(path: Path) -> None:
    words = json.loads(path.read_text("utf-8"))
    assert words.keys() == ENGLISH.keys()
    for name, text in words.items():
        assert text.strip(), name
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", ENGLISH[name])), name


def test_every_word_that_a_screen_asks_for_exists() -> None:
    for path in SOURCES:
        for name in re.findall(r"\bt\(\s*\"(\w+)\"", path.read_text("utf-8")):
            assert name in ENGLISH, f"{path.name}: {name}"


def test_every_path_that_the_app_calls_is_in_the_api() -> None:
    known = set(json.loads((ROOT / "clients" / "openapi.json").read_text("utf-8"))["paths"])
    shapes = [re.compile("^" + re.sub(r"\{\w+\}", "[^/]+", path) + "$") for path in known]
    called = set()
    for path in SOURCES:
        for text in re.findall(r"[\"`](/v1/[^\"`]*)[\"`]", path.read_text("utf-8")):
            plain = re.sub(r"\$\{[^}]*\}", "x", text).split("?")[0]
            called.add(plain.removesuffix("/x") if plain.endswith("s/x/x") else plain)
    assert len(called) > 30
    called.discard("/v1/operator/models")  # the operator's, in no shop's document
    unknown = sorted(each for each in called if not any(shape.match(each) for shape in shapes))
    assert unknown == []


def test_no_source_writes_markup_from_text() -> None:
    for path in SOURCES:
        text = path.read_text("utf-8")
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|\beval\(|new Function", text
        ), path


def test_no_file_names_another_host() -> None:
    for path in [*SOURCES, *sorted((WEB / "public").glob("*.webmanifest")), WEB / "index.html"]:
        hosts = set(re.findall(r"https?://[\w.-]+", path.read_text("utf-8")))
        assert hosts == set(), f"{path}: {hosts}"


def test_the_lock_of_the_apps_packages_names_no_address() -> None:
    lock = json.loads((WEB / "package-lock.json").read_text("utf-8"))
    assert all("resolved" not in package for package in lock["packages"].values())
    assert all("integrity" in package for name, package in lock["packages"].items() if name)
