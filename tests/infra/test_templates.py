"""What is deployed: encryption, residency, least privilege, limits, and what each profile is billed for."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.permissions import AREAS, EVERYWHERE, FUNCTIONS

Templates = Any
SETTINGS = Path(__file__).resolve().parents[2] / "serving" / "settings.py"
BY_THE_HOUR = {
    "AWS::RDS::DBInstance",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::EC2::NatGateway",
    "AWS::EC2::VPCEndpoint",
    "AWS::SageMaker::Endpoint",
}


def statements(templates: Templates) -> list[tuple[str, dict[str, Any]]]:
    """List what roles are allowed."""
    found = []
    for name, resource in templates.of("AWS::IAM::Policy"):
        found += [(name, each) for each in resource["Properties"]["PolicyDocument"]["Statement"]]
    return found


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_lite_is_billed_for_nothing_by_the_hour_and_full_has_the_servers(templates: Templates) -> None:
    hourly = templates.kinds() & BY_THE_HOUR
    if templates.profile == "lite":
        assert hourly == set()
    else:
        assert hourly == BY_THE_HOUR - {"AWS::SageMaker::Endpoint"}


def test_no_role_may_do_everything_and_only_listed_actions_are_on_every_resource(
    templates: Templates,
) -> None:
    allowed = statements(templates)
    assert len(allowed) > len(FUNCTIONS)
    for name, each in allowed:
        actions = as_list(each["Action"])
        assert not [action for action in actions if "*" in action], name
        if "*" in as_list(each["Resource"]):
            assert set(actions) <= EVERYWHERE | ({"sns:Publish"} if "AuthRole" in name else set()), (
                name,
                actions,
            )


def test_a_functions_role_has_the_actions_of_the_table_and_no_more(templates: Templates) -> None:
    granted: dict[str, set[str]] = {name: set() for name in FUNCTIONS}
    for name, each in statements(templates):
        for function in FUNCTIONS:
            if name.split("/")[1].startswith(f"{function.capitalize()}Role"):
                granted[function] |= set(as_list(each["Action"]))
    basics = {"logs:CreateLogStream", "logs:PutLogEvents", "secretsmanager:GetSecretValue"}
    basics |= {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
    if templates.profile == "full":
        basics |= {action for action in EVERYWHERE if action.startswith("ec2:")}
    for name, asked in FUNCTIONS.items():
        own = {*asked.inventory, *asked.udhaar, *asked.bills, *asked.pool, *asked.textract, *asked.bedrock}
        own |= {*asked.topic, *asked.sms} | ({"sagemaker:InvokeEndpoint"} if asked.endpoints else set())
        assert granted[name] == basics | own, name


def test_tables_are_as_the_stores_know_them(templates: Templates) -> None:
    tables = {table["TableName"]: table for table in templates.properties("AWS::DynamoDB::Table")}
    assert set(tables) == {"samaan-inventory", "samaan-sessions", "samaan-udhaar"}
    for table in tables.values():
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["SSESpecification"] == {"SSEEnabled": True}
    assert tables["samaan-sessions"]["TimeToLiveSpecification"]["AttributeName"] == "expiresAt"
    indexes = {
        name: [
            (index["IndexName"], [key["AttributeName"] for key in index["KeySchema"]])
            for index in table.get("GlobalSecondaryIndexes", [])
        ]
        for name, table in tables.items()
    }
    assert indexes["samaan-inventory"] == [("CategoryIndex", ["shopId", "category"])]
    assert indexes["samaan-udhaar"] == [("OverdueIndex", ["shopId", "dueDate"])]


def test_buckets_are_private_encrypted_versioned_and_over_tls_alone(templates: Templates) -> None:
    buckets = dict(templates.of("AWS::S3::Bucket"))
    assert len(buckets) == 4
    for bucket in buckets.values():
        own = bucket["Properties"]
        assert set(own["PublicAccessBlockConfiguration"].values()) == {True}
        assert own["VersioningConfiguration"] == {"Status": "Enabled"}
        assert own["BucketEncryption"]
        assert own["LifecycleConfiguration"]
    policies = json.dumps(templates.properties("AWS::S3::BucketPolicy"))
    assert policies.count('"aws:SecureTransport": "false"') == 4
    assert policies.count("s3:TlsVersion") == 4
    lives = json.dumps([bucket["Properties"]["LifecycleConfiguration"] for bucket in buckets.values()])
    assert '"StorageClass": "GLACIER", "TransitionInDays": 90' in lives
    assert '"ExpirationInDays": 365' in lives


def test_gateways_are_throttled_and_let_nobody_through_unasked(templates: Templates) -> None:
    stages = templates.properties("AWS::ApiGateway::Stage")
    assert len(stages) == 2
    for stage in stages:
        every = stage["MethodSettings"][0]
        assert (every["ThrottlingRateLimit"], every["ThrottlingBurstLimit"]) == (100, 200)
        assert stage["TracingEnabled"] is True
        assert stage["AccessLogSetting"]
    methods = templates.properties("AWS::ApiGateway::Method")
    calls = [method for method in methods if method["HttpMethod"] == "ANY"]
    assert len(calls) == 2 * (2 * len(AREAS) - 1)
    people = [call for call in calls if call["AuthorizationType"] == "COGNITO_USER_POOLS"]
    assert len(people) == 2 * (len(AREAS) - 1)
    programs = [c for c in calls if c.get("RequestParameters") == {"method.request.header.X-Api-Key": True}]
    assert len(programs) == 2 * (len(AREAS) - 1)
    assert all(call["RequestValidatorId"] for call in [*people, *programs])
    open_calls = [call for call in calls if call not in people and call not in programs]
    assert len(open_calls) == 2  # /v1/auth and below
    origins = re.findall(r"https://app\.example\.in", json.dumps(methods))
    assert origins


def test_nobody_writes_his_own_shop_or_role_in_the_pool(templates: Templates) -> None:
    (client,) = templates.properties("AWS::Cognito::UserPoolClient")
    assert not [name for name in client["WriteAttributes"] if name.startswith("custom:")]
    assert {"custom:shopId", "custom:role"} <= set(client["ReadAttributes"])
    assert set(client["ExplicitAuthFlows"]) == {
        "ALLOW_ADMIN_USER_PASSWORD_AUTH",
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    }
    (pool,) = templates.properties("AWS::Cognito::UserPool")
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True


def test_no_secret_is_in_a_functions_settings_and_every_setting_is_one_of_the_apis(
    templates: Templates,
) -> None:
    settings = SETTINGS.read_text("utf-8")
    known = {f"SAMAAN_{name.upper()}" for name in re.findall(r"(?m)^    ([a-z_]+): ", settings)}
    # The provider of custom resources that the CDK adds is not ours and has no name.
    functions = [each for each in templates.properties("AWS::Lambda::Function") if "FunctionName" in each]
    assert len(functions) == len(FUNCTIONS)
    for function in functions:
        given = function["Environment"]["Variables"]
        assert set(given) <= known
        assert "SAMAAN_DATABASE_URL" not in given
        assert given["SAMAAN_CODE_SENDER"] == "sns"
        assert "resolve:secretsmanager" not in json.dumps(given)
        assert function["TracingConfig"] == {"Mode": "Active"}
        assert 256 <= function["MemorySize"] <= 1024
        waits_for_nobody = function["FunctionName"] == "samaan-jobs"
        assert function["Timeout"] == 300 if waits_for_nobody else 30 <= function["Timeout"] <= 60
        assert ("VpcConfig" in function) == (templates.profile == "full")


def test_everything_stays_in_one_region(templates: Templates) -> None:
    regions = set(re.findall(r"\b(?:us|eu|ap|ca|sa|me|af)-[a-z]+-\d\b", templates.text))
    assert regions <= {"ap-south-1"}


def test_database_and_cache_are_encrypted_private_and_backed_up(templates: Templates) -> None:
    if templates.profile == "lite":
        pytest.skip("the lite profile has neither")
    (database,) = templates.properties("AWS::RDS::DBInstance")
    assert database["StorageEncrypted"] is True
    assert database["BackupRetentionPeriod"] == 7
    assert (database["AllocatedStorage"], database["MaxAllocatedStorage"]) == ("20", 100)
    assert database["PubliclyAccessible"] is False
    (cache,) = templates.properties("AWS::ElastiCache::ReplicationGroup")
    assert cache["AtRestEncryptionEnabled"] is True
    assert cache["TransitEncryptionEnabled"] is True
    groups = templates.properties("AWS::EC2::SecurityGroupIngress")
    assert {group["FromPort"] for group in groups} == {5432, 6379}
    assert "AWS::Backup::BackupPlan" in templates.kinds()


def test_pipelines_are_the_committed_definitions_with_this_accounts_places(templates: Templates) -> None:
    pipelines = {each["PipelineName"]: each for each in templates.properties("AWS::SageMaker::Pipeline")}
    assert set(pipelines) == {"samaan-demand", "samaan-price", "samaan-udhaar"}
    for pipeline in pipelines.values():
        body = json.dumps(pipeline["PipelineDefinition"])
        assert "Fn::Join" in body
        assert "s3://samaan-sathi" not in body
        assert "Fn::GetAtt" in body
    schedules = templates.properties("AWS::Scheduler::Schedule")
    assert {each["ScheduleExpressionTimezone"] for each in schedules} == {"Asia/Kolkata"}
    assert {each["Name"] for each in schedules} >= set(pipelines)


def test_messages_go_out_each_minute_and_long_work_goes_on_every_five(templates: Templates) -> None:
    names = {name.split("/")[1]: each for name, each in templates.of("AWS::Lambda::Function")}
    found = {}
    for rule in templates.properties("AWS::Events::Rule"):
        (target,) = rule["Targets"]
        function = names[target["Arn"]["Fn::GetAtt"][0]]["Properties"]["FunctionName"]
        found[function] = (rule["ScheduleExpression"], target["RetryPolicy"]["MaximumRetryAttempts"])
        assert target["DeadLetterConfig"]
    assert found == {
        "samaan-messages": ("rate(1 minute)", 2),
        "samaan-jobs": ("rate(5 minutes)", 0),
        "samaan-prices": ("rate(5 minutes)", 0),
    }


def test_captured_questions_are_watched_where_endpoints_can_store_them(templates: Templates) -> None:
    schedules = {each["Name"]: each for each in templates.properties("AWS::Scheduler::Schedule")}
    watches = {name: each for name, each in schedules.items() if "-watch-" in name}
    if templates.profile == "lite":
        assert watches == {}
        return
    states = {name: each["State"] for name, each in watches.items()}
    assert states == {"samaan-watch-demand": "ENABLED", "samaan-watch-price": "DISABLED"}
    for each in watches.values():
        target = each["Target"]
        assert target["Arn"] == "arn:aws:scheduler:::aws-sdk:sagemaker:createProcessingJob"
        text = "".join(part if isinstance(part, str) else "TOKEN" for part in target["Input"]["Fn::Join"][1])
        job = json.loads(text)
        assert job["ProcessingJobName"].startswith("samaan-watch-")
        assert job["RoleArn"] == "TOKEN"
    lives = [
        rule
        for bucket in templates.properties("AWS::S3::Bucket")
        for rule in bucket["LifecycleConfiguration"]["Rules"]
        if rule.get("Prefix") == "captured/"
    ]
    assert [rule["ExpirationInDays"] for rule in lives] == [14]


def test_a_watch_reads_captures_and_baselines_and_writes_its_reports_alone(templates: Templates) -> None:
    own = [each for name, each in statements(templates) if name.split("/")[1].startswith("Watch")]
    if templates.profile == "lite":
        assert own == []
        return
    granted: dict[str, set[str]] = {}
    for each in own:
        for action in as_list(each["Action"]):
            granted.setdefault(action, set()).update(
                re.findall(r'"(/[a-z]+/\*|:[a-z-]+/samaan-watch-\*)"', json.dumps(each["Resource"]))
            )
    assert granted["s3:GetObject"] == {"/captured/*", "/champions/*"}
    assert granted["s3:PutObject"] == {"/watch/*"}
    assert granted["sagemaker:CreateProcessingJob"] == {":processing-job/samaan-watch-*"}
    (handed_on,) = [each for each in own if "iam:PassRole" in as_list(each["Action"])]
    assert handed_on["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    assert handed_on["Resource"]["Fn::GetAtt"][0].startswith("Watch")
    assert {action for action in granted if not action.startswith(("s3:", "ecr:", "logs:"))} == {
        "sagemaker:CreateProcessingJob",
        "iam:PassRole",
        "cloudwatch:PutMetricData",
    }


def test_every_function_has_its_alarms_and_its_log_ends(templates: Templates) -> None:
    alarms = {name.split("/")[1] for name, _ in templates.of("AWS::CloudWatch::Alarm")}
    for function in FUNCTIONS:
        for kind in ("Errors", "Throttles", "Slow"):
            assert [alarm for alarm in alarms if alarm.startswith(f"{function.capitalize()}{kind}")]
    for log in templates.properties("AWS::Logs::LogGroup"):
        assert log["RetentionInDays"] == 30
