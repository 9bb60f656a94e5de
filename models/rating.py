"""Master scale: default probabilities to grades. Frozen and versioned with the policy: a new model
moves buyers between grades, never the bounds of the grades."""

from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict, model_validator

UNRATED = -1


class MasterScale(BaseModel):
    """Performing grades, best first, then the grade of default.

    A grade is half-open: a probability on a bound belongs to the worse grade. Below the lowest
    bound is the best grade; at or above the highest is still the worst performing one, because a
    probability, however high, is not a default. `display` names the same grades on other scales.

    >>> scale = MasterScale(names=("good", "fair", "poor", "D"), bounds=(0.001, 0.01, 0.05, 0.3))
    >>> [scale.names[g] for g in scale.grades([0.0, 0.0099, 0.01, 0.9])]
    ['good', 'good', 'fair', 'poor']
    >>> scale.names[scale.grades([0.02], in_default=[True])[0]]
    'D'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: tuple[str, ...]
    bounds: tuple[float, ...]
    display: dict[str, tuple[str, ...]] = {}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        bounds = np.array(self.bounds)
        if len(bounds) < 2 or not (
            bounds[0] > 0 and bounds[-1] < 1 and (np.diff(bounds) > 0).all()
        ):
            raise ValueError(f"bounds {self.bounds} must rise strictly between 0 and 1")
        for scale, names in {"names": self.names, **self.display}.items():
            if len(names) != len(bounds):
                raise ValueError(
                    f"{scale} has {len(names)} grades for {len(bounds)} bounds; name one grade "
                    "between each two bounds, then the grade of default"
                )
        if len(set(self.names)) != len(self.names):
            raise ValueError(f"names {self.names} must differ from each other")
        return self

    @property
    def default_grade(self) -> int:
        """Index of the grade of default, the last."""
        return len(self.names) - 1

    @cached_property
    def default_probabilities(self) -> NDArray[np.float64]:
        """The probability a grade stands for: geometric midpoint of its bounds, 1 for default."""
        bounds = np.array(self.bounds)
        return np.append(np.sqrt(bounds[:-1] * bounds[1:]), 1.0)

    @cached_property
    def _inner_bounds(self) -> NDArray[np.float64]:
        return np.array(self.bounds[1:-1])

    def grades(
        self, default_probability: ArrayLike, in_default: ArrayLike | None = None
    ) -> NDArray[np.int64]:
        """Index into `names`, shape of `default_probability`; UNRATED (-1) where it is NaN."""
        probability = np.asarray(default_probability, np.float64)
        grade = self._inner_bounds.searchsorted(probability, side="right")
        grade = np.where(np.isnan(probability), UNRATED, grade)
        if in_default is None:
            return grade
        return np.where(in_default, self.default_grade, grade)
