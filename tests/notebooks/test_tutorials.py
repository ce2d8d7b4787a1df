"""What the tutorials show is what happens."""

import re
from pathlib import Path

import pytest

TUTORIALS = Path(__file__).resolve().parents[2] / "docs" / "tutorials"


@pytest.mark.parametrize("path", sorted(TUTORIALS.glob("*.md")), ids=lambda path: path.stem)
def test_the_python_of_a_tutorial_runs(path: Path) -> None:
    for block in re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.DOTALL):
        exec(compile(block, str(path), "exec"), {"__name__": path.stem})  # noqa: S102 (our own documents)


@pytest.mark.parametrize("path", sorted(TUTORIALS.glob("*.md")), ids=lambda path: path.stem)
def test_a_tutorial_names_only_options_that_exist(path: Path) -> None:
    from samaan.data import data

    for name, rest in re.findall(r"samaan data (\w+)([^\n`]*)", path.read_text(encoding="utf-8")):
        known = {option for parameter in data.commands[name].params for option in parameter.opts}
        assert set(re.findall(r"(?<!\S)--[a-z-]+", rest)) <= known
