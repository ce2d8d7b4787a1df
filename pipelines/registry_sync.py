"""MLflow's registry and SageMaker's kept in step: the same versions, and the champion is the newest approved one.

Versions are matched by the digest of the model's files, which is its version wherever it lies, so that either side may
have registered it. `push` makes SageMaker say what MLflow says, `pull` the other way round; both may be repeated.
"""

from __future__ import annotations

import io
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.local.kinds import ModelPackage
from pipelines.registry import CHALLENGER, CHAMPION, MlflowRegistry, RegistryError, Version
from samaan_ml.artifacts import read_manifest
from samaan_ml.exceptions import ArtifactError, ParameterError

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

__all__ = ["RegistrySync"]

_VERSION = "model_version"
_CONTENT_TYPES = ["application/json", "application/jsonlines", "text/csv", "application/x-parquet"]


@dataclass
class RegistrySync:
    """Carries versions and their standing between the two registries.

    Parameters
    ----------
    registry : MlflowRegistry
        The one side.
    sagemaker, s3 : object
        boto3 clients of the other side.
    bucket : str
        Where the files of pushed models go.
    image : str
        Container image that serves them.
    """

    registry: MlflowRegistry
    sagemaker: SageMakerClient
    s3: Any
    bucket: str
    image: str

    def push(self, group: str) -> list[str]:
        """Make SageMaker's registry say what MLflow's says; give what was changed, a line each.

        Raises
        ------
        RegistryError
            When the model has no version.
        """
        versions = sorted(self.registry.versions(group), key=lambda each: int(each.number))
        if not versions:
            raise RegistryError(f"model '{group}' has no version to push")
        self._ensure_group(group)
        there = {each["version"] for each in self._packages(group)}
        told = [
            f"version {version.number} registered as {self._create(group, version)}"
            for version in versions
            if version.tags.get("samaan.model_version") not in there
        ]
        packages = list(self._packages(group))
        told += self._set_standing(versions, {each["version"]: each for each in packages})
        return told + self._reject_newer(versions, list(self._packages(group)))

    def pull(self, group: str) -> list[str]:
        """Make MLflow's registry say what SageMaker's says; give what was changed, a line each."""
        known = {each.tags.get("samaan.model_version"): each for each in self.registry.versions(group)}
        told = []
        newest: str | None = None
        for package in sorted(self._packages(group), key=lambda each: int(each["number"])):
            if package["status"] == "Rejected":
                continue
            if package["version"] not in known:
                number = self._register(group, package)
                told.append(f"package {package['number']} registered as version {number}")
            if package["status"] == "Approved":
                newest = package["version"]
        if newest is not None:
            versions = {each.tags.get("samaan.model_version"): each for each in self.registry.versions(group)}
            if CHAMPION not in versions[newest].aliases:
                self.registry.promote(group, versions[newest].number)
                told.append(f"version {versions[newest].number} is champion, as the newest approved package")
        return told

    # --- to SageMaker

    def _ensure_group(self, group: str) -> None:
        """Make the model package group where it does not exist."""
        pages = self.sagemaker.get_paginator("list_model_package_groups").paginate(NameContains=group)
        names = {
            each["ModelPackageGroupName"] for page in pages for each in page["ModelPackageGroupSummaryList"]
        }
        if group not in names:
            self.sagemaker.create_model_package_group(ModelPackageGroupName=group)

    def _create(self, group: str, version: Version) -> str:
        """Upload a version's files and register them, not approved yet; give the package's ARN."""
        folder = self.registry.files(group, version.number)
        digest = read_manifest(folder).model_version
        key = f"registry/{group}/{digest}/model.tar.gz"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=_archive(folder))
        facts = {
            _VERSION: digest,
            "mlflow_version": version.number,
            **{
                name: version.tags[f"samaan.{name}"][:256]
                for name in ("area", "data_digest", "trained_until", "code")
                if f"samaan.{name}" in version.tags
            },
        }
        answer = self.sagemaker.create_model_package(
            ModelPackageGroupName=group,
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification={
                "Containers": [{"Image": self.image, "ModelDataUrl": f"s3://{self.bucket}/{key}"}],
                "SupportedContentTypes": _CONTENT_TYPES,
                "SupportedResponseMIMETypes": _CONTENT_TYPES,
            },
            CustomerMetadataProperties=facts,
        )
        return str(answer["ModelPackageArn"])

    def _set_standing(self, versions: list[Version], packages: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """Approve the champion, leave the challenger waiting, reject what was rolled back."""
        told = []
        for version in versions:
            package, wanted = packages[version.tags["samaan.model_version"]], _standing(version)
            if wanted is not None and package["status"] != wanted:
                self._approve(package, wanted, f"version {version.number} in MLflow")
                told.append(f"version {version.number} is {wanted}")
        return told

    def _reject_newer(self, versions: list[Version], packages: list[Mapping[str, Any]]) -> list[str]:
        """Reject approved packages newer than the champion's: the newest approved one is what serves."""
        champion = next((each for each in versions if CHAMPION in each.aliases), None)
        if champion is None:
            return []
        own = next(p for p in packages if p["version"] == champion.tags["samaan.model_version"])
        newer = [p for p in packages if int(p["number"]) > int(own["number"]) and p["status"] == "Approved"]
        for package in newer:
            self._approve(package, "Rejected", f"version {champion.number} is champion in MLflow")
        return [f"package {package['number']} is Rejected: an older version is champion" for package in newer]

    def _approve(self, package: Mapping[str, Any], status: Any, reason: str) -> None:
        """Set a package's approval."""
        self.sagemaker.update_model_package(
            ModelPackageArn=package["arn"],
            ModelApprovalStatus=status,
            ApprovalDescription=reason,
            CustomerMetadataProperties=package["facts"],
        )

    # --- from SageMaker

    def _packages(self, group: str) -> Iterator[dict[str, Any]]:
        """List a group's packages that say which model they hold."""
        pages = self.sagemaker.get_paginator("list_model_packages").paginate(ModelPackageGroupName=group)
        for page in pages:
            for each in page["ModelPackageSummaryList"]:
                arn = each["ModelPackageArn"]
                said = self.sagemaker.describe_model_package(ModelPackageName=arn)
                version = said.get("CustomerMetadataProperties", {}).get(_VERSION)
                if version is not None:
                    yield {
                        "arn": arn,
                        "number": arn.rsplit("/", 1)[-1],
                        "version": version,
                        "status": said.get("ModelApprovalStatus", "PendingManualApproval"),
                        "data": said["InferenceSpecification"]["Containers"][0]["ModelDataUrl"],
                        "facts": said.get("CustomerMetadataProperties", {}),
                    }

    def _register(self, group: str, package: Mapping[str, Any]) -> str:
        """Fetch a package's files and register them in MLflow, to wait there until it is known what serves.

        Raises
        ------
        ArtifactError
            When the files are not the model that the package says.
        """
        bucket, _, key = str(package["data"]).removeprefix("s3://").partition("/")
        if not bucket or not key:
            raise ParameterError(f"package '{package['arn']}' has no file on S3, got '{package['data']}'")
        with tempfile.TemporaryDirectory(prefix="samaan-pull-") as scratch:
            archive = Path(scratch) / "model.tar.gz"
            archive.write_bytes(self.s3.get_object(Bucket=bucket, Key=key)["Body"].read())
            found = _version_inside(archive)
            if found != package["version"]:
                raise ArtifactError(
                    f"package '{package['arn']}' says model '{package['version']}', its file holds '{found}'"
                )
            registered = self.registry.register(
                ModelPackage(
                    group=group,
                    archive=archive,
                    digest=f"package-{found}",
                    approved=False,
                    metadata={str(key): str(value) for key, value in package["facts"].items()},
                    reports={},
                    lineage={"package": str(package["arn"])},
                )
            )
        return registered.version


def _standing(version: Version) -> str | None:
    """Return what approval a version's place asks for; None where any will do."""
    if CHAMPION in version.aliases:
        return "Approved"
    if CHALLENGER in version.aliases:
        return "PendingManualApproval"
    return "Rejected" if version.tags.get("samaan.state") == "rolled back" else None


def _archive(folder: Path) -> bytes:
    """Pack a model folder."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=6) as tar:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                tar.add(path, arcname=path.relative_to(folder).as_posix())
    return packed.getvalue()


def _version_inside(archive: Path) -> str:
    """Read which model an archive holds, its checksums not yet looked at: registering does that."""
    try:
        with tarfile.open(archive, "r:gz") as tar, tempfile.TemporaryDirectory() as scratch:
            tar.extract("manifest.json", scratch, filter="data")
            return read_manifest(Path(scratch)).model_version
    except (tarfile.TarError, KeyError, EOFError, OSError) as error:
        raise ArtifactError(f"the package's file is no model archive: {error}") from error
