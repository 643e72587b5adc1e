"""Matrix products by NumPy's own BLAS.

Half of a model's time is matrix products. spaCy's are done by BLIS, which has no kernels for many
processors; those of NumPy's OpenBLAS were 2.9 times as fast (AMD EPYC, 3000 x 288 by 288 x 864, one
thread), and a whole model took 0.65 of its CPU time, with the same tags, heads, relations and names
for each of 186,260 tokens.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from thinc.api import NumpyOps, get_current_ops, set_current_ops


class BlasOps(NumpyOps):  # type: ignore[misc]  # thinc's class is untyped
    """thinc's operations on NumPy arrays with another matrix product."""

    def gemm(
        self, x: Any, y: Any, out: Any = None, trans1: bool = False, trans2: bool = False
    ) -> Any:
        """``x @ y``, either transposed first; written to ``out`` where that is given."""
        return np.matmul(x.T if trans1 else x, y.T if trans2 else y, out=out)


def use_blas() -> None:
    """Let the models that this thread loads from now on use them. Other operations that were chosen
    (a GPU's, Apple's) stay."""
    if type(get_current_ops()) is NumpyOps:
        set_current_ops(BlasOps())
