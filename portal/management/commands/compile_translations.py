"""`manage.py compile_translations`."""

from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Compile portal/locale/*/LC_MESSAGES/*.po where the .mo is missing or older; needs no gettext."""

    help = __doc__
    requires_system_checks = []

    def handle(self, **options: Any) -> None:
        for locale_dir in settings.LOCALE_PATHS:
            for source in sorted(Path(locale_dir).glob("*/LC_MESSAGES/*.po")):
                target = source.with_suffix(".mo")
                if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
                    polib.pofile(str(source)).save_as_mofile(str(target))
                    self.stdout.write(f"compiled {source.relative_to(settings.BASE_DIR)}")
