"""The cache in files, which a disk that is full or broken takes nothing more from than memory.

What it holds counts attempts, and may be lost; a page must not fail for it. But to count nothing
while the disk is full would lift the limits of attempts, so each process counts in its memory then.
"""

import contextlib
import logging
import pickle
import zlib
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.locmem import LocMemCache

logger = logging.getLogger("portal.cache")

_FAULTS = (OSError, EOFError, zlib.error, pickle.UnpicklingError)
"""The disk, or a file that it kept in part."""
_SAID, _QUIET_SECONDS = "fault-was-said", 60


class SteadyCache(FileBasedCache):
    """Django's cache in files; what these do not take is kept in memory, and looked for there first."""

    def __init__(self, dir: str, params: dict[str, Any]) -> None:  # noqa: A002 – Django's name
        self._place = dir
        self._memory = LocMemCache(f"beside {dir}", params)
        super().__init__(dir, params)

    def _createdir(self) -> None:
        with contextlib.suppress(OSError):  # what is written next fails and is told
            super()._createdir()  # type: ignore[misc]

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        if self._memory.has_key(key, version):
            return self._memory.get(key, default, version)
        try:
            return super().get(key, default, version)
        except _FAULTS as fault:
            self._tell(fault)
            return default

    def set(
        self,
        key: Any,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        try:
            super().set(key, value, timeout, version)
        except _FAULTS as fault:
            self._tell(fault)
            self._memory.set(key, value, timeout, version)
        else:
            self._memory.delete(key, version)

    def touch(
        self,
        key: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        try:
            return self._memory.touch(key, timeout, version) or super().touch(key, timeout, version)
        except _FAULTS as fault:
            self._tell(fault)
            return False

    def delete(self, key: Any, version: int | None = None) -> bool:
        held = self._memory.delete(key, version)
        try:
            return super().delete(key, version) or held
        except _FAULTS as fault:
            self._tell(fault)
            return held

    def has_key(self, key: Any, version: int | None = None) -> bool:
        try:
            return self._memory.has_key(key, version) or super().has_key(key, version)
        except _FAULTS as fault:
            self._tell(fault)
            return False

    def clear(self) -> None:
        self._memory.clear()
        try:
            super().clear()
        except _FAULTS as fault:
            self._tell(fault)

    def _tell(self, fault: Exception) -> None:
        """Log what is wrong, once a minute in each process."""
        if self._memory.add(_SAID, True, _QUIET_SECONDS):
            logger.warning("The cache in %s fails, memory is used instead: %s", self._place, fault)
