"""Documentation and code cannot part: settings, decisions and the commands of the front page."""

import ast
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from samaan.cli import COMMANDS
from serving.settings import Settings


def test_every_setting_of_the_api_is_documented_with_its_default(project_root: Path) -> None:
    text = (project_root / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        row = re.search(rf"^\| `SAMAAN_{name.upper()}` \| (.+?) \|", text, re.MULTILINE)
        assert row, f"SAMAAN_{name.upper()} is not in settings.md"
        if name != "home":
            expected = "unset" if field.default in (None, ()) else f"`{field.default}`"
            assert row.group(1) == expected, name


def test_decisions_are_numbered_without_gaps(project_root: Path) -> None:
    numbers = [int(path.name[:4]) for path in sorted((project_root / "docs" / "decisions").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_page_is_in_the_contents_once(project_root: Path) -> None:
    text = (project_root / "mkdocs.yml").read_text(encoding="utf-8")
    listed = re.findall(r"^\s+- (?:[^:\n]+: )?(\S+\.md)$", text, re.MULTILINE)
    docs = project_root / "docs"
    assert sorted(listed) == sorted(path.relative_to(docs).as_posix() for path in docs.rglob("*.md"))


def test_the_front_page_names_only_commands_that_exist(project_root: Path) -> None:
    text = (project_root / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\bsamaan ([a-z]+)", text))
    assert named
    assert named <= set(COMMANDS)
    targets = set(re.findall(r"^\$ make ([a-z-]+)", text, re.MULTILINE))
    makefile = (project_root / "Makefile").read_text(encoding="utf-8")
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


def test_plain_make_prints_the_list_of_commands(project_root: Path) -> None:
    run = subprocess.run(["make"], cwd=project_root, capture_output=True, text=True, check=True)
    assert {"setup", "demo", "test", "check"} <= set(re.findall(r"make ([a-z-]+)", run.stdout))


def test_every_relative_link_leads_somewhere(project_root: Path) -> None:
    pages = [project_root / "README.md", *sorted((project_root / "docs").rglob("*.md"))]
    broken = [
        f"{page.relative_to(project_root)} -> {target}"
        for page in pages
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_decision_follows_one_template(project_root: Path) -> None:
    for path in sorted((project_root / "docs" / "decisions").glob("*.md")):
        headings = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert sorted(headings) == ["Consequences", "Decision", "Reasons"], path.name


def python_blocks(text: str) -> list[str]:
    """Return the Python code of a page."""
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def pages_with_code(root: Path) -> list[str]:
    """Name the pages that hold Python code."""
    pages = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    return [str(page.relative_to(root)) for page in pages if python_blocks(page.read_text(encoding="utf-8"))]


def test_code_of_pages_parses_and_imports_only_public_names(project_root: Path) -> None:
    pages = pages_with_code(project_root)
    assert pages
    for page in pages:
        for block in python_blocks((project_root / page).read_text(encoding="utf-8")):
            for node in ast.walk(ast.parse(block)):
                if isinstance(node, ast.ImportFrom):
                    module = importlib.import_module(str(node.module))
                    assert [a.name for a in node.names if not hasattr(module, a.name)] == [], page


ON_AWS = {"docs/guides/pipelines.md"}
"""Pages whose code needs an account; it is parsed and its imports are checked."""


@pytest.mark.slow
@pytest.mark.parametrize("page", sorted({*pages_with_code(Path(__file__).resolve().parents[2])} - ON_AWS))
def test_code_of_pages_runs(page: str, project_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project_root)
    code = "\n".join(python_blocks((project_root / page).read_text(encoding="utf-8")))
    exec(compile(code, page, "exec"), {"__name__": "__main__"})  # noqa: S102 (the project's own pages)


def test_the_reference_of_the_library_is_that_of_the_menus(project_root: Path) -> None:
    code = (
        "import reference_pages as r\nfor menu, title in r.PAGES.items():\n"
        "    text = (r.FOLDER / f'{menu}.md').read_text('utf-8')\n"
        "    assert text == r.page(menu, title), f'{menu}: run python docs/reference_pages.py'\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{project_root}{os.pathsep}{project_root / 'docs'}"}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    )
    assert run.returncode == 0, run.stderr
