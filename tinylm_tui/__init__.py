"""A language-model lab in a terminal: train small models live and look at every number inside them."""

import os

# One BLAS thread, set before anything imports numpy: two look faster alone and are many times slower on a
# shared machine, and one thread gives the same bits for the same seed.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_name, "1")

__version__ = "0.1.0"
