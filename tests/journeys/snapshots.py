"""Portals whose few works have a snapshot, which they otherwise are too few for."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from tests.journeys.conftest import Portal


@dataclass
class SnapshottingPortal(Portal):
    """The same installation under `tests.journeys.settings`."""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"DJANGO_SETTINGS_MODULE": "tests.journeys.settings"}


@contextlib.contextmanager
def with_snapshots(portal: Portal) -> Iterator[Portal]:
    """Yield the portal as one that keeps snapshots; end its processes."""
    snapshotting = SnapshottingPortal(portal.directory, portal.database_url)
    try:
        yield snapshotting
    finally:
        snapshotting.stop()
