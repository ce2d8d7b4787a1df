"""Where the data lie: tables, buckets, database, cache, secrets, and the network in which the two servers stand."""

from typing import Any

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_backup as backup
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.deployment import Deployment
from infra.stacks.retention import retention

__all__ = ["DataStack"]

_STRING = dynamodb.AttributeType.STRING
_ENDPOINTS = {
    "Secrets": ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
    "SageMaker": ec2.InterfaceVpcEndpointAwsService.SAGEMAKER_RUNTIME,
    "Textract": ec2.InterfaceVpcEndpointAwsService.TEXTRACT,
    "Sns": ec2.InterfaceVpcEndpointAwsService.SNS,
    "Bedrock": ec2.InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME,
}


class DataStack(Stack):
    """Tables and buckets in both profiles; network, database, cache and backups in the full one."""

    vpc: ec2.Vpc | None = None
    functions_group: ec2.SecurityGroup | None = None
    database: rds.DatabaseInstance | None = None
    redis_url: str | None = None

    def __init__(self, scope: Construct, name: str, deployment: Deployment, **kwargs: Any) -> None:
        super().__init__(scope, name, **kwargs)
        self.deployment = deployment
        self.kept = RemovalPolicy.RETAIN if deployment.production else RemovalPolicy.DESTROY
        self._tables()
        self._buckets()
        self.khata_keys = secretsmanager.Secret(
            self, "KhataKeys", description="SAMAAN_KHATA_KEYS: Ed25519 keys by comma, the last one signs."
        )
        if deployment.is_full:
            self._network()
            self._database()
            self._cache()
            self._backups()
        else:
            self.database_secret: secretsmanager.ISecret = secretsmanager.Secret(
                self, "Database", description="The PostgreSQL to use: {'url': 'postgresql+psycopg://...'}"
            )
        CfnOutput(self, "DatabaseSecretName", value=self.database_secret.secret_name)
        CfnOutput(self, "KhataKeysSecretName", value=self.khata_keys.secret_name)

    def _table(self, name: str, key: str, sort: str | None = None, ttl: str | None = None) -> dynamodb.Table:
        """Make a table that is paid by use and can be restored to any second of 35 days."""
        return dynamodb.Table(
            self,
            name,
            table_name=f"{self.deployment.name}-{name.lower()}",
            partition_key=dynamodb.Attribute(name=key, type=_STRING),
            sort_key=dynamodb.Attribute(name=sort, type=_STRING) if sort else None,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            time_to_live_attribute=ttl,
            deletion_protection=self.deployment.production,
            removal_policy=self.kept,
        )

    def _tables(self) -> None:
        """Make the three tables as the stores know them."""
        self.inventory = self._table("Inventory", "shopId", "itemId")
        self.sessions = self._table("Sessions", "sessionId", ttl="expiresAt")
        self.udhaar = self._table("Udhaar", "shopId", "customerId")
        for table, index, sort in (
            (self.inventory, "CategoryIndex", "category"),
            (self.udhaar, "OverdueIndex", "dueDate"),
        ):
            table.add_global_secondary_index(
                index_name=index,
                partition_key=dynamodb.Attribute(name="shopId", type=_STRING),
                sort_key=dynamodb.Attribute(name=sort, type=_STRING),
            )

    def _bucket(self, name: str, *rules: s3.LifecycleRule, logged: bool = True) -> s3.Bucket:
        """Make a bucket that is private, encrypted and versioned, over TLS alone."""
        unfinished = s3.LifecycleRule(
            abort_incomplete_multipart_upload_after=Duration.days(7),
            noncurrent_version_expiration=Duration.days(90),
        )
        return s3.Bucket(
            self,
            name,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            lifecycle_rules=[*rules, unfinished],
            server_access_logs_bucket=self.access_logs if logged else None,
            server_access_logs_prefix=f"{name.lower()}/" if logged else None,
            removal_policy=self.kept,
        )

    def _buckets(self) -> None:
        """Make the buckets with the lives of what they hold."""
        self.access_logs = self._bucket(
            "AccessLogs", s3.LifecycleRule(expiration=Duration.days(90)), logged=False
        )
        archived = s3.Transition(storage_class=s3.StorageClass.GLACIER, transition_after=Duration.days(90))
        # The tables that pipelines read each night lie under data/ and stay readable at once.
        self.data = self._bucket(
            "Data",
            s3.LifecycleRule(prefix="raw/", transitions=[archived]),
            s3.LifecycleRule(prefix="analytics/", transitions=[archived]),
            # The watch brings all that is there to its job, of which it reads a week.
            s3.LifecycleRule(
                prefix="captured/",
                expiration=Duration.days(14),
                noncurrent_version_expiration=Duration.days(1),
            ),
        )
        self.bills = self._bucket("Bills", s3.LifecycleRule(expiration=Duration.days(365)))
        self.models = self._bucket("Models")

    def _network(self) -> None:
        """Make private subnets for the functions, isolated ones for the servers, and ways to AWS's own services."""
        subnet = ec2.SubnetConfiguration
        self.vpc = ec2.Vpc(
            self,
            "Network",
            max_azs=2,
            nat_gateways=2 if self.deployment.production else 1,
            restrict_default_security_group=False,
            subnet_configuration=[
                subnet(name="public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=24),
                # Out through NAT: Cognito's API and keys have no endpoint that all regions offer.
                subnet(name="functions", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=22),
                subnet(name="servers", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24),
            ],
            gateway_endpoints={
                "S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3),
                "DynamoDb": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.DYNAMODB),
            },
        )
        kept = logs.LogGroup(self, "FlowLog", retention=retention(self.deployment), removal_policy=self.kept)
        self.vpc.add_flow_log("Flow", destination=ec2.FlowLogDestination.to_cloud_watch_logs(kept))
        for name, service in _ENDPOINTS.items():
            if name == "Bedrock" and not self.deployment.bedrock_models:
                continue
            self.vpc.add_interface_endpoint(name, service=service)
        self.functions_group = ec2.SecurityGroup(self, "Functions", vpc=self.vpc, allow_all_outbound=True)

    def _servers_group(self, name: str, port: int) -> ec2.SecurityGroup:
        """Make a group that only functions reach, at one port."""
        assert self.vpc is not None
        assert self.functions_group is not None
        group = ec2.SecurityGroup(self, name, vpc=self.vpc, allow_all_outbound=False)
        group.add_ingress_rule(self.functions_group, ec2.Port.tcp(port), "the functions")
        return group

    def _database(self) -> None:
        """Make the PostgreSQL of the SQL tables."""
        assert self.vpc is not None
        engine = rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_16)
        size = ec2.InstanceSize.MEDIUM if self.deployment.production else ec2.InstanceSize.SMALL
        self.database = rds.DatabaseInstance(
            self,
            "Postgres",
            engine=engine,
            instance_type=ec2.InstanceType.of(ec2.InstanceClass.T3, size),
            vpc=self.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            security_groups=[self._servers_group("PostgresAccess", 5432)],
            credentials=rds.Credentials.from_generated_secret("samaan"),
            database_name="samaan",
            allocated_storage=20,
            max_allocated_storage=100,
            storage_encrypted=True,
            backup_retention=Duration.days(7),
            multi_az=self.deployment.production,
            parameters={"rds.force_ssl": "1"},
            cloudwatch_logs_exports=["postgresql"],
            auto_minor_version_upgrade=True,
            deletion_protection=self.deployment.production,
            removal_policy=RemovalPolicy.SNAPSHOT,
        )
        assert self.database.secret is not None
        self.database_secret = self.database.secret

    def _cache(self) -> None:
        """Make the Redis of short-lived copies and the rate limiter."""
        assert self.vpc is not None
        subnets = elasticache.CfnSubnetGroup(
            self,
            "CacheSubnets",
            description="isolated subnets",
            subnet_ids=self.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED).subnet_ids,
        )
        redis = elasticache.CfnReplicationGroup(
            self,
            "Redis",
            replication_group_description="copies and counters of the API",
            engine="redis",
            engine_version="7.1",
            cache_node_type="cache.t3.micro",
            num_cache_clusters=2 if self.deployment.production else 1,
            automatic_failover_enabled=self.deployment.production,
            multi_az_enabled=self.deployment.production,
            at_rest_encryption_enabled=True,
            transit_encryption_enabled=True,
            cache_subnet_group_name=subnets.ref,
            security_group_ids=[self._servers_group("RedisAccess", 6379).security_group_id],
        )
        self.redis_url = (
            f"rediss://{redis.attr_primary_end_point_address}:{redis.attr_primary_end_point_port}/0"
        )

    def _backups(self) -> None:
        """Back up tables and database every day into a vault, beside their own recovery to a point in time."""
        assert self.database is not None
        vault = backup.BackupVault(self, "Vault", removal_policy=self.kept)
        plan = backup.BackupPlan.daily35_day_retention(self, "Daily", vault)
        plan.add_selection(
            "Stores",
            resources=[
                backup.BackupResource.from_dynamo_db_table(self.inventory),
                backup.BackupResource.from_dynamo_db_table(self.udhaar),
                backup.BackupResource.from_rds_database_instance(self.database),
            ],
        )
