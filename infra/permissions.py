"""What each function may ask of AWS, as data: the stacks grant it and nothing else, the tests compare it with calls."""

from dataclasses import dataclass

__all__ = ["AREAS", "EVERYWHERE", "FUNCTIONS", "Function"]

_READ = ("dynamodb:GetItem", "dynamodb:Query")
_WRITE = (*_READ, "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
# Without ListBucket, S3 says 403 where the key does not exist, and the API could not tell 404 from a fault.
_FILES = ("s3:GetObject", "s3:ListBucket", "s3:PutObject")
_POOL = (
    "cognito-idp:AdminCreateUser",
    "cognito-idp:AdminGetUser",
    "cognito-idp:AdminInitiateAuth",
    "cognito-idp:AdminSetUserPassword",
    "cognito-idp:AdminUpdateUserAttributes",
    "cognito-idp:AdminUserGlobalSignOut",
)

EVERYWHERE = frozenset(
    {
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "textract:AnalyzeExpense",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
        "ecr:GetAuthorizationToken",
        "cloudwatch:PutMetricData",
        # What API Gateway asks of its log role; log groups of later stages are not known.
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
        "logs:PutLogEvents",
    }
)
"""Actions that AWS cannot restrict to a resource."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function: its size, and its actions by what they are asked of.

    Parameters
    ----------
    memory_mib : int
        Memory, and with it the share of a processor.
    inventory, udhaar, bills, pool, textract, bedrock, topic : tuple of str, default=()
        Actions on the tables, the bucket of bills, the user pool, Textract, Bedrock's models and the topic.
    endpoints : tuple of str, default=()
        The models whose endpoints it invokes: demand, price, udhaar.
    timeout_seconds : int, default=30
        API Gateway itself stops waiting after 29 seconds.
    khata_keys : bool, default=False
        Whether it signs statements.
    sms : tuple of str, default=()
        Actions on phone numbers, granted where the operators know the sender.
    handler : str or None, default=None
        Where it starts; None is the area's handler in `serving.lambdas`.
    """

    memory_mib: int
    inventory: tuple[str, ...] = ()
    udhaar: tuple[str, ...] = ()
    bills: tuple[str, ...] = ()
    pool: tuple[str, ...] = ()
    textract: tuple[str, ...] = ()
    bedrock: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    timeout_seconds: int = 30
    khata_keys: bool = False
    sms: tuple[str, ...] = ()
    handler: str | None = None


FUNCTIONS: dict[str, Function] = {
    "auth": Function(512, pool=_POOL, sms=("sns:Publish",)),
    "inventory": Function(512, inventory=_WRITE),
    "orders": Function(512, inventory=_WRITE),
    "sales": Function(1024, inventory=_WRITE, udhaar=_WRITE, bills=_FILES),
    "ocr": Function(
        1024, inventory=_WRITE, bills=_FILES, textract=("textract:AnalyzeExpense",), timeout_seconds=60
    ),
    "forecast": Function(1024, inventory=_READ, endpoints=("demand",)),
    "pricing": Function(512, inventory=_WRITE, endpoints=("price",)),
    "udhaar": Function(512, udhaar=_WRITE, endpoints=("udhaar",), khata_keys=True),
    "recommendations": Function(
        512, inventory=_READ, udhaar=_READ, endpoints=("demand", "udhaar"), bedrock=("bedrock:InvokeModel",)
    ),
    "alerts": Function(
        512, inventory=_READ, udhaar=_READ, endpoints=("demand", "udhaar"), bedrock=("bedrock:InvokeModel",)
    ),
    "changes": Function(512, inventory=_WRITE, udhaar=_WRITE),
    "home": Function(1024, inventory=_WRITE, udhaar=_WRITE, endpoints=("demand", "udhaar")),
    "messages": Function(
        256,
        topic=("sns:GetTopicAttributes", "sns:Publish"),
        timeout_seconds=60,
        handler="serving.lambdas.send_messages",
    ),
    "prices": Function(512, inventory=_WRITE, timeout_seconds=60, handler="serving.lambdas.apply_prices"),
    "jobs": Function(
        1024,
        inventory=_READ,
        endpoints=("demand",),
        timeout_seconds=300,
        handler="serving.lambdas.run_jobs",
    ),
    "migrate": Function(512, timeout_seconds=60, handler="serving.lambdas.migrate"),
}

AREAS = tuple(name for name, function in FUNCTIONS.items() if function.handler is None)
"""The areas of the API, as `serving.settings.SliceName` has them."""
