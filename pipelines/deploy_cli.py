"""The commands `samaan pipeline deploy`, `status` and `rollback`: endpoints on AWS."""

from __future__ import annotations

import click

from pipelines.areas import AREAS
from pipelines.deploy import Autoscaling, Deployer, Endpoint

__all__ = ["deploy", "roll_back", "status"]

_area = click.argument("area", type=click.Choice(list(AREAS)))
_name = click.option("--name", help="Name of the endpoint.  [default: samaan-AREA]")
_region = click.option("--region", help="Region.  [default: boto3's own]")


def _deployer(region: str | None) -> Deployer:
    """Connect."""
    import boto3

    return Deployer(boto3.Session(region_name=region))


@click.command()
@_area
@_name
@_region
@click.option("--role", "role_arn", required=True, help="ARN of the role that the model's container has.")
@click.option("--instance-type", help="Real-time on this type, such as ml.m5.large.  [default: serverless]")
@click.option("--instances", default=1, show_default=True, help="Instances to start with.")
@click.option("--most-instances", type=int, help="Scale up to so many by the requests.")
@click.option("--memory", "memory_mib", default=3072, show_default=True, help="MiB of a serverless endpoint.")
@click.option(
    "--concurrency", default=20, show_default=True, help="Requests a serverless endpoint answers at once."
)
@click.option(
    "--canary", "canary_percent", default=10, show_default=True, help="Percent that a replacement gets first."
)
@click.option("--bake", "bake_seconds", default=600, show_default=True, help="Seconds that it is watched.")
@click.option("--shadow-group", help="Model group that is asked beside; its answers are only recorded.")
def deploy(
    area: str,
    name: str | None,
    region: str | None,
    role_arn: str,
    instance_type: str | None,
    instances: int,
    most_instances: int | None,
    memory_mib: int,
    concurrency: int,
    canary_percent: int,
    bake_seconds: int,
    shadow_group: str | None,
) -> None:
    """Deploy an area's approved model to an endpoint on AWS, or replace what it serves."""
    scaling = None if most_instances is None else Autoscaling(instances, most_instances)
    endpoint = Endpoint(
        name or f"samaan-{area}",
        f"samaan-{area}",
        role_arn,
        instance_type,
        instances,
        memory_mib,
        concurrency,
        scaling,
        canary_percent=canary_percent,
        bake_seconds=bake_seconds,
        shadow_group=shadow_group,
    )
    click.echo(f"configuration {_deployer(region).deploy(endpoint)}")


@click.command()
@_area
@_name
@_region
def status(area: str, name: str | None, region: str | None) -> None:
    """Return how an area's endpoint stands, and why it failed."""
    said = _deployer(region).endpoint(name or f"samaan-{area}")
    click.echo(f"{said['name']} is {said['status']}" + (f": {said['reason']}" if said["reason"] else ""))
    click.echo(f"configuration {said['config']}")
    for place, model in said["models"].items():
        click.echo(f"{place} serves {model}")


@click.command("rollback")
@_area
@_name
@_region
def roll_back(area: str, name: str | None, region: str | None) -> None:
    """Return an area's endpoint the configuration that it had before."""
    click.echo(f"configuration {_deployer(region).roll_back(name or f'samaan-{area}')} is served again")
