"""The SageMaker SDK at work without an account, a network or its chatter."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

__all__ = ["BUCKET", "checked_once", "new_session", "quiet_sdk"]

REGION = "ap-south-1"
BUCKET = "samaan-sathi"
"""Default of the parameter Bucket; a definition names no bucket of an account."""


@contextmanager
def quiet_sdk() -> Iterator[None]:
    """Let the SDK build without an account, a network or its chatter, and leave the environment as it was."""
    wanted = {
        "SAGEMAKER_VALIDATE_ROLE": "false",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def checked_once(settings: Mapping[str, Any]) -> Iterator[None]:
    """Check the session's settings once; the SDK does so for each it looks up, nine tenths of a build's time."""
    from sagemaker.core.config.config_manager import SageMakerConfig

    check = SageMakerConfig.validate_sagemaker_config
    check(settings)
    SageMakerConfig.validate_sagemaker_config = staticmethod(lambda _=None: None)
    try:
        yield
    finally:
        SageMakerConfig.validate_sagemaker_config = staticmethod(check)


def new_session() -> Any:
    """Make a session that records requests and sends none."""
    import boto3
    from sagemaker.core.workflow.pipeline_context import PipelineSession

    no_telemetry = {
        "SchemaVersion": "1.0",
        "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}},
    }
    session = boto3.Session(region_name=REGION)
    return PipelineSession(boto_session=session, default_bucket=BUCKET, sagemaker_config=no_telemetry)
