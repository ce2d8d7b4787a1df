"""The CDK application: `make infra`, or `cdk deploy --app "python -m infra.app" -c profile=full --all`."""

import os
import sys
from pathlib import Path
from typing import Any

from aws_cdk import App, Environment, Tags

from infra.deployment import Deployment, DeploymentError
from infra.package import package
from infra.stacks.api import ApiStack
from infra.stacks.auth import AuthStack
from infra.stacks.data import DataStack
from infra.stacks.models import ModelsStack
from infra.stacks.observability import ObservabilityStack

__all__ = ["build", "main"]

# Log buckets by policy instead of by access lists; statements of one role put together.
_FLAGS = ("@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy", "@aws-cdk/aws-iam:minimizePolicies")

ROOT = Path(__file__).resolve().parent.parent


def build(app: App, deployment: Deployment) -> dict[str, Any]:
    """Put the stacks together; give them by name."""
    for flag in _FLAGS:
        app.node.set_context(flag, True)
    place = {"env": Environment(account=deployment.account, region=deployment.region)}
    name = deployment.name
    data = DataStack(app, f"{name}-data", deployment, **place)
    auth = AuthStack(app, f"{name}-auth", deployment, **place)
    models = ModelsStack(app, f"{name}-models", deployment, data, **place)
    api = ApiStack(app, f"{name}-api", deployment, data, auth, **place)
    watch = ObservabilityStack(app, f"{name}-observability", deployment, data, api, **place)
    Tags.of(app).add("project", "samaan-sathi")
    Tags.of(app).add("profile", deployment.profile)
    return {"data": data, "auth": auth, "models": models, "api": api, "observability": watch}


def chosen(app: App) -> Deployment:
    """Read the choices from CDK's context (`-c key=value`)."""

    def told(key: str, default: str = "") -> str:
        return str(app.node.try_get_context(key) or default)

    def words(key: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in told(key).split(",") if word.strip())

    given: Any = {"profile": told("profile", "lite"), "name": told("name", "samaan")}
    code = Path(told("code")) if told("code") else ROOT / "build" / "lambda"
    deployment = Deployment(
        code,
        account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
        production=told("production") in ("true", "1"),
        cors_origins=words("cors-origins"),
        bedrock_models=words("bedrock-models"),
        sms_sender=words("sms-sender"),
        alarm_email=told("alarm-email") or None,
        log_days=int(told("log-days", "30")),
        watched=words("watched"),
        image_tag=told("image-tag", "0.1.0"),
        **given,
    )
    if not told("code"):
        package(ROOT, code)
    return deployment


def main() -> None:
    """Synthesise what the context asks for."""
    app = App()
    try:
        build(app, chosen(app))
    except DeploymentError as error:
        sys.exit(f"error: {error}")
    app.synth()


if __name__ == "__main__":
    main()
