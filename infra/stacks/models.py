"""The models: image, roles, the three pipelines from their committed definitions, and when they run."""

from typing import Any

from aws_cdk import ArnFormat, CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import custom_resources as resources
from constructs import Construct

from infra.deployment import Deployment
from infra.stacks.data import DataStack
from pipelines.areas import AREAS, golden_text
from pipelines.capture_watch import WATCH_SCHEDULE, CaptureWatch
from pipelines.champions import NOBODY, NOBODY_TEXT
from pipelines.defaults import with_defaults
from pipelines.night_job import NIGHT_SCHEDULE, NightJob
from samaan_ml.domain.capture import CAPTURED_AREAS

__all__ = ["ModelsStack"]

_PIPELINE_ACTIONS = {
    "processing-job": ("CreateProcessingJob", "DescribeProcessingJob", "StopProcessingJob"),
    "training-job": ("CreateTrainingJob", "DescribeTrainingJob", "StopTrainingJob"),
    "transform-job": ("CreateTransformJob", "DescribeTransformJob", "StopTransformJob"),
    "model": ("CreateModel", "DescribeModel", "DeleteModel"),
    "model-package": ("CreateModelPackage", "DescribeModelPackage", "UpdateModelPackage"),
    "model-package-group": ("CreateModelPackageGroup", "DescribeModelPackageGroup", "CreateModelPackage"),
}
_OF_JOBS = {"StringLike": {"cloudwatch:namespace": ["/aws/sagemaker/*", "SamaanSathi"]}}
_ON_TIME = scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF")
_RETRIES = scheduler.CfnSchedule.RetryPolicyProperty(
    maximum_retry_attempts=3, maximum_event_age_in_seconds=3600
)


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
        self._first_champions(data)
        self._night(data)
        if deployment.is_full:  # what serves in lite is serverless, and stores no questions
            self._watches(data)
        CfnOutput(self, "ImageUri", value=self.image.repository_uri)
        CfnOutput(self, "EndpointRoleArn", value=self.job_role.role_arn)

    def _only_from_here(self, principal: iam.ServicePrincipal) -> iam.IPrincipal:
        """Let a service take the role for this account alone."""
        return iam.PrincipalWithConditions(principal, {"StringEquals": {"aws:SourceAccount": self.account}})

    def _job_role(self, data: DataStack) -> iam.Role:
        """Make the role that jobs and endpoints have: their buckets, their image, their logs."""
        role = iam.Role(self, "Jobs", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
        buckets = [data.data.bucket_arn, data.models.bucket_arn]
        _allow(role, ["s3:ListBucket", "s3:GetBucketLocation"], buckets)
        _allow(role, ["s3:GetObject", "s3:PutObject"], [f"{bucket}/*" for bucket in buckets])
        self._allow_container(role)
        _allow(role, ["cloudwatch:PutMetricData"], ["*"], conditions=_OF_JOBS)
        return role

    def _allow_container(self, role: iam.Role) -> None:
        """Let a role run the image and write its log."""
        _allow(role, ["ecr:GetAuthorizationToken"], ["*"])
        _allow(
            role,
            ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"],
            [self.image.repository_arn],
        )
        log_groups = self.format_arn(
            service="logs",
            resource="log-group",
            resource_name="/aws/sagemaker/*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        _allow(
            role,
            ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
            [log_groups],
        )

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
        self._schedule(area, name, arn).add_resource_dependency(pipeline)

    def _schedule(self, area: str, name: str, arn: str) -> scheduler.CfnSchedule:
        """Start an area's pipeline at its times."""
        return scheduler.CfnSchedule(
            self,
            f"Schedule{area.capitalize()}",
            name=name,
            schedule_expression=AREAS[area].schedule,
            schedule_expression_timezone="Asia/Kolkata",
            flexible_time_window=_ON_TIME,
            target=scheduler.CfnSchedule.TargetProperty(
                arn=arn,
                role_arn=self.schedule_role.role_arn,
                retry_policy=_RETRIES,
            ),
        )

    def _first_champions(self, data: DataStack) -> None:
        """Say once for each area that nothing serves yet: a gate's input must not be empty."""
        for area in AREAS:
            place = f"champions/{area}/{NOBODY}"
            once = resources.AwsSdkCall(
                service="S3",
                action="putObject",
                parameters={"Bucket": data.models.bucket_name, "Key": place, "Body": NOBODY_TEXT},
                physical_resource_id=resources.PhysicalResourceId.of(place),
            )
            allowed = iam.PolicyStatement(
                actions=["s3:PutObject"], resources=[f"{data.models.bucket_arn}/{place}"]
            )
            resources.AwsCustomResource(
                self,
                f"FirstChampion{area.capitalize()}",
                on_create=once,
                policy=resources.AwsCustomResourcePolicy.from_statements([allowed]),
                install_latest_aws_sdk=False,
            )

    def _night(self, data: DataStack) -> None:
        """Score every shop and hand over orders, price decisions and alerts each night."""
        role = iam.Role(
            self,
            "NightSchedule",
            assumed_by=self._only_from_here(iam.ServicePrincipal("scheduler.amazonaws.com")),
        )
        jobs = self.format_arn(service="sagemaker", resource="processing-job", resource_name="samaan-night-*")
        _allow(role, ["sagemaker:CreateProcessingJob"], [jobs])
        handed_on = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
        _allow(role, ["iam:PassRole"], [self.job_role.role_arn], conditions=handed_on)
        night = NightJob(
            data_uri=f"s3://{data.data.bucket_name}/current/",
            champions_uri=f"s3://{data.models.bucket_name}/champions",
            answers_uri=f"s3://{data.data.bucket_name}/nights",
            image_uri=f"{self.image.repository_uri}:{self.deployment.image_tag}",
            role_arn=self.job_role.role_arn,
        )
        target = night.target(role.role_arn)
        scheduler.CfnSchedule(
            self,
            "Night",
            name=f"{self.deployment.name}-night",
            schedule_expression=NIGHT_SCHEDULE,
            schedule_expression_timezone="Asia/Kolkata",
            flexible_time_window=_ON_TIME,
            target=scheduler.CfnSchedule.TargetProperty(
                arn=target["Arn"], role_arn=target["RoleArn"], input=target["Input"], retry_policy=_RETRIES
            ),
        )

    def _watches(self, data: DataStack) -> None:
        """Hold what the endpoints were asked against their models' baselines each morning, where that is wanted."""
        read = [f"{data.data.bucket_arn}/captured/*", f"{data.models.bucket_arn}/champions/*"]
        job = iam.Role(self, "Watch", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
        _allow(job, ["s3:ListBucket", "s3:GetBucketLocation"], [data.data.bucket_arn, data.models.bucket_arn])
        _allow(job, ["s3:GetObject"], read)
        _allow(job, ["s3:PutObject"], [f"{data.data.bucket_arn}/watch/*"])
        self._allow_container(job)
        _allow(job, ["cloudwatch:PutMetricData"], ["*"], conditions=_OF_JOBS)
        scheduling = iam.Role(
            self,
            "WatchSchedule",
            assumed_by=self._only_from_here(iam.ServicePrincipal("scheduler.amazonaws.com")),
        )
        jobs = self.format_arn(service="sagemaker", resource="processing-job", resource_name="samaan-watch-*")
        _allow(scheduling, ["sagemaker:CreateProcessingJob"], [jobs])
        handed_on = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
        _allow(scheduling, ["iam:PassRole"], [job.role_arn], conditions=handed_on)
        for area in CAPTURED_AREAS:
            watch = CaptureWatch(
                area,
                captured_uri=f"s3://{data.data.bucket_name}/captured/{self.deployment.name}-{area}",
                baseline_uri=f"s3://{data.models.bucket_name}/champions/{area}",
                report_uri=f"s3://{data.data.bucket_name}/watch/{area}",
                image_uri=f"{self.image.repository_uri}:{self.deployment.image_tag}",
                role_arn=job.role_arn,
            )
            self._schedule_watch(watch, scheduling)

    def _schedule_watch(self, watch: CaptureWatch, role: iam.Role) -> None:
        """Start a watch's job at its time; off until the deployment says that its endpoint stores questions."""
        target = watch.target(role.role_arn)
        scheduler.CfnSchedule(
            self,
            f"Watch{watch.area.capitalize()}",
            name=f"{self.deployment.name}-watch-{watch.area}",
            state="ENABLED" if watch.area in self.deployment.watched else "DISABLED",
            schedule_expression=WATCH_SCHEDULE,
            schedule_expression_timezone="Asia/Kolkata",
            flexible_time_window=_ON_TIME,
            target=scheduler.CfnSchedule.TargetProperty(
                arn=target["Arn"], role_arn=target["RoleArn"], input=target["Input"], retry_policy=_RETRIES
            ),
        )


def _allow(role: iam.Role, actions: list[str], resources: list[str], **conditions: Any) -> None:
    """Add a statement to a role."""
    role.add_to_policy(iam.PolicyStatement(actions=actions, resources=resources, **conditions))
