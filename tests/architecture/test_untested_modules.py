"""Every module is imported by some test, itself or through a module that a test imports."""

import ast
import re
from pathlib import Path

BY_NAME = {"samaan.__main__", "samaan_ml.__main__", "serving.adapters.sql.migrations.env"}
"""Modules that only a command line or alembic loads; tests start them in a process of their own."""
PACKAGES = ("samaan", "samaan_ml", "training", "pipelines", "serving")


def imported_names(path: Path, package: str) -> set[str]:
    """Name the modules that a file imports, with each name taken from one."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # Lazy menus and commands name their modules: "_croston", "samaan_ml.forecasting.models._croston".
            name = node.value.split(":")[0]
            if re.fullmatch(r"[\w.]+", name):
                found |= {name, f"{package}.{name.lstrip('.')}"}
    return found


def module_of(path: Path, root: Path) -> str:
    """Return the dotted name of a file."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_every_module_is_reached_by_a_test(project_root: Path) -> None:
    files = {
        module_of(path, project_root): path
        for package in PACKAGES
        for path in (project_root / package).rglob("*.py")
        if "versions" not in path.parts
    }
    reached: set[str] = set()
    for test in (path for path in (project_root / "tests").rglob("*.py") if path != Path(__file__)):
        reached |= imported_names(test, "")
    # The application imports the slices by name; a slice's tests call its routes.
    slices = {
        path.name for path in (project_root / "tests" / "serving").iterdir() if list(path.glob("test_*.py"))
    }
    reached |= {f"serving.{name}.router" for name in slices}
    todo = [name for name in files if name in reached]
    seen: set[str] = set(todo)
    while todo:
        current = todo.pop()
        package = current if files[current].name == "__init__.py" else current.rpartition(".")[0]
        for name in imported_names(files[current], package):
            if name in files and name not in seen:
                seen.add(name)
                todo.append(name)
    modules = {name for name, path in files.items() if path.name != "__init__.py"}
    assert modules - seen == BY_NAME


def test_a_module_without_an_importer_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("from samaan_ml.domain import money; MENU = {'x': '_croston'}")
    found = imported_names(tmp_path / "a.py", "samaan_ml.forecasting.models")
    assert {"samaan_ml.domain.money", "samaan_ml.forecasting.models._croston"} <= found
    assert "samaan_ml.domain.units" not in found
