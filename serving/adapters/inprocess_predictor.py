"""The champions in this process: the one adapter that knows the library's inference."""

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, cast

from samaan_ml.domain.customer_messages import RiskAnswer, RiskRequest
from samaan_ml.domain.errors import RuleError, SamaanError
from samaan_ml.domain.messages import (
    Answer,
    BudgetAnswer,
    BudgetRequest,
    ForecastAnswer,
    ForecastRequest,
    Request,
)
from samaan_ml.domain.price_messages import PriceAnswer, PriceRequest
from serving.errors import PredictorUnavailable

if TYPE_CHECKING:
    from samaan_ml.inference import Predictor

_log = logging.getLogger("serving.predictor")
_Stamp = tuple[tuple[str, int, int], ...]
_MODELS = ("demand", "price", "udhaar")


class InProcessPredictor:
    """Answers from the champions' folders, loaded on the first question and again when they change.

    Parameters
    ----------
    models_folder : Path
        Folder with `demand/champion`, `price/champion`, `udhaar/champion`.
    """

    def __init__(self, models_folder: Path) -> None:
        self._folder = models_folder
        self._lock = threading.Lock()
        self._loaded: dict[str, tuple[str, Predictor]] = {}
        self._checked: dict[str, tuple[_Stamp, str | None]] = {}
        self._failing: set[str] = set()

    def forecast(self, request: ForecastRequest) -> ForecastAnswer:
        """Ask the demand model."""
        return cast(ForecastAnswer, self._ask("demand", request))

    def budget(self, request: BudgetRequest) -> BudgetAnswer:
        """Let the library choose packs; it needs no model."""
        from samaan_ml.inference import answer_budget

        try:
            return answer_budget(request)
        except RuleError:
            raise
        except (SamaanError, ValueError) as error:
            raise PredictorUnavailable("the order could not be chosen") from error

    def price(self, request: PriceRequest) -> PriceAnswer:
        """Ask the price model."""
        return cast(PriceAnswer, self._ask("price", request))

    def risk(self, request: RiskRequest) -> RiskAnswer:
        """Ask the udhaar model."""
        return cast(RiskAnswer, self._ask("udhaar", request))

    def _ask(self, model: str, request: Request) -> Answer:
        """Ask one model; what it cannot do is the caller's, what breaks is ours."""
        predictor = self._predictor(model)
        try:
            answer = predictor.answer(request)
        except RuleError:
            raise
        except (SamaanError, OSError, ValueError, KeyError, MemoryError) as error:
            if model not in self._failing:  # once until it answers again: every request would repeat it
                self._failing.add(model)
                _log.warning("the %s model failed on a question", model, exc_info=error)
            raise PredictorUnavailable(f"the {model} model did not answer") from error
        self._failing.discard(model)
        return answer

    def _predictor(self, model: str) -> "Predictor":
        """Return the loaded champion, loading the one on disk if it is another."""
        folder = self._folder / model / "champion"
        try:
            manifest = (folder / "manifest.json").read_text("utf-8")
        except FileNotFoundError:
            raise PredictorUnavailable(
                f"there is no champion of the {model} model", "model_missing", retry_after_seconds=60
            ) from None
        except (OSError, ValueError) as error:
            raise self._broken(model, folder, error) from error
        with self._lock:
            known = self._loaded.get(model)
            if known is None or known[0] != manifest:
                if self._fault(model, folder):
                    raise _unusable(model)
                known = (manifest, self._load(model, folder))
                self._loaded[model] = known
            return known[1]

    def _load(self, model: str, folder: Path) -> "Predictor":
        """Load a champion whose files are as its manifest says."""
        from samaan_ml.inference import Predictor

        try:
            return Predictor.load(folder)
        except (SamaanError, OSError, ValueError, KeyError, TypeError, MemoryError) as error:
            raise self._broken(model, folder, error) from error

    def _fault(self, model: str, folder: Path) -> str | None:
        """Return why a champion's files cannot be used; they are read once, and again when one changes."""
        from samaan_ml.inference import Predictor

        stamp = _stamp(folder)
        known = self._checked.get(model)
        if known is not None and known[0] == stamp:
            return known[1]
        try:
            Predictor.check(folder)
        except (SamaanError, OSError) as error:
            self._broken(model, folder, error)
            return str(error)
        self._checked[model] = (stamp, None)
        return None

    def _broken(self, model: str, folder: Path, cause: Exception) -> PredictorUnavailable:
        """Remember that a champion is damaged, and log why, once for the files as they are."""
        stamp = _stamp(folder)
        if self._checked.get(model) != (stamp, str(cause)):
            self._checked[model] = (stamp, str(cause))
            _log.warning("the %s model is damaged: %s", model, cause)
        return _unusable(model)

    def state(self) -> dict[str, str]:
        """Return which champions are missing, broken, ready or loaded; files are checked, no model is loaded."""
        return {model: self._state(model) for model in _MODELS}

    def _state(self, model: str) -> str:
        """Tell the state of one champion."""
        folder = self._folder / model / "champion"
        if not (folder / "manifest.json").is_file():
            return "missing"
        with self._lock:
            if self._fault(model, folder):
                return "broken"
        return "loaded" if model in self._loaded else "ready"


def _unusable(model: str) -> PredictorUnavailable:
    """Say that a champion is damaged; the cause is in the log."""
    return PredictorUnavailable(
        f"the files of the {model} model are damaged", "model_broken", retry_after_seconds=60
    )


def _stamp(folder: Path) -> _Stamp:
    """Return what changes when a file of the folder does."""
    try:
        return tuple(
            (path.name, found.st_mtime_ns, found.st_size)
            for path in sorted(folder.iterdir())
            for found in (path.stat(),)
        )
    except OSError:
        return ()
