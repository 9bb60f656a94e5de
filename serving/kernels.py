"""Kernels are compiled once in a place, before workers start: `python -m serving.kernels`."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from serving.environment import ROOT, setting


def compile_kernels(environment: Mapping[str, str]) -> None:
    """Compile what a worker with this environment will run, where nothing is compiled; says so.

    Raises RuntimeError with what went wrong.
    """
    if compiled(environment):
        return
    print("compiling kernels, once in this place: about half a minute …", file=sys.stderr)
    command = [sys.executable, "-m", "serving.kernels"]
    done = subprocess.run(  # noqa: S603
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"the service cannot start: {done.stderr.strip().splitlines()[-1]}")


def compiled(environment: Mapping[str, str]) -> bool:
    """Whether kernels stand where numba keeps them."""
    apart = environment.get("NUMBA_CACHE_DIR")
    places = [Path(apart)] if apart else [ROOT / "features", ROOT / "models"]
    return any(next(place.rglob("*.nbi"), None) for place in places)


def main() -> None:
    """Open a desk as a worker does, on a store that is thrown away."""
    from serving.decide import Desk  # noqa: PLC0415  compiles nothing that need not be

    with TemporaryDirectory() as folder:
        model, portfolio, cache = (
            Path(setting(f"ENCOURS_{name}")) for name in ("MODEL", "PORTFOLIO", "CACHE")
        )
        Desk.open(model, portfolio, f"sqlite:///{folder}/store.db", cache).close()


if __name__ == "__main__":
    main()
