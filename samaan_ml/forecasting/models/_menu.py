"""Every forecaster on the package's menu by its short name."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from samaan_ml.forecasting.models._base import BaseForecaster


def forecasters() -> dict[str, type[BaseForecaster]]:
    """Find the forecasters that can be made: ETSForecaster is `ets`."""
    from samaan_ml import forecasting

    names = [name for name in forecasting.__all__ if name.endswith("Forecaster")]
    kinds: dict[str, type[BaseForecaster]] = {name: getattr(forecasting, name) for name in names}
    return {
        name.removesuffix("Forecaster").lower(): kind
        for name, kind in kinds.items()
        if not inspect.isabstract(kind)
    }
