"""Who looks after it: alarms against the promises, one dashboard."""

from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.deployment import Deployment
from infra.stacks.api import ApiStack
from infra.stacks.data import DataStack

__all__ = ["ObservabilityStack"]

_FIVE = Duration.minutes(5)
_OPERATIONS = ("GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems")
"""What the stores ask of a table. An alarm takes at most ten metrics."""
_SLOWEST_MS = {
    "ocr": 5_000,
    "forecast": 10_000,
    "recommendations": 2_000,
    "messages": 30_000,
    "migrate": 30_000,
    "prices": 30_000,
    "jobs": 290_000,  # they go on until half a minute is left of their five
}
"""Promised p95 of what waits for a model, and of what no request waits for; 500 ms elsewhere."""


class ObservabilityStack(Stack):
    """Alarms go to one topic."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        deployment: Deployment,
        data: DataStack,
        api: ApiStack,
        **kwargs: Any,
    ) -> None:
        super().__init__(scope, name, **kwargs)
        self.topic = sns.Topic(self, "Alarms", enforce_ssl=True)
        if deployment.alarm_email:
            self.topic.add_subscription(subscriptions.EmailSubscription(deployment.alarm_email))
        self.board = cloudwatch.Dashboard(self, "Board", dashboard_name=f"{deployment.name}-shops")
        for title, gateway in (("Shops", api.people), ("Programs", api.programs)):
            failed = gateway.metric_server_error(period=_FIVE)
            self._alarm(f"{title}Faults", failed, 5, "the API answered with 5xx")
            self._show(title, [gateway.metric_count(period=_FIVE), failed, gateway.metric_client_error()])
        for area, function in api.functions.items():
            self._watch_function(area, function)
        for title, table in (("Inventory", data.inventory), ("Udhaar", data.udhaar)):
            self._watch_table(title, table)
        if data.database is not None:
            self._watch_database(data)

    def _watch_function(self, area: str, function: lambda_.Function) -> None:
        """Watch a function's faults, refusals and promised speed."""
        title = area.capitalize()
        errors = function.metric_errors(period=_FIVE)
        throttles = function.metric_throttles(period=_FIVE)
        slow = function.metric_duration(period=_FIVE, statistic="p95")
        self._alarm(f"{title}Errors", errors, 1, f"the function of {area} fails")
        self._alarm(f"{title}Throttles", throttles, 1, f"the function of {area} is refused its processors")
        self._alarm(
            f"{title}Slow", slow, _SLOWEST_MS.get(area, 500), f"{area} is slower than promised", periods=3
        )
        self._show(title, [function.metric_invocations(period=_FIVE), errors, slow])

    def _watch_table(self, title: str, table: dynamodb.ITable) -> None:
        """Watch a table's throttled requests.

        DynamoDB publishes `ThrottledRequests` only with the dimensions TableName and Operation.
        """
        throttled = cloudwatch.MathExpression(
            expression=" + ".join(f"FILL(m{k}, 0)" for k in range(len(_OPERATIONS))),
            using_metrics={
                f"m{k}": cloudwatch.Metric(
                    namespace="AWS/DynamoDB",
                    metric_name="ThrottledRequests",
                    dimensions_map={"TableName": table.table_name, "Operation": operation},
                    statistic="Sum",
                    period=_FIVE,
                )
                for k, operation in enumerate(_OPERATIONS)
            },
            label=f"throttled requests of {title}",
            period=_FIVE,
        )
        self._alarm(f"{title}Throttled", throttled, 1, f"the table {title} throttles requests")

    def _watch_database(self, data: DataStack) -> None:
        """Watch the database's processor, room, connections."""
        assert data.database is not None
        load = data.database.metric_cpu_utilization(period=_FIVE)
        room = data.database.metric_free_storage_space(period=_FIVE)
        links = data.database.metric_database_connections(period=_FIVE)
        self._alarm("DatabaseLoad", load, 80, "the database's processor is busy", periods=3)
        self._alarm("DatabaseLinks", links, 150, "the database runs out of connections")
        self._alarm("DatabaseRoom", room, 2 * 1024**3, "the database runs out of room", below=True)
        self._show("Database", [load, room, links])

    def _alarm(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        limit: float,
        why: str,
        *,
        periods: int = 1,
        below: bool = False,
    ) -> None:
        """Tell the topic when a metric passes a limit, and when it is back."""
        compare = cloudwatch.ComparisonOperator
        alarm = cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            threshold=limit,
            evaluation_periods=periods,
            alarm_description=why,
            comparison_operator=compare.LESS_THAN_THRESHOLD
            if below
            else compare.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        alarm.add_ok_action(actions.SnsAction(self.topic))

    def _show(self, title: str, metrics: list[cloudwatch.IMetric]) -> None:
        """Put metrics on the dashboard."""
        self.board.add_widgets(cloudwatch.GraphWidget(title=title, left=metrics, width=8))
