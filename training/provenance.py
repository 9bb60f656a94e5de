"""Provenance: which data and which code a model was learned by."""

import hashlib
import shutil
import subprocess
from pathlib import Path

from features.tables import TABLES


def data_digest(portfolio: Path) -> str:
    """SHA-256 over the raw tables' bytes, in the order of their names."""
    digest = hashlib.sha256()
    for path in sorted(portfolio / f"{name}.parquet" for name in TABLES):
        if path.is_file():
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def code_version() -> str:
    """The commit of this project, marked where files have changed since; "unknown" without git."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    command = [git, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    done = subprocess.run(  # noqa: S603
        command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"
