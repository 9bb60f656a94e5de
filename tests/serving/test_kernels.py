"""Kernels are compiled where there are none, and only there."""

import os
from pathlib import Path

import pytest

from serving.kernels import compile_kernels, compiled


def test_what_is_compiled_is_left_alone(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    there = {"NUMBA_CACHE_DIR": str(tmp_path)}
    assert not compiled(there)
    (tmp_path / "drivers").mkdir()
    (tmp_path / "drivers" / "kernel.nbi").touch()
    assert compiled(there)
    compile_kernels(there)
    assert capfd.readouterr().err == ""


def test_what_hinders_it_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    nowhere = {"ENCOURS_MODEL": str(tmp_path / "none"), "NUMBA_CACHE_DIR": str(tmp_path)}
    with pytest.raises(RuntimeError, match=r"cannot start: .*none"):
        compile_kernels({**os.environ, **nowhere})
    assert "compiling kernels" in capfd.readouterr().err
