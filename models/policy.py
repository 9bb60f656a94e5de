"""Policy: the credit committee's numbers, read from TOML, checked, and hashed into every answer."""

import json
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final, Self, get_args

import numpy as np
from pydantic import BaseModel, Field, ValidationError, model_validator

from features.tables import Entity
from models.policy_numbers import Lists, Numbers
from models.policy_sections import (
    Amount,
    ByGrade,
    Caps,
    Conditions,
    Cover,
    Factor,
    Hysteresis,
    LossGivenDefault,
    Months,
    Need,
    Overlay,
    ReturnOnCapital,
    Section,
    StaleAccounts,
    Step,
    ThinFile,
    TopUp,
)
from models.rating import MasterScale
from models.toml_text import toml_text

SHIPPED: Final = Path(__file__).with_name("policy.toml")


class PolicyError(ValueError):
    """A policy that cannot be used: the message names each key, its value and the remedy."""


class Policy(Section):
    """All of policy.toml. Amounts are in `currency`."""

    version: Annotated[str, Field(min_length=1)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    cut_off: str
    discretionary_limit: Amount
    expected_loss_budget: Amount
    sales_margin: Factor
    validity_months: Months
    refused_entities: tuple[Entity, ...]
    referred_entities: tuple[Entity, ...]
    master_scale: MasterScale
    by_grade: ByGrade
    need: Need
    cover: Cover
    loss_given_default: LossGivenDefault
    return_on_capital: ReturnOnCapital
    caps: Caps
    thin_file: ThinFile
    stale_accounts: StaleAccounts
    hysteresis: Hysteresis
    top_up: TopUp
    conditions: Conditions
    rounding: Annotated[tuple[Step, ...], Field(min_length=1)]
    overlays: tuple[Overlay, ...] = ()

    @model_validator(mode="after")
    def _fits_scale(self) -> Self:
        names = self.master_scale.names
        for column, values in self.by_grade:
            if len(values) != len(names):
                raise ValueError(
                    f"by_grade.{column} has {len(values)} values for {len(names)} grades; "
                    "give one a grade, the grade of default included"
                )
        if self.cut_off not in names:
            raise ValueError(f"cut_off {self.cut_off!r} is no grade; choose one of {names}")
        return self

    @model_validator(mode="after")
    def _grid_nests(self) -> Self:
        """Each band ends on the grids of both sides, so that rounding never reverses an order."""
        below = [step.below for step in self.rounding]
        if below[-1] != float("inf") or not (np.diff(below) > 0).all():
            raise ValueError("rounding: `below` must rise, and only the last step goes without")
        for this, after in pairwise(self.rounding):
            if this.below % this.step or this.below % after.step:
                raise ValueError(
                    f"rounding: below {this.below:,.0f} is no multiple of the steps "
                    f"{this.step:,.0f} and {after.step:,.0f} beside it"
                )
        return self

    @classmethod
    def load(cls, path: Path = SHIPPED) -> Self:
        """Read a policy file, by default the one shipped; PolicyError says what to correct."""
        return cls.parse(path.read_text(encoding="utf-8"), path.name)

    @classmethod
    def parse(cls, text: str, name: str = "policy") -> Self:
        """A policy from TOML text; `name` is how errors call it."""
        try:
            policy = cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise PolicyError(f"{name} is not TOML: {error}") from error
        except ValidationError as error:
            lines = [_remedy(dict(e)) for e in error.errors()]
            raise PolicyError("\n".join([f"{name} cannot be used:", *lines])) from error
        policy.__dict__["text"] = text  # what the cached property would else write anew
        return policy

    def revise(self, changes: Mapping[str, Any]) -> Self:
        """A validated copy with other values at dotted keys.

        >>> Policy.load().revise({"loss_given_default.default": 0.4}).loss_given_default.default
        0.4
        """
        content = self.model_dump()
        for key, value in changes.items():
            *path, last = key.split(".")
            table = content
            for part in path:
                table = table[part]
            table[last] = value
        return type(self).model_validate(content)

    def to_toml(self) -> str:
        """The policy as TOML, without the comments of the file it came from."""
        return toml_text(self.model_dump(exclude_none=True, exclude_defaults=True))

    @cached_property
    def text(self) -> str:
        """The policy as the file it was read from has it, comments and all; else as TOML."""
        return self.to_toml()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content: layout and comments do not count, every number does."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return sha256(content.encode()).hexdigest()

    @cached_property
    def cut_off_grade(self) -> int:
        """Index of the first grade that gets no limit of its own."""
        return self.master_scale.names.index(self.cut_off)

    @cached_property
    def lists(self) -> Lists:
        """Look-up lists as arrays."""
        return Lists.of(self)

    @cached_property
    def numbers(self) -> Numbers:
        """The numbers that compiled code reads."""
        return Numbers.of(self)


def _remedy(error: dict[str, Any]) -> str:
    """One line on one error: key, value, what to do."""
    location = [str(part) for part in error["loc"]]
    key = ".".join(location) or "policy"
    if error["type"] == "missing":
        return f"  {key}: missing; add it"
    if error["type"] == "extra_forbidden":
        near = get_close_matches(location[-1], _keys(location[:-1]), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(_keys(location[:-1]))}"
        return f"  {key} = {error['input']!r}: unknown key; {hint}"
    message = error["msg"].removeprefix("Value error, ")
    value = "" if isinstance(error["input"], dict) else f" = {error['input']!r}"
    return f"  {key}{value}: {message}"


def _keys(location: list[str]) -> list[str]:
    """Names of the keys the table at `location` may hold."""
    model: type[BaseModel] = Policy
    for part in location:
        if part in model.model_fields:
            annotation = model.model_fields[part].annotation
            inner = (annotation, *get_args(annotation))
            model = next(t for t in inner if isinstance(t, type) and issubclass(t, BaseModel))
    return list(model.model_fields)
