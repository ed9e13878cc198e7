"""Loads indicators, the lineage of the idea and ambiguous names; what an editor changed stays.

Each entry remembers a hash of what was loaded. If the database says something else by now, an
editor was here.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import models

from content_seed.models import LoadedEntry
from content_seed.parse import MARK, ROOT, CollectionError
from content_seed.vocabulary import ensure_facts, loaded_country
from knowledge.models import (
    AmbiguousName,
    AmbiguousNameText,
    Fact,
    Indicator,
    IndicatorName,
    IndicatorValue,
    Transfer,
    TransferText,
)

State = dict[str, Any]


def load_ledger(*, force: bool = False) -> None:
    """Create or renew all entries; raise CollectionError when one is faulty."""
    for model, (pattern, keys, wanted_of) in _FILES.items():
        for entry in _read(pattern):
            try:
                key = {field: entry[name] for field, name in keys.items()}
                _sync(model, key, wanted_of(entry), force=force)
            except (
                ValidationError, LookupError, TypeError, ArithmeticError, ValueError,
                models.ObjectDoesNotExist,
            ) as error:  # fmt: skip
                named = [entry.get(name) for name in keys.values()]
                raise CollectionError(f"{pattern}: {named}: {error!r}") from error


def _read(pattern: str) -> Iterator[Mapping[str, Any]]:
    for path in sorted(ROOT.glob(pattern)):
        yield from yaml.safe_load(path.read_text(encoding="utf-8"))


def _sync(model: type[models.Model], key: State, wanted: State, *, force: bool) -> None:
    describe, fill = _FORMS[model]
    # Models without a type of their own have no `objects` to type checkers.
    found: Any = model._default_manager.filter(**key).first()  # noqa: SLF001
    fingerprint = _fingerprint(wanted)
    is_first_time = LoadedEntry.note(model, "/".join(key.values()))
    if found is None and not is_first_time and not force:
        return  # an editor deleted it
    if found is not None and not force and found.loaded_as != _fingerprint(describe(found)):
        return
    if found is not None and found.loaded_as == fingerprint and not force:
        return
    entry: Any = found or model(**key)
    fill(entry, wanted)
    entry.loaded_as = fingerprint
    entry.clean_fields()
    entry.save()


def _fingerprint(state: State) -> str:
    text = json.dumps(state, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _indicator_wanted(entry: Mapping[str, Any]) -> State:
    languages = sorted({*entry["names"], *entry["definition"]} - {"en"})
    return {
        "name": entry["names"]["en"],
        "definition": entry["definition"]["en"],
        "programme": entry.get("programme") or "",
        "country": entry.get("country") or "",
        "unit": entry["unit"],
        "currency": entry.get("currency") or "",
        "kind": entry.get("kind") or Indicator.Kind.COUNT.value,
        "names": [
            [one, entry["names"].get(one, ""), entry["definition"].get(one, "")]
            for one in languages
        ],
        "values": [
            [
                _plain(value["value"]),
                _plain(value.get("to")),
                value.get("bound") or "",
                str(value.get("as_of") or ""),
                value["fact"],
                value.get("conflict") or "",
            ]
            for value in entry["values"]
        ],
        "conflict_facts": sorted(set(entry.get("conflict_facts") or ())),
    }


def _plain(number: object) -> str:
    return "" if number is None else f"{Decimal(str(number)).normalize():f}"


def _describe_indicator(indicator: Any) -> State:
    return {
        "name": indicator.name,
        "definition": indicator.definition,
        "programme": indicator.programme,
        "country": indicator.country.code if indicator.country else "",
        "unit": indicator.unit,
        "currency": indicator.currency,
        "kind": indicator.kind,
        "names": sorted([one.language, one.name, one.definition] for one in indicator.names.all()),
        "values": [
            [
                _plain(one.value),
                _plain(one.upper),
                one.bound,
                one.as_of,
                one.fact.code,
                one.conflict,
            ]
            for one in indicator.values.select_related("fact")
        ],
        "conflict_facts": sorted(fact.code for fact in indicator.conflict_facts.all()),
    }


def _fill_indicator(indicator: Any, wanted: State) -> None:
    for name in ("name", "definition", "programme", "unit", "currency", "kind"):
        setattr(indicator, name, wanted[name])
    ensure_facts({*(fact for *_, fact, _ in wanted["values"]), *wanted["conflict_facts"]})
    indicator.country = loaded_country(wanted["country"]) if wanted["country"] else None
    indicator.names = [
        IndicatorName(language=language, name=name, definition=definition)
        for language, name, definition in wanted["names"]
    ]
    indicator.values = [
        IndicatorValue(
            sort_order=number,
            value=Decimal(value),
            upper=Decimal(upper) if upper else None,
            bound=bound,
            as_of=as_of,
            fact=Fact.objects.get(code=fact),
            conflict=conflict,
        )
        for number, (value, upper, bound, as_of, fact, conflict) in enumerate(wanted["values"])
    ]
    for value in indicator.values.all():
        value.clean_fields(exclude={"indicator"})
    for name in indicator.names.all():
        name.clean_fields(exclude={"indicator"})
    indicator.conflict_facts = [Fact.objects.get(code=code) for code in wanted["conflict_facts"]]


def _transfer_wanted(entry: Mapping[str, Any]) -> State:
    parts = ("taken", "changed", "result")
    languages = sorted({language for part in parts for language in entry.get(part) or {}})
    return {
        "year": int(entry["year"]) if entry.get("year") else None,
        "is_offer": bool(entry.get("offer")),
        "texts": [
            [language, *((entry.get(part) or {}).get(language, "") for part in parts)]
            for language in languages
        ],
    }


def _describe_transfer(transfer: Any) -> State:
    return {
        "year": transfer.year,
        "is_offer": transfer.is_offer,
        "texts": sorted(
            [one.language, one.taken, one.changed, one.result] for one in transfer.texts.all()
        ),
    }


def _fill_transfer(transfer: Any, wanted: State) -> None:
    transfer.year, transfer.is_offer = wanted["year"], wanted["is_offer"]
    transfer.texts = [
        TransferText(language=language, taken=taken, changed=changed, result=result)
        for language, taken, changed, result in wanted["texts"]
    ]
    _check_texts(transfer.texts.all(), "transfer", wanted)


def _name_wanted(entry: Mapping[str, Any]) -> State:
    return {
        "other_spellings": "\n".join(map(str, entry.get("also") or ())),
        "programmes": "\n".join(entry["programmes"]),
        "texts": sorted([language, text] for language, text in entry["explain"].items()),
    }


def _describe_name(name: Any) -> State:
    return {
        "other_spellings": name.other_spellings,
        "programmes": name.programmes,
        "texts": sorted([one.language, one.explanation] for one in name.texts.all()),
    }


def _fill_name(name: Any, wanted: State) -> None:
    name.other_spellings = wanted["other_spellings"]
    name.programmes = wanted["programmes"]
    name.texts = [
        AmbiguousNameText(language=language, explanation=text) for language, text in wanted["texts"]
    ]
    _check_texts(name.texts.all(), "name", wanted)


def _check_texts(texts: Iterable[Any], parent: str, wanted: State) -> None:
    ensure_facts(MARK.findall(json.dumps(wanted)))
    for text in texts:
        text.clean_fields(exclude={parent})
        text.clean()


_FILES: dict[
    type[models.Model], tuple[str, dict[str, str], Callable[[Mapping[str, Any]], State]]
] = {
    Indicator: ("indicators/*.yaml", {"code": "code"}, _indicator_wanted),
    Transfer: ("lineage.yaml", {"origin": "origin", "heir": "heir"}, _transfer_wanted),
    AmbiguousName: ("names.yaml", {"name": "name"}, _name_wanted),
}
"""Where entries of a model are written, field → name of what an entry is known by, and its reader."""

_FORMS: dict[type[models.Model], tuple[Callable[[Any], State], Callable[[Any, State], None]]] = {
    Indicator: (_describe_indicator, _fill_indicator),
    Transfer: (_describe_transfer, _fill_transfer),
    AmbiguousName: (_describe_name, _fill_name),
}
"""What an entry of the database says, in the form of the file; and how it is made to say it."""
