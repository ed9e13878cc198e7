"""The test settings with a snapshot of even the smallest collection, and a tail soon worn."""

from portal.settings.test import *  # noqa: F403

EMBEDDINGS = {
    **EMBEDDINGS,  # noqa: F405
    "INDEX_DIR": VAR_DIR / "index",  # noqa: F405
    "SNAPSHOT_FROM": 1,
    "TAIL_LIMIT": 12,
}
