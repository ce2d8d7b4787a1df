"""The templates of both profiles, synthesised once; skipped where the CDK or node is absent."""

import importlib.util
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

MODEL = "anthropic.claude-3-haiku-20240307-v1:0"


class Templates:
    """The resources of all stacks of one profile."""

    def __init__(self, profile: str, stacks: dict[str, dict[str, Any]]) -> None:
        self.profile = profile
        self.stacks = stacks

    @property
    def text(self) -> str:
        return json.dumps(self.stacks)

    def of(self, *kinds: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for stack, template in self.stacks.items():
            for name, resource in template.get("Resources", {}).items():
                if not kinds or resource["Type"] in kinds:
                    yield f"{stack}/{name}", resource

    def properties(self, kind: str) -> list[dict[str, Any]]:
        return [resource.get("Properties", {}) for _, resource in self.of(kind)]

    def kinds(self) -> set[str]:
        return {resource["Type"] for _, resource in self.of()}


def synthesise(profile: Any, folder: Path, **choices: Any) -> Templates:
    from aws_cdk import App

    from infra.app import build
    from infra.deployment import Deployment

    code = folder / "code"
    code.mkdir()
    (code / "empty.py").write_text("")
    app = App(outdir=str(folder / "out"))
    build(app, Deployment(code, profile=profile, **choices))
    app.synth()
    found = sorted((folder / "out").glob("*.template.json"))
    return Templates(profile, {path.name.split(".")[0]: json.loads(path.read_text()) for path in found})


@pytest.fixture(scope="session", params=["lite", "full"])
def templates(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    if importlib.util.find_spec("aws_cdk") is None:
        pytest.skip("aws-cdk-lib is not installed: make infra installs it in a place of its own")
    if shutil.which("node") is None:
        pytest.skip("the CDK needs node")
    os.environ["JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"] = "1"
    folder = tmp_path_factory.mktemp(request.param)
    return synthesise(
        request.param,
        folder,
        cors_origins=("https://app.example.in",),
        bedrock_models=(MODEL,),
        sms_sender=("1101", "1107"),
        watched=("demand",) if request.param == "full" else (),
    )
