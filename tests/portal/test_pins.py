"""What is pinned can be installed by whoever has the Python that the project asks for."""

import tomllib
from importlib.metadata import distributions
from pathlib import Path

from django.conf import settings
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(settings.BASE_DIR)


def test_every_pinned_package_accepts_the_oldest_python_promised() -> None:
    """Debian 12 has Python 3.11.2; a package that wants 3.11.5 would end its first start."""
    promised = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    oldest = promised.removeprefix(">=") + ".0"
    pins = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = {canonicalize_name(line.split("==")[0]) for line in pins if "==" in line}
    asking = {
        canonicalize_name(one.metadata["Name"]): one.metadata["Requires-Python"] or ""
        for one in distributions()
    }
    assert len(pinned & asking.keys()) > 100
    refusing = {name for name in pinned & asking.keys() if oldest not in SpecifierSet(asking[name])}
    assert refusing == set()
