"""How long logs are kept."""

from aws_cdk import aws_logs as logs

from infra.deployment import Deployment, DeploymentError

__all__ = ["retention"]

_DAYS = {
    7: logs.RetentionDays.ONE_WEEK,
    30: logs.RetentionDays.ONE_MONTH,
    90: logs.RetentionDays.THREE_MONTHS,
    180: logs.RetentionDays.SIX_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
}


def retention(deployment: Deployment) -> logs.RetentionDays:
    """Give CloudWatch's word for the days.

    Raises
    ------
    DeploymentError
        When CloudWatch does not offer them.
    """
    if deployment.log_days not in _DAYS:
        raise DeploymentError(f"log-days {deployment.log_days} is not one of {', '.join(map(str, _DAYS))}")
    return _DAYS[deployment.log_days]
