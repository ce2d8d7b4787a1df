"""Commands that stand for container images, since no image is run here."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from pipelines.local.errors import DefinitionError

__all__ = ["HOW_TO_MAP", "Images", "is_framework", "is_xgboost", "read_images", "without_xgboost"]

Task = Literal["train", "serve", "process"]
HOW_TO_MAP = "say which command does its work with --image NAME=COMMAND"
_OWN = {"samaan-sathi": "samaan train serve --host 127.0.0.1 --port {port}"}
_FRAMEWORKS = (
    "sagemaker-scikit-learn",
    "sagemaker-xgboost",
    "pytorch",
    "tensorflow",
    "huggingface",
    "mxnet",
    "djl",
    "sklearn",
)


def is_xgboost(image: object) -> bool:
    """Return whether an image is the service's built-in XGBoost."""
    name = str(image).rsplit("/", 1)[-1]
    return name.startswith(("sagemaker-xgboost", "xgboost:")) or name == "xgboost"


def is_framework(image: object) -> bool:
    """Return whether an image is one of the service's frameworks, which serve a model's own `inference.py`."""
    return any(part in str(image).rsplit("/", 1)[-1] for part in _FRAMEWORKS)


def without_xgboost() -> str | None:
    """Return what is missing for the built-in XGBoost; None where nothing is."""
    if find_spec("xgboost") is not None:
        return None
    return "the built-in XGBoost needs the package xgboost: pip install 'samaan-sathi[xgboost]'"


@dataclass(frozen=True)
class Images:
    """Commands by a part of the image's name.

    Parameters
    ----------
    commands : mapping of str to str, default={}
        Part of an image's name, or a pattern with `*`, to a command as a shell would read it. `train` or `serve` is
        added as the service's `docker run` does, unless the command holds `{task}` or `{port}`.

    Examples
    --------
    >>> Images({"my-image": "python main.py"}).command("1.dkr.ecr/my-image:2", "train")
    ('python', 'main.py', 'train')
    """

    commands: Mapping[str, str] = field(default_factory=dict)

    def command(self, image: object, task: Task) -> tuple[str, ...] | None:
        """Return the command that does an image's task; None where none was given."""
        if not isinstance(image, str):
            return None
        own = _OWN if task == "serve" else {}
        for known in (self.commands, own):
            fitting = [name for name in known if name in image or ("*" in name and fnmatch(image, name))]
            if fitting:
                return _words(known[max(fitting, key=len)], task)
        return None


def read_images(given: Mapping[str, str], file: Path | None = None) -> Images:
    """Read commands for images from a JSON file and from the command line, which wins.

    Raises
    ------
    DefinitionError
        When the file is none, or a command cannot be read.
    """
    commands: dict[str, str] = {}
    if file is not None:
        try:
            said = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise DefinitionError([f"'{file}' is not a JSON file of images and commands: {error}"]) from None
        if not isinstance(said, dict) or not all(isinstance(each, str) for each in said.values()):
            raise DefinitionError([f"'{file}' must hold an object of image names and commands"])
        commands.update(said)
    commands.update(given)
    for name, command in commands.items():
        try:
            empty = not name or not shlex.split(command)
        except ValueError as error:
            raise DefinitionError([f"image '{name}': command '{command}' cannot be read: {error}"]) from None
        if empty:
            raise DefinitionError([f"image '{name}': the name or the command is empty"])
    return Images(commands)


def _words(command: str, task: Task) -> tuple[str, ...]:
    """Split a command and put the task in."""
    words = tuple(word.replace("{task}", task) for word in shlex.split(command))
    stated = "{task}" in command or "{port}" in command or task == "process"
    return words if stated else (*words, task)
