"""Groups of buyers that a report looks at apart: thin files, sectors, sizes, countries, ages."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from features.context import sections
from models.decision import thin_file
from training.validation.case import Test

Labels = NDArray[np.object_]

TURNOVER = (2e6, 10e6, 50e6)  # micro, small, medium: EU recommendation 2003/361
AGE = (3.0, 10.0, 25.0)
MOST = 12  # groups of one kind; the rest are "other"


def groups(test: Test) -> Mapping[str, Labels]:
    """The group of each test row, by kind; "unknown" where a fact is missing."""
    inputs = test.assessment.inputs
    thin = thin_file(test.feature("months_of_history"), test.feature("accounts_age_months"))
    return {
        "file": np.where(thin, "thin file", "full file").astype(object),
        "sector": _largest(sections(inputs.sector)),
        "size": _banded(test.feature("turnover"), TURNOVER, 1e6, "M turnover"),
        "country": _largest(inputs.country),
        "age": _banded(test.feature("firm_age_years"), AGE, 1.0, "years"),
    }


def _largest(codes: NDArray[np.str_]) -> Labels:
    found, counts = np.unique(codes, return_counts=True)
    kept = found[np.argsort(-counts)][:MOST]
    labels = np.where(np.isin(codes, kept), codes, "other").astype(object)
    labels[codes == ""] = "unknown"
    return labels


def _banded(
    values: NDArray[np.float64], edges: tuple[float, ...], unit: float, word: str
) -> Labels:
    """Bands between `edges`, in words."""
    marks = [f"{edge / unit:g}" for edge in edges]
    names = [f"below {marks[0]} {word}"]
    names += [f"{low} to {high} {word}" for low, high in pairwise(marks)]
    names += [f"{marks[-1]} {word} or more", "unknown"]
    place = np.where(np.isnan(values), len(names) - 1, np.searchsorted(edges, values, "right"))
    return np.array(names, dtype=object)[place]
