"""What both REST APIs share: throttling, logs, CORS, and the gateway's own answers as problem details."""

import json

from aws_cdk import Duration, Size
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.deployment import Deployment

__all__ = ["BURST", "REQUESTS_PER_SECOND", "SENT_BY_CLIENTS", "make_gateway", "make_log_role"]

REQUESTS_PER_SECOND, BURST = 100, 200
BINARY_TYPES = ("multipart/form-data", "image/*")
_COMPRESS_FROM_BYTES = 1_024

SENT_BY_CLIENTS = (
    "Accept",
    "Accept-Language",
    "Approval-Id",
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Last-Event-ID",
    "X-Api-Key",
    "X-Request-Id",
    "traceparent",
)
"""Request headers that a browser may send: every one that the API reads."""

READ_BY_CLIENTS = (
    "Date",
    "ETag",
    "Idempotency-Replayed",
    "Location",
    "Retry-After",
    "X-Request-Id",
)
"""Response headers that a page may read."""

# Kind of answer -> status and stable code; None keeps the status that the gateway chose.
_OWN_ANSWERS: dict[str, tuple[str | None, str]] = {
    "ACCESS_DENIED": ("403", "forbidden"),
    "AUTHORIZER_CONFIGURATION_ERROR": ("503", "service_unavailable"),
    "AUTHORIZER_FAILURE": ("503", "service_unavailable"),
    "BAD_REQUEST_BODY": ("400", "invalid_input"),
    "BAD_REQUEST_PARAMETERS": ("400", "invalid_input"),
    "EXPIRED_TOKEN": ("401", "unauthenticated"),
    "INTEGRATION_FAILURE": ("503", "service_unavailable"),
    "INTEGRATION_TIMEOUT": ("504", "service_unavailable"),
    "INVALID_API_KEY": ("403", "forbidden"),
    "INVALID_SIGNATURE": ("403", "forbidden"),
    # API Gateway says 403 "Missing Authentication Token" for every unknown path.
    "MISSING_AUTHENTICATION_TOKEN": ("404", "not_found"),
    "QUOTA_EXCEEDED": ("429", "too_many_requests"),
    "REQUEST_TOO_LARGE": ("413", "payload_too_large"),
    "RESOURCE_NOT_FOUND": ("404", "not_found"),
    "THROTTLED": ("429", "too_many_requests"),
    "UNAUTHORIZED": ("401", "unauthenticated"),
    "UNSUPPORTED_MEDIA_TYPE": ("415", "unsupported_media_type"),
    "WAF_FILTERED": ("403", "forbidden"),
    "DEFAULT_4XX": (None, "invalid_input"),
    "DEFAULT_5XX": (None, "service_unavailable"),
}
_WAIT_SECONDS = {
    "THROTTLED": "1",
    "QUOTA_EXCEEDED": "3600",
    "INTEGRATION_TIMEOUT": "5",
    "INTEGRATION_FAILURE": "5",
}


def make_gateway(
    scope: Construct, name: str, deployment: Deployment, log: logs.ILogGroup
) -> apigateway.RestApi:
    """Make a REST API that is throttled, traced and logged, and whose own errors are problem details."""
    api = apigateway.RestApi(
        scope,
        name,
        rest_api_name=f"{deployment.name}-{name.lower()}",
        endpoint_types=[apigateway.EndpointType.REGIONAL],
        binary_media_types=list(BINARY_TYPES),
        min_compression_size=Size.bytes(_COMPRESS_FROM_BYTES),
        cloud_watch_role=False,
        default_cors_preflight_options=_cors(deployment),
        deploy_options=_stage(log),
    )
    _answer_in_problem_details(api, deployment)
    return api


def _stage(log: logs.ILogGroup) -> apigateway.StageOptions:
    """Throttle, trace and log the one stage; the log names neither callers nor addresses."""
    return apigateway.StageOptions(
        stage_name="live",
        throttling_rate_limit=REQUESTS_PER_SECOND,
        throttling_burst_limit=BURST,
        tracing_enabled=True,
        metrics_enabled=True,
        access_log_destination=apigateway.LogGroupLogDestination(log),
        access_log_format=apigateway.AccessLogFormat.json_with_standard_fields(
            caller=False,
            http_method=True,
            ip=False,
            protocol=True,
            request_time=True,
            resource_path=True,
            response_length=True,
            status=True,
            user=False,
        ),
    )


def make_log_role(scope: Construct) -> apigateway.CfnAccount:
    """Let API Gateway write logs: a setting of the account's region, which a new account lacks.

    Without it a stage with access logs cannot be created.
    """
    role = iam.Role(
        scope,
        "GatewayLogRole",
        assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"),
        description="API Gateway writes its access logs",
    )
    # These six are the actions that API Gateway checks for when the role is set; it accepts no fewer resources.
    role.add_to_policy(
        iam.PolicyStatement(
            actions=[
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogGroups",
                "logs:DescribeLogStreams",
                "logs:FilterLogEvents",
                "logs:GetLogEvents",
                "logs:PutLogEvents",
            ],
            resources=["*"],
        )
    )
    account = apigateway.CfnAccount(scope, "GatewayAccount", cloud_watch_role_arn=role.role_arn)
    account.node.add_dependency(role)
    return account


def _cors(deployment: Deployment) -> apigateway.CorsOptions | None:
    """Let only listed pages call."""
    if not deployment.cors_origins:
        return None
    return apigateway.CorsOptions(
        allow_origins=list(deployment.cors_origins),
        allow_methods=["GET", "POST", "PATCH", "PUT", "DELETE"],
        allow_headers=list(SENT_BY_CLIENTS),
        expose_headers=list(READ_BY_CLIENTS),
        max_age=Duration.hours(1),
    )


def _answer_in_problem_details(api: apigateway.RestApi, deployment: Deployment) -> None:
    """Write the gateway's own answers as problem details that a page of a listed origin may read."""
    for kind, (status, code) in _OWN_ANSWERS.items():
        headers = {"Content-Type": "'application/problem+json'", **_cors_headers(deployment)}
        if kind in _WAIT_SECONDS:
            headers["Retry-After"] = f"'{_WAIT_SECONDS[kind]}'"
        problem = {
            "type": f"urn:samaan:problem:{code}",
            "title": "$context.error.message",
            "code": code,
            "request_id": "$context.requestId",
        }
        if status is not None:
            problem["status"] = status
        api.add_gateway_response(
            _title(kind),
            type=apigateway.ResponseType.of(kind),
            status_code=status,
            response_headers=headers,
            templates={"application/json": _template(problem)},
        )


def _cors_headers(deployment: Deployment) -> dict[str, str]:
    """Name the origin that may read the answer.

    A gateway response cannot compare origins: with several, it names the one that asked. Its body holds no data.
    """
    if not deployment.cors_origins:
        return {}
    only = deployment.cors_origins[0]
    one = f"'{only}'" if len(deployment.cors_origins) == 1 else "method.request.header.Origin"
    exposed = ",".join(READ_BY_CLIENTS)
    return {
        "Access-Control-Allow-Origin": one,
        "Access-Control-Expose-Headers": f"'{exposed}'",
        "Vary": "'Origin'",
    }


def _template(problem: dict[str, str]) -> str:
    """Write the body; a status is a number."""
    text = json.dumps(problem)
    if "status" in problem:
        text = text.replace(f'"status": "{problem["status"]}"', f'"status": {problem["status"]}')
    return text


def _title(kind: str) -> str:
    """Name the resource of a kind of answer."""
    return "".join(word.capitalize() for word in kind.split("_"))
