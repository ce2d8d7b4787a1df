"""The rule of `samaan_ml.domain.money` for arrays: to the nearest whole, halves away from zero."""

import numpy as np
import numpy.typing as npt

from samaan_ml.domain.money import rupees_to_paise

__all__ = ["amounts_of", "half_away", "paise_of"]

_Floats = npt.NDArray[np.float64]
_Integers = npt.NDArray[np.int64]
_NEAR = 1e-6
"""A float product this near to a half may stand on the wrong side of it."""


def half_away(values: npt.ArrayLike) -> _Floats:
    """Round to the nearest whole number, halves away from zero; NaN and infinity stay.

    Parameters
    ----------
    values : array_like of float
        Numbers of any shape.

    Returns
    -------
    numpy.ndarray of float
        Same shape.

    Examples
    --------
    >>> half_away([0.5, 1.5, -2.5, 0.49999999999999994])
    array([ 1.,  2., -3.,  0.])
    """
    numbers = np.asarray(values, dtype=np.float64)
    size = np.abs(numbers)
    whole = np.floor(size)
    with np.errstate(invalid="ignore"):  # infinity less infinity
        nearest = whole + (size - whole >= 0.5)
    return np.asarray(np.copysign(nearest, numbers) + 0.0)


def paise_of(rupees: npt.ArrayLike) -> _Floats:
    """Turn rupees into whole paise as `rupees_to_paise` does; NaN stays.

    A product such as 12.345 * 100 falls on the wrong side of its half: such values are read by their decimals.

    Parameters
    ----------
    rupees : array_like of float
        Amounts of any shape.

    Returns
    -------
    numpy.ndarray of float
        Whole numbers, same shape.

    Examples
    --------
    >>> paise_of([12.345, 1.005, -0.125, 4.5])
    array([1235.,  101.,  -13.,  450.])
    """
    amounts = np.asarray(rupees, dtype=np.float64)
    product = amounts * 100.0
    paise = half_away(product)
    with np.errstate(invalid="ignore"):
        near = np.abs(np.abs(product - np.trunc(product)) - 0.5) < _NEAR * np.maximum(
            np.abs(product) / 1e6, 1.0
        )
    for place in zip(*np.nonzero(np.atleast_1d(near)), strict=True):
        np.atleast_1d(paise)[place] = rupees_to_paise(float(np.atleast_1d(amounts)[place]))
    return paise


def amounts_of(unit_price_paise: _Integers, quantity_milli: _Integers) -> _Integers:
    """Price quantities in milli-units as `times_quantity` does.

    Parameters
    ----------
    unit_price_paise, quantity_milli : numpy.ndarray of int
        Of one shape.

    Examples
    --------
    >>> amounts_of(np.array([4_500, 5, -5]), np.array([250, 500, 500]))
    array([1125,    3,   -3])
    """
    product = np.asarray(unit_price_paise, dtype=np.int64) * np.asarray(quantity_milli, dtype=np.int64)
    return np.asarray(np.sign(product) * ((2 * np.abs(product) + 1000) // 2000), dtype=np.int64)
