"""The API: one function an area, each with its own role, behind two REST APIs."""

import json
from typing import Any

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.deployment import Deployment
from infra.gateway import BURST, REQUESTS_PER_SECOND, make_gateway, make_log_role
from infra.permissions import AREAS, FUNCTIONS, Function
from infra.stacks.auth import AuthStack
from infra.stacks.data import DataStack
from infra.stacks.retention import retention

__all__ = ["ApiStack"]

# Lambda takes 6 MB at once, and a photograph arrives in base64.
_UPLOAD_BYTES = 4_400_000

_IN_NETWORK = ("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface")
"""What a function in a private network does with the network's interfaces."""


class ApiStack(Stack):
    """Functions, and the gateways of people and of programs."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        deployment: Deployment,
        data: DataStack,
        auth: AuthStack,
        **kwargs: Any,
    ) -> None:
        super().__init__(scope, name, **kwargs)
        self.deployment = deployment
        self.data = data
        self.auth = auth
        self.kept = RemovalPolicy.RETAIN if deployment.production else RemovalPolicy.DESTROY
        self.topic = sns.Topic(self, "Outgoing", enforce_ssl=True)
        self.code = lambda_.Code.from_asset(str(deployment.code))
        self.functions = {each: self._function(each, FUNCTIONS[each]) for each in FUNCTIONS}
        self._schedule_tasks()
        authorizer = apigateway.CognitoUserPoolsAuthorizer(
            self, "People", cognito_user_pools=[auth.pool], results_cache_ttl=Duration.minutes(5)
        )
        self.log_role = make_log_role(self)
        self.people = self._gateway("Shops")
        self.programs = self._gateway("Programs")
        self._route_people(authorizer)
        self._route_programs()
        CfnOutput(self, "Url", value=self.people.url)
        CfnOutput(self, "ProgramsUrl", value=self.programs.url)
        CfnOutput(self, "MigrateFunction", value=self.functions["migrate"].function_name)

    # --- functions

    def _function(self, name: str, asked: Function) -> lambda_.Function:
        """Make a function with its log group, its role and its settings."""
        title = name.capitalize()
        log = logs.LogGroup(
            self, f"{title}Log", retention=retention(self.deployment), removal_policy=self.kept
        )
        role = iam.Role(self, f"{title}Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        for actions, resources in self._grants(asked, log).values():
            if actions:
                role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=resources))
        network: dict[str, Any] = {}
        if self.data.vpc is not None:
            network = {
                "vpc": self.data.vpc,
                "vpc_subnets": ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
                "security_groups": [self.data.functions_group],
            }
        return lambda_.Function(
            self,
            title,
            function_name=f"{self.deployment.name}-{name}",
            runtime=lambda_.Runtime.PYTHON_3_11,
            architecture=lambda_.Architecture.X86_64,
            handler=asked.handler or f"serving.lambdas.{name}",
            code=self.code,
            memory_size=asked.memory_mib,
            timeout=Duration.seconds(asked.timeout_seconds),
            tracing=lambda_.Tracing.ACTIVE,
            log_group=log,
            role=role,
            environment=self._settings(asked),
            **network,
        )

    def _grants(self, asked: Function, log: logs.LogGroup) -> dict[str, tuple[tuple[str, ...], list[str]]]:
        """Return which actions a function has on what."""
        data, secrets = self.data, [self.data.database_secret.secret_arn]
        if asked.khata_keys:
            secrets.append(data.khata_keys.secret_arn)
        models, endpoints = self._models_asked(asked)
        return {
            "logs": (("logs:CreateLogStream", "logs:PutLogEvents"), [log.log_group_arn]),
            "secrets": (("secretsmanager:GetSecretValue",), secrets),
            "inventory": (asked.inventory, _with_indexes(data.inventory.table_arn)),
            "udhaar": (asked.udhaar, _with_indexes(data.udhaar.table_arn)),
            "bills": (
                tuple(action for action in asked.bills if action != "s3:ListBucket"),
                [f"{data.bills.bucket_arn}/*"],
            ),
            "bucket": (("s3:ListBucket",) if asked.bills else (), [data.bills.bucket_arn]),
            "pool": (asked.pool, [self.auth.pool.user_pool_arn]),
            "textract": (asked.textract, ["*"]),
            "bedrock": (asked.bedrock if models else (), models),
            "sms": (asked.sms if self.deployment.sms_sender else (), ["*"]),
            "topic": (asked.topic, [self.topic.topic_arn]),
            "endpoint": (("sagemaker:InvokeEndpoint",) if asked.endpoints else (), endpoints),
            "network": (_IN_NETWORK if data.vpc is not None else (), ["*"]),
        }

    def _models_asked(self, asked: Function) -> tuple[list[str], list[str]]:
        """Return the ARNs of Bedrock's models and of the endpoints that a function may call."""
        name = self.deployment.name
        models = [
            self.format_arn(service="bedrock", account="", resource="foundation-model", resource_name=each)
            for each in self.deployment.bedrock_models
        ]
        endpoints = [
            self.format_arn(service="sagemaker", resource="endpoint", resource_name=f"{name}-{each}")
            for each in asked.endpoints
        ]
        return models, endpoints

    def _settings(self, asked: Function) -> dict[str, str]:
        """Return a function's settings; secrets are named, never written."""
        data, deployment = self.data, self.deployment
        chosen = self._common_settings()
        if asked.sms and deployment.sms_sender:
            entity, template = deployment.sms_sender
            chosen |= {"SMS_ENTITY_ID": entity, "SMS_CODE_TEMPLATE_ID": template}
        if asked.khata_keys:
            chosen["KHATA_SECRET"] = data.khata_keys.secret_arn
        if data.redis_url is not None:
            chosen |= {"CACHE": "redis", "REDIS_URL": data.redis_url}
        if asked.bedrock and deployment.bedrock_models:
            models = json.dumps(deployment.bedrock_models)
            chosen |= {"EXPLAINER": "bedrock", "BEDROCK_FAST_MODELS": models, "BEDROCK_SMART_MODELS": models}
        return {f"SAMAAN_{key}": value for key, value in chosen.items()}

    def _common_settings(self) -> dict[str, str]:
        """Return the settings that every function has."""
        data, deployment = self.data, self.deployment
        return {
            "HOME": "/tmp/samaan",  # noqa: S108 (Lambda's one writable folder; nothing lasting lies there)
            "AWS_REGION": deployment.region,
            "DATABASE_SECRET": data.database_secret.secret_arn,
            "POOL_SIZE": "2",
            "IDENTITY": "cognito",
            "COGNITO_POOL_ID": self.auth.pool.user_pool_id,
            "COGNITO_CLIENT_ID": self.auth.client.user_pool_client_id,
            "INVENTORY_STORE": "dynamodb",
            "INVENTORY_TABLE": data.inventory.table_name,
            "UDHAAR_STORE": "dynamodb",
            "UDHAAR_TABLE": data.udhaar.table_name,
            "SESSIONS_TABLE": data.sessions.table_name,
            "BLOBS": "s3",
            "BILLS_BUCKET": data.bills.bucket_name,
            "BILL_READER": "textract",
            "PREDICTOR": "sagemaker",
            "NOTIFIER": "sns",
            # Never the console: it would write codes into the log. Without a sender, sign-in by phone is refused.
            "CODE_SENDER": "sns",
            "SNS_TOPIC_ARN": self.topic.topic_arn,
            "MAX_UPLOAD_BYTES": str(_UPLOAD_BYTES),
            "RATE_PER_SECOND": str(REQUESTS_PER_SECOND),
            "RATE_BURST": str(BURST),
            "CORS_ORIGINS": json.dumps(deployment.cors_origins),
            **{
                f"{kind.upper()}_ENDPOINT": f"{deployment.name}-{kind}"
                for kind in ("demand", "price", "udhaar")
            },
        }

    def _schedule_tasks(self) -> None:
        """Send what waits in the outbox and go on with long work; a run that failed is kept to be looked at."""
        lost = sqs.Queue(
            self,
            "LostRuns",
            enforce_ssl=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            retention_period=Duration.days(14),
        )
        # The next run does what a failed one left; two runs of the jobs at once share them by claims, and a planned
        # price becomes the item's own once.
        for name, rule, minutes, retries in (
            ("messages", "EveryMinute", 1, 2),
            ("jobs", "EveryFiveMinutes", 5, 0),
            ("prices", "PricesEveryFiveMinutes", 5, 0),
        ):
            target = targets.LambdaFunction(
                self.functions[name], retry_attempts=retries, dead_letter_queue=lost
            )
            often = events.Schedule.rate(Duration.minutes(minutes))
            events.Rule(self, rule, schedule=often, targets=[target])

    # --- gateways

    def _gateway(self, name: str) -> apigateway.RestApi:
        """Make a REST API with an access log."""
        log = logs.LogGroup(
            self, f"{name}AccessLog", retention=retention(self.deployment), removal_policy=self.kept
        )
        api = make_gateway(self, name, self.deployment, log)
        api.deployment_stage.node.add_dependency(self.log_role)
        return api

    def _route(self, api: apigateway.RestApi, area: str, **options: Any) -> None:
        """Return all of an area's paths to its function."""
        root = api.root.get_resource("v1") or api.root.add_resource("v1")
        call = apigateway.LambdaIntegration(self.functions[area], proxy=True, allow_test_invoke=False)
        own = root.add_resource(area)
        own.add_method("ANY", call, **options)
        own.add_resource("{proxy+}").add_method("ANY", call, **options)

    def _route_people(self, authorizer: apigateway.IAuthorizer) -> None:
        """Let only signed-in people through, but to sign in and to ask for health."""
        validator = self.people.add_request_validator(
            "Headers", validate_request_parameters=True, validate_request_body=False
        )
        for area in AREAS:
            if area == "auth":
                self._route(self.people, area, authorization_type=apigateway.AuthorizationType.NONE)
                continue
            self._route(
                self.people,
                area,
                authorizer=authorizer,
                authorization_type=apigateway.AuthorizationType.COGNITO,
                request_parameters={"method.request.header.Authorization": True},
                request_validator=validator,
            )
        call = apigateway.LambdaIntegration(self.functions["auth"], proxy=True, allow_test_invoke=False)
        for path in ("health", "ready"):
            self.people.root.add_resource(path).add_method("GET", call)

    def _route_programs(self) -> None:
        """Let only requests with a key of the API's own through; the functions verify it and its scope."""
        validator = self.programs.add_request_validator(
            "Headers", validate_request_parameters=True, validate_request_body=False
        )
        for area in AREAS:
            if area != "auth":
                self._route(
                    self.programs,
                    area,
                    authorization_type=apigateway.AuthorizationType.NONE,
                    request_parameters={"method.request.header.X-Api-Key": True},
                    request_validator=validator,
                )


def _with_indexes(table_arn: str) -> list[str]:
    """Name a table and its indexes."""
    return [table_arn, f"{table_arn}/index/*"]
