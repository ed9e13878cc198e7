"""`manage.py switch_encoder <directory-or-name>`, `--rollback`, `--check`, `--discard`."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from embeddings import switch
from embeddings.conf import get_encoder
from embeddings.errors import EmbeddingsError, EncoderUnavailable

_STATIC = "embeddings.encoders.static.StaticEncoder"
_TRANSFORMER = "embeddings.encoders.sentence_transformer.SentenceTransformerEncoder"


class Command(BaseCommand):
    """Switch to another encoder: build its vectors beside the ones in use, verify, swap; or go back."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", nargs="?", help="directory, or name in the local cache")
        parser.add_argument("--backend", help="dotted path of an encoder class")
        parser.add_argument("--query-prompt", help='put before questions, "query: " for E5')
        parser.add_argument("--passage-prompt", help='put before passages, "passage: " for E5')
        parser.add_argument("--score-floor", type=float, help="cosine below which nothing answers")
        parser.add_argument(
            "--allow-download", action="store_true", help="fetch a model that is not in the cache"
        )
        parser.add_argument(
            "--batch", type=_positive, default=switch.BATCH,
            help=f"how many passages are encoded at a time ({switch.BATCH})",
        )  # fmt: skip
        parser.add_argument(
            "--check", action="store_true",
            help="tell how much is staged for a model or, with --rollback, for the encoder before; "
            "change nothing",
        )  # fmt: skip
        parser.add_argument("--rollback", action="store_true", help="go back to the encoder before")
        parser.add_argument("--discard", action="store_true", help="delete all that is staged")

    def handle(self, **options: Any) -> None:
        try:
            self._handle(options)
        except EmbeddingsError as error:
            raise CommandError(str(error)) from error

    def _handle(self, options: dict[str, Any]) -> None:
        if options["discard"]:
            self.stdout.write(f"{switch.discard()} staged encodings deleted.")
            return
        spec = switch.previous() if options["rollback"] else _spec(options)
        found = switch.status_of(get_encoder(spec))
        self.stdout.write(
            f"{found.encoder_id}: {found.passages - found.missing} of {found.passages} passages staged."
        )
        if options["check"]:
            return
        quiet = True if not options["verbosity"] else None
        with tqdm(total=found.missing, desc="Encoding", unit="passage", disable=quiet) as bar:
            encoder = switch.switch(spec, batch=options["batch"], progress=bar.update)
        self.stdout.write(
            f"{encoder.encoder_id} is in force; `switch_encoder --rollback` goes back."
        )


def _positive(given: str) -> int:
    number = int(given)
    if number < 1:
        raise ArgumentTypeError("it must be 1 or more")
    return number


def _is_static(model: str) -> bool:
    """Return True for the directory of a token table; other models need PyTorch."""
    try:
        get_encoder({"BACKEND": _STATIC, "OPTIONS": {"path": model}})
    except EncoderUnavailable:
        return False
    return True


def _spec(options: dict[str, Any]) -> switch.Spec:
    """Return the encoder that the arguments name."""
    model = options["model"]
    if not model:
        raise CommandError("Name a model directory, or say --rollback or --discard.")
    backend = options["backend"] or (_STATIC if _is_static(model) else _TRANSFORMER)
    arguments = {
        "score_floor": options["score_floor"],
        "query_prompt": options["query_prompt"],
        "passage_prompt": options["passage_prompt"],
    }
    name = "model" if backend == _TRANSFORMER else "path"
    given = {key: value for key, value in arguments.items() if value is not None}
    chosen = {name: model, **given}
    if options["allow_download"]:  # now, and not whenever the encoder in force is loaded
        get_encoder({"BACKEND": backend, "OPTIONS": {**chosen, "allow_download": True}})
    return {"BACKEND": backend, "OPTIONS": chosen}
