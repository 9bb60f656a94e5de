"""22 Reproducibility: one command, one lock file, one digest; and who signs."""

import hashlib
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from training.provenance import code_version
from training.validation.case import Case
from training.validation.check import Section, holds

LIBRARIES = ("lightgbm", "numpy", "pandas", "scikit-learn", "scipy", "statsmodels", "numba")
DIRTY = "-dirty"
LOCK = Path(__file__).parents[2] / "requirements.lock"


def section(case: Case) -> Section:
    """What it takes to make this model and this report again."""
    metadata = case.model.metadata
    learned, here = str(metadata.get("code_version", "")), code_version()
    sealed = metadata.get("sealed", {})
    lock = hashlib.sha256(LOCK.read_bytes()).hexdigest() if LOCK.is_file() else ""
    checks = (
        holds(
            "code is committed",
            bool(learned) and learned != "unknown" and not learned.endswith(DIRTY),
            f"learned by {learned[:12] or 'unknown'}{DIRTY if learned.endswith(DIRTY) else ''}, "
            f"validated by {here[:12]}",
            "a commit without changes beside it",
            "WARN",
        ),
        holds(
            "bundle is sealed",
            {"booster.txt", "calibration.json", "policy.toml", "features.json"} <= set(sealed),
            f"{len(sealed)} files under SHA-256, checked at every load",
            "every file",
        ),
        holds("environment is locked", bool(lock), f"requirements.lock {lock[:12]}…", "hashes"),
    )
    facts = {
        "model": case.model.version,
        "policy": case.model.policy.version,
        "learned by": learned,
        "validated by": here,
        "data": str(metadata.get("data_digest")),
        **{name: version(name) for name in LIBRARIES},
        **{f"sealed {name}": digest for name, digest in sealed.items()},
    }
    return Section(
        "Reproducibility and sign-off",
        checks,
        (
            "Learned by `encours train PORTFOLIO --config CONFIG`: equal data, code and settings "
            "give equal bytes. Signed off by the alias: `encours promote` is refused while "
            "any check fails.",
            pd.DataFrame({"value": facts}).rename_axis("fact"),
        ),
    )
