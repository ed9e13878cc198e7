"""The Django project: wiring only."""

import os

# Before NumPy is loaded. The products of a search are small, and a search beside another one finds no
# free core: threads of the BLAS then only spin. Centres of 33,000 vectors, one of two cores taken: 3.4 s
# with two threads, 1.4 s with one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
