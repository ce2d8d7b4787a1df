"""The project's own rules, as small checks over the syntax tree, each checked itself on a planted fault."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest


def sources(root: Path, *packages: str) -> Iterator[tuple[str, ast.Module]]:
    """Go through the modules of some packages."""
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            yield str(path.relative_to(root)), ast.parse(path.read_text(encoding="utf-8"))


def float_money(tree: ast.Module) -> Iterator[str]:
    """Name each field or parameter in paise or milli-units that is annotated as a float."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name, note = node.target.id, node.annotation
        elif isinstance(node, ast.arg) and node.annotation is not None:
            name, note = node.arg, node.annotation
        else:
            continue
        words = {leaf.id for leaf in ast.walk(note) if isinstance(leaf, ast.Name)}
        if name.endswith(("_paise", "_milli")) and "float" in words:
            yield f"line {node.lineno}: {name}"


def wall_clock(tree: ast.Module) -> Iterator[str]:
    """Name each call that reads the wall clock."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"now", "utcnow", "today"}
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in {"datetime", "date"}
        ):
            yield f"line {node.lineno}: {node.func.value.id}.{node.func.attr}()"


@pytest.mark.parametrize(
    "fault", ["amount_paise: float = 0.0", "def pay(amount_paise: float | None) -> None: ..."]
)
def test_the_money_rule_sees_a_planted_fault(fault: str) -> None:
    assert list(float_money(ast.parse(fault)))


def test_money_and_quantities_are_never_floats_outside_a_model(project_root: Path) -> None:
    packages = ("serving", "samaan_ml/domain", "samaan_ml/bills", "pipelines")
    faults = [
        f"{name} {fault}" for name, tree in sources(project_root, *packages) for fault in float_money(tree)
    ]
    assert faults == []


def test_the_clock_rule_sees_a_planted_fault() -> None:
    assert list(wall_clock(ast.parse("at = datetime.now(UTC)")))


def test_only_the_clock_adapter_reads_the_wall_clock_in_the_api(project_root: Path) -> None:
    faults = [
        f"{name} {fault}"
        for name, tree in sources(project_root, "serving", "samaan_ml/domain")
        for fault in wall_clock(tree)
        if "clock" not in Path(name).stem
    ]
    assert faults == []


def test_no_file_names_a_package_registry_or_a_path_of_a_machine(project_root: Path) -> None:
    hosts = re.compile(r"p[y]pi\.org|p[y]thonhosted\.org|registry\.n[p]mjs|d[e]b\.debian\.org")
    kinds = {".py", ".md", ".toml", ".txt", ".json", ".yml", ".yaml", ".ipynb", ".cfg", ""}
    skipped = {".venv", ".git", "node_modules", ".samaan", "cdk.out", "build"}
    found = [
        str(path.relative_to(project_root))
        for path in project_root.rglob("*")
        if path.is_file()
        and path.suffix in kinds
        and not skipped & set(path.relative_to(project_root).parts)
        and not any(part.startswith(".venv") or part.endswith("_cache") for part in path.parts)
        and path.stat().st_size < 5_000_000
        and hosts.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert found == []
