"""The model registry on MLflow: versions, the aliases champion and challenger, and the exported champion.

A version is registered whole or not at all: its run and files first, the version last, and everything is
found again by the digest of its content, so that a registration that was cut off is finished by the next
one. `models/<area>/champion` under the home is a link to the champion's files, swapped in one step; who
serves it sees the old champion or the new one.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.local.cache import write_atomically
from pipelines.local.kinds import ModelPackage, Registered
from pipelines.local.storage import files_below, files_digest
from pipelines.packages import content_of, facts_of, metrics_of
from pipelines.registry_pages import description_of, write_pictures
from pipelines.registry_store import StoreLock, follow_home
from pipelines.settings import tracking_uri
from samaan_ml.artifacts import check_files
from samaan_ml.exceptions import ArtifactError, MissingExtraError, SamaanError

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

__all__ = ["MlflowRegistry", "RegistryError", "Version"]

CHAMPION, CHALLENGER = "champion", "challenger"
_DIGEST, _STATE, _BEFORE = "samaan.digest", "samaan.state", "samaan.champion_before"
_FILES = "samaan.files"
_RECORD = "registry.json"


class RegistryError(SamaanError, LookupError):
    """A model or version is not in the registry, or a step asked of it makes no sense."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a model.

    Parameters
    ----------
    group : str
        Name of the model, such as `samaan-demand`.
    number : str
        The registry's number.
    aliases : tuple of str
        `champion`, `challenger`, both or none.
    tags : mapping of str to str
        Lineage and state.
    metrics : mapping of str to float
        What the evaluation found.
    """

    group: str
    number: str
    aliases: tuple[str, ...]
    tags: Mapping[str, str]
    metrics: Mapping[str, float]


@dataclass
class MlflowRegistry:
    """Models in an MLflow registry, the champions also as folders.

    Parameters
    ----------
    home : Path
        Where the champions' folders and, by default, the registry's database are.
    uri : str or None, default=None
        Tracking and registry address; None is `SAMAAN_MLFLOW_URI`, else SQLite under the home. An ARN of a
        managed tracking server serves as well.
    """

    home: Path
    uri: str | None = None

    def __post_init__(self) -> None:
        """Fix the address, before anything changes the working directory."""
        self.home = Path(self.home).resolve()
        self.uri = self.uri or tracking_uri(self.home)
        self.lock = StoreLock(None if self._database is None else self._database.parent / "registry.lock")

    @cached_property
    def client(self) -> MlflowClient:
        """Connect; MLflow takes seconds to import, so only when needed."""
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
        os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
        try:
            from mlflow import MlflowClient
        except ImportError:
            raise MissingExtraError("mlflow", "training") from None
        # A file that is no database or a silent server: SQLAlchemy and MLflow raise errors of many kinds.
        try:
            with self.lock.held():
                if self._database is not None:
                    follow_home(self._database, self.home)
                client = MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)
                client.search_registered_models(max_results=1)  # makes the tables, which two at once cannot
                client.search_experiments(max_results=1)
                return client
        except Exception as error:
            told = (str(error).splitlines() or [type(error).__name__])[0]
            raise RegistryError(f"the registry at '{self.uri}' cannot be opened: {told}") from error

    @property
    def _database(self) -> Path | None:
        """Return where the SQLite file is; None for a server."""
        prefix = "sqlite:///"
        return Path(self.uri.removeprefix(prefix)) if self.uri and self.uri.startswith(prefix) else None

    # --- what RegisterModel steps call

    def register(self, package: ModelPackage) -> Registered:
        """Register a model once for the same content; an approved one becomes champion.

        Raises
        ------
        ArtifactError
            When its archive cannot be read.
        """
        with self.lock.held():
            return self._registered_before(package) or self._register(package)

    def _register(self, package: ModelPackage) -> Registered:
        """Register a model whose registration was not finished before."""
        version = self._version_of(package.group, package.digest)
        if version is None:
            with tempfile.TemporaryDirectory(prefix="samaan-register-") as scratch:
                content = content_of(package, Path(scratch))
                version = self._create(package, content)
        if version.tags.get(_STATE) == "registered":
            self._place(package, str(version.version))
        self._note_placed(package.group, str(version.version))
        champion = self._alias(package.group, CHAMPION)
        return Registered(str(version.version), champion == str(version.version))

    def knows(self, group: str, version: str) -> bool:
        """Return whether a version's files are here, without asking MLflow."""
        if self._database is not None and not self._database.is_file():
            return False
        return (self._folder(group) / "versions" / version / _RECORD).is_file()

    def _registered_before(self, package: ModelPackage) -> Registered | None:
        """Find content whose registration was finished, in the exported files: MLflow takes seconds to load."""
        folder = self._folder(package.group)
        for path in folder.glob("versions/*/registry.json"):
            record = json.loads(path.read_text("utf-8"))
            number = record["version"]
            if (
                record["tags"].get(_DIGEST) == package.digest
                and record.get("placed")
                and self.knows(package.group, number)
            ):
                return Registered(number, (folder / CHAMPION).resolve() == path.parent)
        return None

    # --- what people ask

    def versions(self, group: str) -> list[Version]:
        """List the versions of a model, newest first."""
        found = self.client.search_model_versions(f"name='{group}'", max_results=1000)
        aliases = self._aliases(group)
        versions = [self._described(each, aliases) for each in found]
        return sorted(versions, key=lambda version: int(version.number), reverse=True)

    def champion(self, group: str) -> Version | None:
        """Return the version that serves."""
        number = self._alias(group, CHAMPION)
        return next((version for version in self.versions(group) if version.number == number), None)

    def files(self, group: str, number: str) -> Path:
        """Return the folder of a version's files.

        Raises
        ------
        RegistryError
            When there is no such version.
        """
        version = next((each for each in self._found(group) if str(each.version) == number), None)
        if version is None:
            raise RegistryError(f"model '{group}' has no version '{number}'")
        return self._export_files(group, version)

    def promote(self, group: str, number: str) -> None:
        """Make a version the champion.

        Raises
        ------
        RegistryError
            When there is no such version, or its files are not what was registered.
        """
        with self.lock.held():
            self._promote(group, number)

    def _promote(self, group: str, number: str) -> None:
        """Make a version the champion; the lock is held."""
        known = {str(version.version): version for version in self._found(group)}
        if number not in known:
            listed = ", ".join(sorted(known, key=int)) or "none"
            raise RegistryError(f"model '{group}' has no version '{number}'; it has {listed}")
        self._check_whole(group, known[number])
        before = self._alias(group, CHAMPION)
        if before != number:
            self.client.set_model_version_tag(group, number, _BEFORE, before or "")
            self.client.set_registered_model_alias(group, CHAMPION, number)
        if self._alias(group, CHALLENGER) == number:
            self.client.delete_registered_model_alias(group, CHALLENGER)
        self._export(group, known[number])
        self.client.set_model_version_tag(group, number, _STATE, "promoted")

    def roll_back(self, group: str) -> str:
        """Make the champion's predecessor champion again; give its number.

        Raises
        ------
        RegistryError
            When there is no champion, it had no predecessor, or that one's files are not what was registered.
        """
        with self.lock.held():
            return self._roll_back(group)

    def _roll_back(self, group: str) -> str:
        """Roll back; the lock is held."""
        champion = self.champion(group)
        if champion is None:
            raise RegistryError(f"model '{group}' has no champion; nothing to roll back")
        before = champion.tags.get(_BEFORE)
        if not before:
            raise RegistryError(f"champion '{champion.number}' of '{group}' had no predecessor")
        predecessor = self.client.get_model_version(group, before)
        self._check_whole(group, predecessor)
        self.client.set_registered_model_alias(group, CHAMPION, before)
        self._export(group, predecessor)
        self.client.set_model_version_tag(group, champion.number, _STATE, "rolled back")
        return before

    def compare(self, group: str, one: str, other: str) -> dict[str, tuple[float | None, float | None]]:
        """Set the metrics of two versions side by side.

        Raises
        ------
        RegistryError
            When one of them does not exist.
        """
        known = {version.number: version for version in self.versions(group)}
        missing = [number for number in (one, other) if number not in known]
        if missing:
            raise RegistryError(f"model '{group}' has no version '{missing[0]}'; it has {', '.join(known)}")
        names = sorted(set(known[one].metrics) | set(known[other].metrics))
        return {name: (known[one].metrics.get(name), known[other].metrics.get(name)) for name in names}

    # --- registering

    def _create(self, package: ModelPackage, content: Path) -> ModelVersion:
        """Log the files in a run of their own, then create the version in one call."""
        experiment = self._experiment(package.group)
        self._clear_unfinished(experiment, package.digest)
        metrics, facts = metrics_of(package.reports), facts_of(package, content)
        run = self.client.create_run(
            experiment, tags={_DIGEST: package.digest}, run_name=package.lineage.get("execution")
        )
        run_id = run.info.run_id
        for name, value in metrics.items():
            self.client.log_metric(run_id, name, value)
        for name, text in facts.items():
            self.client.log_param(run_id, name, text[:500])
        self.client.log_artifacts(run_id, str(content), "model")
        with tempfile.TemporaryDirectory(prefix="samaan-pictures-") as scratch:
            if write_pictures(content, Path(scratch)):
                self.client.log_artifacts(run_id, scratch, "pictures")
        self.client.set_tag(run_id, "mlflow.note.content", description_of(content))
        self.client.set_terminated(run_id, "FINISHED")
        self._ensure_model(package.group)
        tags = {_DIGEST: package.digest, _STATE: "registered", _FILES: _files_digest(content), **facts}
        return self.client.create_model_version(
            package.group,
            source=f"{run.info.artifact_uri}/model",
            run_id=run_id,
            tags=tags,
            description=description_of(content),
        )

    def _place(self, package: ModelPackage, number: str) -> None:
        """Return a new version its alias."""
        if package.approved:
            self.promote(package.group, number)
            return
        self.client.set_registered_model_alias(package.group, CHALLENGER, number)
        self._export_files(package.group, self.client.get_model_version(package.group, number))
        self.client.set_model_version_tag(package.group, number, _STATE, "waiting for approval")

    def _experiment(self, group: str) -> str:
        """Find or make the model's experiment, its files under the home."""
        found = self.client.get_experiment_by_name(group)
        if found is not None:
            return str(found.experiment_id)
        place = (self.home / "mlflow" / "artifacts" / group).as_uri() if self._database is not None else None
        return str(self.client.create_experiment(group, artifact_location=place))

    def _clear_unfinished(self, experiment: str, digest: str) -> None:
        """Delete runs of the same content that were cut off."""
        for run in self.client.search_runs([experiment], f"tags.`{_DIGEST}` = '{digest}'"):
            self.client.delete_run(run.info.run_id)

    def _ensure_model(self, group: str) -> None:
        """Make the registered model where it does not exist."""
        if not self.client.search_registered_models(f"name='{group}'"):
            self.client.create_registered_model(group)

    def _note_placed(self, group: str, number: str) -> None:
        """Write down that a version's registration is finished."""
        path = self._folder(group) / "versions" / number / _RECORD
        write_atomically(path, {**json.loads(path.read_text("utf-8")), "placed": True})

    # --- exporting

    def _export(self, group: str, version: ModelVersion) -> None:
        """Point the champion's link at a version's files."""
        target = self._export_files(group, version)
        link = self._folder(group) / CHAMPION
        fresh = link.with_name(f".{CHAMPION}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(target.relative_to(link.parent), target_is_directory=True)
        fresh.replace(link)

    def _check_whole(self, group: str, version: ModelVersion) -> None:
        """Refuse to let files serve that were altered; those of the exported folder are fetched once more before.

        Raises
        ------
        RegistryError
            Naming the version and the file.
        """
        try:
            _check(self._export_files(group, version), version)
        except ArtifactError:
            try:
                _check(self._export_files(group, version, force=True), version)
            except ArtifactError as error:
                raise RegistryError(
                    f"version '{version.version}' of '{group}' cannot become champion: {error}"
                ) from error

    def _export_files(self, group: str, version: ModelVersion, *, force: bool = False) -> Path:
        """Write a version's files to its own folder, whole or not at all."""
        number = str(version.version)
        folder = self._folder(group) / "versions" / number
        if force or not (folder / _RECORD).is_file():
            part = folder.with_name(f".{number}.{os.getpid()}.part")
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            fetched = Path(self.client.download_artifacts(version.run_id, "model", str(part)))
            record = {"group": group, "version": number, "tags": dict(version.tags)}
            (fetched / _RECORD).write_text(json.dumps(record, indent=1, sort_keys=True), "utf-8")
            shutil.rmtree(folder, ignore_errors=True)
            fetched.rename(folder)
            shutil.rmtree(part, ignore_errors=True)
        return folder

    def _folder(self, group: str) -> Path:
        """Return where a model's exported versions are."""
        return self.home / "models" / group.removeprefix("samaan-")

    # --- looking up

    def _found(self, group: str) -> list[ModelVersion]:
        """List MLflow's own versions of a model."""
        return list(self.client.search_model_versions(f"name='{group}'", max_results=1000))

    def _version_of(self, group: str, digest: str) -> ModelVersion | None:
        """Find the version of some content."""
        return next((each for each in self._found(group) if each.tags.get(_DIGEST) == digest), None)

    def _aliases(self, group: str) -> dict[str, str]:
        """Return the aliases of a model."""
        found = self.client.search_registered_models(f"name='{group}'")
        if not found:
            return {}
        return {name: str(number) for name, number in self.client.get_registered_model(group).aliases.items()}

    def _alias(self, group: str, alias: str) -> str | None:
        """Return the version an alias stands for."""
        return self._aliases(group).get(alias)

    def _described(self, version: ModelVersion, aliases: Mapping[str, str]) -> Version:
        """Describe a version with the metrics of its run."""
        number = str(version.version)
        names = tuple(sorted(name for name, target in aliases.items() if target == number))
        metrics = dict(self.client.get_run(version.run_id).data.metrics) if version.run_id else {}
        return Version(version.name, number, names, dict(version.tags), metrics)


def _check(folder: Path, version: ModelVersion) -> None:
    """Compare a version's files with what was registered: the manifest, where the model has one, and the digest."""
    registered = version.tags.get("samaan.model_version")
    if registered is not None:
        said = check_files(folder)
        if said != registered:
            raise ArtifactError(f"'{folder}' holds model '{said}', registered was '{registered}'")
    digest = version.tags.get(_FILES)
    if digest is not None and digest != _files_digest(folder):
        raise ArtifactError(f"the files in '{folder}' were altered: their digest is not the registered one")


def _files_digest(folder: Path) -> str:
    """Return the digest of a version's files, without the record that the export puts beside them."""
    return files_digest((name, path) for name, path in files_below(folder) if name != _RECORD)
