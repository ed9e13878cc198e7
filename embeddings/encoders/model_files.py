"""Where a sentence-transformers model lies and whether its files are complete, without loading it.

Looks at paths and small JSON files only, never at the network, so a system check may call it.
"""

import json
import os
import re
from pathlib import Path
from typing import Any

_NAME = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)?")
_LIBRARY = "sentence_transformers."
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_TOKENIZERS = ("tokenizer.json", "vocab.txt", "sentencepiece.bpe.model", "tokenizer.model")
"""`tokenizer.json`, or what transformers makes a fast tokenizer from."""


class ModelError(ValueError):
    """A model cannot be used; the message is one sentence that says why."""


def find_model(model: str, *, allow_download: bool) -> Path | None:
    """Return the complete directory of a model, or None if it has yet to be downloaded.

    Args:
        model: A directory, or a name in the model registry, `organisation/name`.
        allow_download: Whether a name that is not in the local cache is acceptable.

    Raises:
        ModelError: The model is not there, or a file of it is missing or broken.
    """
    directory = Path(model)
    if not directory.is_dir():
        if not _NAME.fullmatch(model) or directory.exists():
            raise ModelError(f"There is no model directory {model}.")
        cached = _cached(model)
        if cached is None or (allow_download and _fault(cached) is not None):
            if allow_download:
                return None
            raise ModelError(
                f"There is no directory {model}, and no model of that name in the cache "
                f"{_cache_directory()}; download it beforehand or set the option allow_download."
            )
        directory = cached
    fault = _fault(directory)
    if fault is not None:
        raise ModelError(fault)
    return directory


def _cache_directory() -> str:
    """Return the directory in which sentence-transformers keeps downloaded models."""
    from huggingface_hub import constants

    return os.environ.get("SENTENCE_TRANSFORMERS_HOME") or str(constants.HF_HUB_CACHE)


def _cached(name: str) -> Path | None:
    """Return the directory of a downloaded model, or None."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    # sentence-transformers completes a bare name in the same way.
    repository = name if "/" in name else f"sentence-transformers/{name}"
    try:
        return Path(
            snapshot_download(repository, cache_dir=_cache_directory(), local_files_only=True)
        )
    except (HFValidationError, LocalEntryNotFoundError):
        return None


def _fault(directory: Path) -> str | None:
    """Return what is wrong with the files of a model, as one sentence, or None."""
    modules = _read_json(directory / "modules.json")
    if isinstance(modules, str):
        return f"{directory} is no sentence-transformers model: {modules}."
    try:
        kinds = [str(module["type"]) for module in modules]
        first = directory / str(modules[0]["path"])
    except (IndexError, KeyError, TypeError):
        return f"{directory} is no sentence-transformers model: modules.json lists no modules."
    foreign = [kind for kind in kinds if not kind.startswith(_LIBRARY)]
    if foreign:
        return f"{directory} needs code that is not part of sentence-transformers: {foreign[0]}."
    kind = kinds[0].rpartition(".")[2]
    if kind == "Transformer" and (fault := _config_fault(first)):
        return f"{directory} cannot be loaded: {fault}."
    if kind in {"Transformer", "StaticEmbedding"}:
        if fault := _weights_fault(first):
            return f"{directory} cannot be loaded: {fault}."
        if not any((first / name).is_file() for name in _TOKENIZERS):
            return f"{directory} has no fast tokenizer: tokenizer.json is missing."
    return None


def _config_fault(directory: Path) -> str | None:
    """Return what is wrong with the configuration of a transformer."""
    config = _read_json(directory / "config.json")
    if isinstance(config, str):
        return config
    if not isinstance(config, dict) or "model_type" not in config:
        return "config.json names no model_type"
    if "auto_map" in config:
        from transformers import CONFIG_MAPPING

        if config["model_type"] not in CONFIG_MAPPING:
            return "it brings code of its own (trust_remote_code), which is never run here"
    return None


def _weights_fault(directory: Path) -> str | None:
    """Return what is wrong with the weights: missing, or only some of several files there."""
    if any((directory / name).is_file() for name in _WEIGHTS):
        return None
    for name in _WEIGHTS:
        index = _read_json(directory / f"{name}.index.json")
        if isinstance(index, dict):
            parts = sorted(set(index.get("weight_map", {}).values()))
            missing = [part for part in parts if not (directory / part).is_file()]
            return f"{missing[0]} is missing" if missing else None
    return f"the weights ({' or '.join(_WEIGHTS)}) are missing"


def _read_json(path: Path) -> Any:
    """Return the content of a JSON file, or as a string what is wrong with it."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return f"{path.name} is missing"
    except (OSError, ValueError):
        return f"{path.name} cannot be read"
    return f"{path.name} cannot be read" if isinstance(content, str) else content
