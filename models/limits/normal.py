"""The standard normal distribution, scipy's, for compiled code: `ndtr(x, 0)`, `ndtri(p, 0)`."""

from typing import Any

from llvmlite import binding
from numba import types
from numba.extending import get_cython_function_address


def _of_scipy(name: str, symbol: str) -> Any:
    """A function of scipy under a name that machine code, cached too, finds again."""
    address = get_cython_function_address("scipy.special.cython_special", symbol)
    binding.add_symbol(f"scipy_{name}", address)
    # The second argument is Cython's own, to skip a look-up that functions do not have.
    return types.ExternalFunction(f"scipy_{name}", types.float64(types.float64, types.int32))


ndtr = _of_scipy("ndtr", "__pyx_fuse_1ndtr")
ndtri = _of_scipy("ndtri", "ndtri")
