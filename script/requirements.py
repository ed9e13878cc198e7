"""Print the pinned requirements of pyproject.toml: the runtime's, and those of the named groups."""

import sys
import tomllib
from pathlib import Path

data = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
lines = list(data["project"]["dependencies"])
for group in sys.argv[1:]:
    lines += data["dependency-groups"][group]
sys.stdout.write("\n".join(lines) + "\n")
