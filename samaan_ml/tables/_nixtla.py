"""The Nixtla long format: unique_id, ds, y."""

from __future__ import annotations

from typing import Any

import pandas as pd

from samaan_ml.exceptions import Problem, TableError
from samaan_ml.tables._check import check
from samaan_ml.tables._given import as_frame
from samaan_ml.tables._schema import SALES

__all__ = ["from_nixtla", "to_nixtla"]


def to_nixtla(sales: pd.DataFrame) -> pd.DataFrame:
    """Turn checked sales into the Nixtla long format: unique_id (`shop/item`), ds, y.

    Examples
    --------
    >>> import pandas as pd
    >>> from samaan_ml.tables import SALES, check
    >>> sales = pd.DataFrame({"shop_id": ["s"], "item_id": ["i"], "date": ["2026-01-01"], "units": [3]})
    >>> to_nixtla(check(sales, SALES))["unique_id"].tolist()
    ['s/i']
    """
    unique_id = sales["shop_id"].astype("str") + "/" + sales["item_id"].astype("str")
    return pd.DataFrame({"unique_id": unique_id, "ds": sales["date"], "y": sales["units"]})


def from_nixtla(frame: Any) -> pd.DataFrame:
    """Turn the Nixtla long format (unique_id, ds, y) into checked sales.

    An id without a `/` belongs to the shop `shop`, so that series of any origin can be read.

    Raises
    ------
    TableError
        As `check` does.
    """
    source = as_frame(frame, "nixtla")
    missing = [name for name in ("unique_id", "ds", "y") if name not in source.columns]
    if missing:
        raise TableError(
            "nixtla", [Problem(None, name, "column is missing", "column_missing") for name in missing]
        )
    ids = source["unique_id"].astype("str")
    parts = ids.where(ids.str.contains("/"), "shop/" + ids).str.split("/", n=1, expand=True)
    sales = pd.DataFrame(
        {"shop_id": parts[0], "item_id": parts[1], "date": source["ds"], "units": source["y"]}
    )
    return check(sales, SALES)
