"""`manage.py help COMMAND` says what a command of ours does, and what each of its options means."""

import pytest
from django.core.management import get_commands, load_command_class

OURS = ("portal", "content_seed", "knowledge", "embeddings")
COMMANDS = sorted((app, name) for name, app in get_commands().items() if app in OURS)


@pytest.mark.parametrize(("app", "name"), COMMANDS)
def test_every_command_says_what_it_does(app: str, name: str) -> None:
    said = load_command_class(app, name).help.strip()
    assert said.endswith(".")
    assert "manage.py" not in said  # how it is called stands above already


@pytest.mark.parametrize(("app", "name"), COMMANDS)
def test_every_option_says_what_it_means(app: str, name: str) -> None:
    parser = load_command_class(app, name).create_parser("manage.py", name)
    assert [action.dest for action in parser._actions if not action.help] == []
