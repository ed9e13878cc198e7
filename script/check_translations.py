"""Fail when a string in code or templates is missing from a catalogue, or untranslated where it must be.

Needs GNU gettext. Catalogues are rewritten in place; what changed is what someone forgot.
"""

import subprocess
import sys
from pathlib import Path

import polib

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from portal.settings.languages import COMPLETE_INTERFACE_LANGUAGES, INTERFACE_LANGUAGES

LOCALE = Path("portal/locale")


def entries(language: str) -> dict[tuple[str, str], polib.POEntry]:
    """Return the live entries of a catalogue by message and context."""
    catalogue = polib.pofile(str(LOCALE / language / "LC_MESSAGES" / "django.po"))
    return {(one.msgid, one.msgctxt or ""): one for one in catalogue if not one.obsolete}


def main() -> int:
    """Return the number of faults, at most 1."""
    languages = [language for language in INTERFACE_LANGUAGES if language != "en"]
    before = {language: set(entries(language)) for language in languages}
    command = [sys.executable, "manage.py", "makemessages", "--no-location", "--no-obsolete"]
    command += [f"--locale={language}" for language in languages]
    command += ["--ignore=.venv", "--ignore=var", "--ignore=tests", "--ignore=build"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 – our own command
    faults = 0
    for language in languages:
        found = entries(language)
        fuzzy_or_empty = [one.msgid for one in found.values() if not one.translated()]
        required = language in COMPLETE_INTERFACE_LANGUAGES
        new = sorted(msgid for msgid, _ in set(found) - before[language])
        sys.stdout.write(
            f"{language}: {len(found)} strings, {len(fuzzy_or_empty)} untranslated"
            f"{'' if required else ' (allowed)'}, {len(new)} not in the catalogue\n"
        )
        for msgid in [*new, *(fuzzy_or_empty if required else ())]:
            sys.stdout.write(f"  {msgid!r}\n")
        faults += len(new) + (len(fuzzy_or_empty) if required else 0)
    return min(faults, 1)


if __name__ == "__main__":
    sys.exit(main())
