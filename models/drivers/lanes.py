"""Eight float64 at once inside a numba kernel.

LLVM leaves a loop over eight numbers scalar when the rows it reads and writes might overlap; a
value of this type leaves it nothing to prove. It is one register with AVX-512, two with AVX2, four
with SSE2 or NEON, and the bits are the same on all: no fused or reordered operation.
"""

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.errors import TypingError
from numba.extending import intrinsic, models, overload, register_model

WIDTH = 8
VECTOR = ir.VectorType(ir.DoubleType(), WIDTH)


class Lanes(types.Type):
    """The numba type of eight float64."""

    def __init__(self) -> None:
        super().__init__(name="Lanes")


lanes = Lanes()


@register_model(Lanes)
class LanesModel(models.PrimitiveModel):
    """In LLVM: `<8 x double>`."""

    def __init__(self, manager: Any, numba_type: Lanes) -> None:
        super().__init__(manager, numba_type, VECTOR)


def _check(rows: types.Type) -> None:
    if not (isinstance(rows, types.Array) and rows.dtype == types.float64 and rows.layout == "C"):
        raise TypingError(f"lanes live in C-contiguous rows of {WIDTH} float64, got {rows}")


def _address(context: Any, builder: Any, rows: types.Array, array: Any, row: Any) -> Any:
    """Pointer to row `row`, unchecked: no bounds, no negative index."""
    data = context.make_array(rows)(context, builder, array).data
    first = builder.gep(data, [builder.mul(row, row.type(WIDTH))])
    return builder.bitcast(first, VECTOR.as_pointer())


@intrinsic
def load(typing_context: Any, rows: Any, row: Any) -> Any:
    """`rows[row]`, a row of a float64 (n, 8) array."""
    _check(rows)

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_address(context, builder, rows, *args), align=8, typ=VECTOR)

    return lanes(rows, types.uintp), build


@intrinsic
def store(typing_context: Any, rows: Any, row: Any, value: Any) -> Any:
    """`rows[row] = value`."""
    _check(rows)

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _address(context, builder, rows, *args[:2]), align=8)
        return context.get_dummy_value()

    return types.void(rows, types.uintp, lanes), build


@intrinsic
def spread(typing_context: Any, number: Any) -> Any:
    """The same number in every lane."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        index = ir.IntType(32)
        first = builder.insert_element(VECTOR(ir.Undefined), args[0], index(0))
        everywhere = ir.VectorType(index, WIDTH)([0] * WIDTH)
        return builder.shuffle_vector(first, VECTOR(ir.Undefined), everywhere)

    return lanes(types.float64), build


def _arithmetic(operation: Callable, instruction: str) -> None:
    """`operation` on two lanes is one LLVM instruction."""

    @intrinsic
    def compiled(typing_context: Any, a: Any, b: Any) -> Any:
        def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return getattr(builder, instruction)(*args)

        return lanes(lanes, lanes), build

    @overload(operation, strict=False)
    def apply(a: Any, b: Any) -> Any:
        def implementation(a, b):  # type: ignore[no-untyped-def]
            return compiled(a, b)

        return implementation if a == b == lanes else None


_arithmetic(operator.add, "fadd")
_arithmetic(operator.sub, "fsub")
_arithmetic(operator.mul, "fmul")
