"""What a deployment chooses."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from samaan_ml.domain.capture import refusal

__all__ = ["REGION", "Deployment", "DeploymentError", "Profile"]

Profile = Literal["lite", "full"]
REGION = "ap-south-1"
"""Mumbai: a shop's data stay in India, and Textract is here."""


class DeploymentError(ValueError):
    """A choice that cannot be deployed; the message names it and what to do."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of everything.

    Parameters
    ----------
    code : Path
        Folder with what the functions run, as `infra.package` puts it together.
    profile : {'lite', 'full'}, default='lite'
        `lite` has nothing that is billed by the hour: no RDS, ElastiCache, NAT gateway or interface endpoint.
        Its SQL tables lie in a PostgreSQL of yours, named in a secret.
    name : str, default='samaan'
        Prefix of what has a name.
    account : str or None, default=None
        Account; None leaves it open until it is deployed.
    region : str, default='ap-south-1'
        Region; another one is refused.
    production : bool, default=False
        Two zones for the database, and nothing with data is deleted with its stack.
    cors_origins : tuple of str, default=()
        Web pages that may call the API, such as "https://app.example.in".
    bedrock_models : tuple of str, default=()
        Foundation models of the region that may word texts; without any, templates do.
    sms_sender : tuple of str, default=()
        Entity and template of sign-in codes, as registered with Indian operators; without them nobody signs in by
        phone.
    alarm_email : str or None, default=None
        Who receives alarms.
    log_days : int, default=30
        How long logs are kept.
    image_tag : str, default='0.1.0'
        Tag of the image of jobs and endpoints.
    watched : tuple of str, default=()
        Areas, of demand and price, whose captured questions are watched each morning; once their endpoints store
        some, which those of `lite`, serverless ones, cannot.

    Raises
    ------
    DeploymentError
        When a choice is not possible.
    """

    code: Path
    profile: Profile = "lite"
    name: str = "samaan"
    account: str | None = None
    region: str = REGION
    production: bool = False
    cors_origins: tuple[str, ...] = ()
    bedrock_models: tuple[str, ...] = ()
    sms_sender: tuple[str, ...] = ()
    alarm_email: str | None = None
    log_days: int = 30
    image_tag: str = "0.1.0"
    watched: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be deployed."""
        if self.profile not in get_args(Profile):
            raise DeploymentError(f"profile '{self.profile}' is not one of {', '.join(get_args(Profile))}")
        if self.region != REGION:
            raise DeploymentError(
                f"region '{self.region}' is outside the residency of the data; use {REGION}"
            )
        if not re.fullmatch(r"[a-z][a-z0-9-]{1,20}", self.name):
            raise DeploymentError(f"name '{self.name}' needs 2 to 21 of a-z, 0-9 and '-', a letter first")
        if len(self.sms_sender) not in (0, 2):
            raise DeploymentError("sms-sender needs two words by comma: the entity and the template of codes")
        for area in self.watched:
            if refused := refusal(area):
                raise DeploymentError(refused)
        if self.watched and not self.is_full:
            raise DeploymentError(
                "the endpoints of profile lite are serverless and store no questions; leave 'watched' out"
            )
        for origin in self.cors_origins:
            if not re.fullmatch(r"https?://[^/*\s]+", origin):
                raise DeploymentError(
                    f"CORS origin '{origin}' is no origin like https://app.example.in; '*' is refused"
                )
        for model in self.bedrock_models:
            if re.match(r"(global|apac|us|eu|in|arn)[.:]", model):
                raise DeploymentError(
                    f"Bedrock model '{model}' may be answered in another region; name a foundation model of {REGION}"
                )

    @property
    def is_full(self) -> bool:
        """Whether database, cache and private network are part of it."""
        return self.profile == "full"
