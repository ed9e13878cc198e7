import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(("given", "taken"), [(None, "1"), ("4", "4")])
def test_products_take_one_core_unless_the_operator_says_otherwise(
    given: str | None, taken: str
) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    if given is not None:
        environment["OPENBLAS_NUM_THREADS"] = given
    told = "import sys, os, portal.settings; print('numpy' in sys.modules, os.environ['OPENBLAS_NUM_THREADS'])"
    ran = subprocess.run(
        [sys.executable, "-c", told], env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["False", taken]
