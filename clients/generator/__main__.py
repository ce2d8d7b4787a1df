"""Write the OpenAPI document, both clients and the reference pages: `python -m clients.generator`."""

import json
from pathlib import Path

import click

from clients.generator.breaking import breaking_changes
from clients.generator.python_writer import write_python
from clients.generator.reference_writer import write_reference
from clients.generator.typescript_writer import write_typescript
from serving.app import create_app
from serving.settings import Settings

HERE = Path(__file__).parents[1]
GOLDEN = HERE / "openapi.json"
PAGES = HERE.parent / "docs" / "reference" / "api"


def written() -> dict[Path, str]:
    """Return the text of every file that is made from the API as it is."""
    document = create_app(Settings()).openapi()
    golden = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    files = {
        GOLDEN: golden,
        HERE / "samaan_client.py": write_python(document),
        HERE / "samaan-client.ts": write_typescript(document),
    }
    return files | {PAGES / name: text for name, text in write_reference(document).items()}


@click.command()
@click.option("--breaking", is_flag=True, help="Write even what breaks clients of the committed document.")
def main(breaking: bool) -> None:
    """Write openapi.json, the clients and docs/reference/api; refuse changes that break clients."""
    files = written()
    if GOLDEN.exists() and not breaking:
        found = breaking_changes(json.loads(GOLDEN.read_text("utf-8")), json.loads(files[GOLDEN]))
        if found:
            raise click.ClickException(
                "\n".join(["clients would break; --breaking writes it all the same:", *found])
            )
    for old in PAGES.glob("*.md"):
        if old not in files:
            old.unlink()
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    click.echo(f"{len(files)} files written")


if __name__ == "__main__":
    main()
