"""The models: image, roles, the three pipelines from their committed definitions, and when they run."""

from typing import Any

from aws_cdk import ArnFormat, CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from infra.deployment import Deployment
from infra.stacks.data import DataStack
from pipelines.areas import AREAS, golden_text
from pipelines.deploy import with_defaults

__all__ = ["ModelsStack"]

_PIPELINE_ACTIONS = {
    "processing-job": ("CreateProcessingJob", "DescribeProcessingJob", "StopProcessingJob"),
    "training-job": ("CreateTrainingJob", "DescribeTrainingJob", "StopTrainingJob"),
    "transform-job": ("CreateTransformJob", "DescribeTransformJob", "StopTransformJob"),
    "model": ("CreateModel", "DescribeModel", "DeleteModel"),
    "model-package": ("CreateModelPackage", "DescribeModelPackage", "UpdateModelPackage"),
    "model-package-group": ("CreateModelPackageGroup", "DescribeModelPackageGroup", "CreateModelPackage"),
}


class ModelsStack(Stack):
    """Endpoints are no part of it: `pipelines.deploy` creates and replaces them as models are approved."""

    def __init__(
        self, scope: Construct, name: str, deployment: Deployment, data: DataStack, **kwargs: Any
    ) -> None:
        super().__init__(scope, name, **kwargs)
        self.deployment = deployment
        self.image = ecr.Repository(
            self,
            "Image",
            repository_name=f"{deployment.name}-sathi",
            image_scan_on_push=True,
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
            encryption=ecr.RepositoryEncryption.AES_256,
            lifecycle_rules=[ecr.LifecycleRule(max_image_count=20)],
            removal_policy=RemovalPolicy.RETAIN if deployment.production else RemovalPolicy.DESTROY,
        )
        self.job_role = self._job_role(data)
        self.pipeline_role = self._pipeline_role(data)
        self.schedule_role = iam.Role(
            self, "Schedule", assumed_by=self._only_from_here(iam.ServicePrincipal("scheduler.amazonaws.com"))
        )
        for area in AREAS:
            self._pipeline(area, data)
        CfnOutput(self, "ImageUri", value=self.image.repository_uri)
        CfnOutput(self, "EndpointRoleArn", value=self.job_role.role_arn)

    def _only_from_here(self, principal: iam.ServicePrincipal) -> iam.IPrincipal:
        """Let a service take the role for this account alone."""
        return iam.PrincipalWithConditions(principal, {"StringEquals": {"aws:SourceAccount": self.account}})

    def _job_role(self, data: DataStack) -> iam.Role:
        """Make the role that jobs and endpoints have: their buckets, their image, their logs."""
        role = iam.Role(self, "Jobs", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))

        def allow(actions: list[str], resources: list[str], **conditions: Any) -> None:
            role.add_to_policy(iam.PolicyStatement(actions=actions, resources=resources, **conditions))

        buckets = [data.data.bucket_arn, data.models.bucket_arn]
        allow(["s3:ListBucket", "s3:GetBucketLocation"], buckets)
        allow(["s3:GetObject", "s3:PutObject"], [f"{bucket}/*" for bucket in buckets])
        allow(["ecr:GetAuthorizationToken"], ["*"])
        allow(
            ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"],
            [self.image.repository_arn],
        )
        log_groups = self.format_arn(
            service="logs",
            resource="log-group",
            resource_name="/aws/sagemaker/*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        allow(
            ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
            [log_groups],
        )
        namespaces = {"StringLike": {"cloudwatch:namespace": ["/aws/sagemaker/*", "SamaanSathi"]}}
        allow(["cloudwatch:PutMetricData"], ["*"], conditions=namespaces)
        return role

    def _pipeline_role(self, data: DataStack) -> iam.Role:
        """Make the role that a pipeline has: it starts jobs, registers models, and hands on the jobs' role."""
        role = iam.Role(self, "Pipelines", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
        for kind, actions in _PIPELINE_ACTIONS.items():
            role.add_to_policy(
                iam.PolicyStatement(
                    actions=[f"sagemaker:{action}" for action in (*actions, "AddTags")],
                    resources=[
                        self.format_arn(service="sagemaker", resource=kind, resource_name=f"{prefix}*")
                        for prefix in ("samaan-", "pipelines-")
                    ],
                )
            )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=[self.job_role.role_arn],
                conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
            )
        )
        # What a pipeline itself reads: the property files of its own runs.
        role.add_to_policy(
            iam.PolicyStatement(actions=["s3:GetObject"], resources=[f"{data.models.bucket_arn}/runs/*"])
        )
        return role

    def _pipeline(self, area: str, data: DataStack) -> None:
        """Make an area's pipeline from its committed definition, and the times at which it starts."""
        models = data.models.bucket_name
        chosen = {
            "Bucket": models,
            "DataUri": f"s3://{data.data.bucket_name}/current",
            "ChampionUri": f"s3://{models}/champions/{area}",
            "ImageUri": f"{self.image.repository_uri}:{self.deployment.image_tag}",
            "RoleArn": self.job_role.role_arn,
        }
        name = f"{self.deployment.name}-{area}"
        pipeline = sagemaker.CfnPipeline(
            self,
            f"Pipeline{area.capitalize()}",
            pipeline_name=name,
            pipeline_definition={"PipelineDefinitionBody": with_defaults(golden_text(area), chosen)},
            role_arn=self.pipeline_role.role_arn,
        )
        arn = self.format_arn(service="sagemaker", resource="pipeline", resource_name=name)
        self.schedule_role.add_to_policy(
            iam.PolicyStatement(actions=["sagemaker:StartPipelineExecution"], resources=[arn])
        )
        timed = scheduler.CfnSchedule(
            self,
            f"Schedule{area.capitalize()}",
            name=name,
            schedule_expression=AREAS[area].schedule,
            schedule_expression_timezone="Asia/Kolkata",
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=arn,
                role_arn=self.schedule_role.role_arn,
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_retry_attempts=3, maximum_event_age_in_seconds=3600
                ),
            ),
        )
        timed.add_resource_dependency(pipeline)
