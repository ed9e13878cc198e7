"""Which database this is, for people."""

from django.db import connection


def database_in_words() -> str:
    """Return kind and place of the database, never a password."""
    values = connection.settings_dict
    place = str(values["NAME"])
    if values["HOST"]:
        place += f" on {values['HOST']}"
    return f"{connection.display_name} {place}"
