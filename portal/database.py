"""Which database this is and what is wrong with it, for people."""

from django.db import DatabaseError, connection


def database_in_words() -> str:
    """Return kind and place of the database, never a password."""
    values = connection.settings_dict
    place = str(values["NAME"])
    if values["HOST"]:
        place += f" on {values['HOST']}"
    return f"{connection.display_name} {place}"


def fault_in_words(error: DatabaseError) -> str:
    """Return what the database says, which one it is and what to do next."""
    said = (str(error).splitlines() or [type(error).__name__])[0]
    return (
        f"The database ({database_in_words()}) says: {said}. Is it the right one, and is it there? "
        "Then prepare it: manage.py prepare (--traceback shows where this happened)."
    )
