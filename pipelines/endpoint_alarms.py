"""The alarms that roll a replacement of an endpoint back."""

from __future__ import annotations

from typing import Any

from pipelines.endpoints import VARIANT, Endpoint

__all__ = ["endpoint_alarms"]

_SLOW_MICROSECONDS = 2_000_000.0


def endpoint_alarms(cloudwatch: Any, endpoint: Endpoint) -> tuple[str, ...]:
    """Make an endpoint's alarms, or bring them to what is asked; give their names.

    Parameters
    ----------
    cloudwatch : CloudWatch client
        The client.
    endpoint : Endpoint
        The endpoint.

    Returns
    -------
    tuple of str
        An alarm for answers with 5xx, and one for a 95th percentile of the model's latency above two seconds.
    """
    shared = {
        "Namespace": "AWS/SageMaker",
        "Dimensions": [
            {"Name": "EndpointName", "Value": endpoint.name},
            {"Name": "VariantName", "Value": VARIANT},
        ],
        "Period": 60,
        "EvaluationPeriods": 2,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",  # an endpoint without requests is not at fault
    }
    errors, slow = f"{endpoint.name}-5xx", f"{endpoint.name}-latency"
    cloudwatch.put_metric_alarm(
        AlarmName=errors, MetricName="Invocation5XXErrors", Statistic="Sum", Threshold=0.0, **shared
    )
    cloudwatch.put_metric_alarm(
        AlarmName=slow,
        MetricName="ModelLatency",
        ExtendedStatistic="p95",
        Threshold=_SLOW_MICROSECONDS,
        **shared,
    )
    return (errors, slow)
