"""The champions in this process: the one adapter that knows the library's inference."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING, cast

from samaan_ml.domain.errors import RuleError, SamaanError
from samaan_ml.domain.messages import (
    Answer,
    BudgetAnswer,
    BudgetRequest,
    ForecastAnswer,
    ForecastRequest,
    PriceAnswer,
    PriceRequest,
    Request,
    RiskAnswer,
    RiskRequest,
)
from serving.errors import PredictorUnavailable

if TYPE_CHECKING:
    from samaan_ml.inference import Predictor

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
        try:
            return self._predictor(model).answer(request)
        except (RuleError, PredictorUnavailable):
            raise
        except (SamaanError, OSError, ValueError, KeyError, MemoryError) as error:
            raise PredictorUnavailable(f"the {model} model did not answer") from error

    def _predictor(self, model: str) -> "Predictor":
        """Return the loaded champion, loading the one on disk if it is another."""
        folder = self._folder / model / "champion"
        manifest = folder / "manifest.json"
        if not manifest.is_file():
            raise PredictorUnavailable(f"there is no champion of the {model} model", retry_after_seconds=60)
        stamp = manifest.read_text("utf-8")
        with self._lock:
            known = self._loaded.get(model)
            if known is None or known[0] != stamp:
                from samaan_ml.inference import Predictor

                known = (stamp, Predictor.load(folder))
                self._loaded[model] = known
            return known[1]

    def state(self) -> dict[str, str]:
        """Tell which champions are there and which are loaded."""
        found = {}
        for model in _MODELS:
            there = (self._folder / model / "champion" / "manifest.json").is_file()
            found[model] = ("loaded" if model in self._loaded else "ready") if there else "missing"
        return found
