"""Documentation and code cannot part: settings, decisions and the commands of the front page."""

import re
import subprocess
from pathlib import Path

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
