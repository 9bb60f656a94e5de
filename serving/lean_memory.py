"""A worker takes no more memory than it needs: Arrow and the allocator would take more."""

import ctypes
import sys
from collections.abc import Sequence
from types import ModuleType

import pyarrow as pa


class _NoPandas:
    """An import hook by which pandas is not installed."""

    @staticmethod
    def find_spec(
        name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> None:
        """Nothing said of any other module."""
        if name == "pandas":
            raise ModuleNotFoundError(name)


def lean_arrow() -> None:
    """Arrow without pandas (30 MB) and without a heap of its own (13 MB).

    Arrow imports pandas when it makes its first array, to see whether it is given a Series. It
    looks once; what converts to or from a frame later imports pandas all the same.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    sys.meta_path.insert(0, _NoPandas)
    try:
        pa.array([])
    finally:
        sys.meta_path.remove(_NoPandas)


def give_back() -> None:
    """Return to the system what was freed, where the allocator can (glibc): it would keep it."""
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)
