"""Loads countries, themes, glossary, facts and sources. Editors' own entries are left alone.

What an editor deleted stays away, unless something that is in the portal would be wrong without it:
a country, because a work without one is international, and a fact, because its figure would stand
without evidence. They come back with the work that names them. A work without a deleted theme only
says less.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from urllib.parse import unquote, urlsplit

import yaml
from django.db import models
from django.utils.text import slugify

from content_seed.citations import codes_cited_still
from content_seed.models import LoadedEntry
from content_seed.parse import ROOT, read_table
from content_seed.statements import languages, read_statements
from knowledge.models import (
    Country,
    CountryName,
    Fact,
    FactTranslation,
    GlossaryName,
    GlossaryTerm,
    Source,
    Theme,
    ThemeName,
)
from knowledge.models.vocabulary import LocalName, Named

_STATUS = {
    "sourced": Fact.Status.SOURCED,
    "weak source": Fact.Status.WEAK,
    "unverified": Fact.Status.UNVERIFIED,
}
_REFERENCE = re.compile(r"\b[A-Z]+\d?-\d+\b")
_DOCUMENT = re.compile(r"\d{3}_[0-9a-f]{16}\.txt")
_ADDRESS = re.compile(r"https?://(?:[^\s;()]|\([^\s;()]*\))+")
"""A closing bracket belongs to it only with the one that it closes."""
_LEADING_TO = re.compile(r"^(?:see|computed from)\b")
_SAYS_SOMETHING = re.compile(r"[^\W\d]{2,}\W+[^\W\d]{2,}|[^\W\da-zA-Z]{6}")
"""Two words, or six letters of a script that may not space them."""
_BATCH = 500


def load_vocabulary(*, force: bool = False, needed: Collection[str] = ()) -> None:
    """Create what is missing of countries, themes and the glossary, but for what an editor deleted.

    Args:
        force: Create that too.
        needed: Codes of countries that are created in any case.
    """
    countries = {row.pop("code"): row for row in read_table("countries.tsv")}
    themes = {row.pop("code"): row for row in read_table("themes.tsv")}
    terms = {_term_code(row["en"]): row for row in read_table("glossary.tsv")}
    for code in _to_create(Country, countries, force=force, needed=needed):
        _named(Country, CountryName, "country", code, countries[code])
    for row in read_table("country_places.tsv"):
        place = {"latitude": float(row["latitude"]), "longitude": float(row["longitude"])}
        Country.objects.filter(code=row["code"], latitude=None).update(**place)
        for country in Country.objects.filter(code=row["code"], other_names=""):
            country.other_names = row["other_names"].replace("; ", "\n")
            country.save()  # says when, so that what searches keep of countries is read again
    for code in _to_create(Theme, themes, force=force):
        _named(Theme, ThemeName, "theme", code, themes[code])
    for code in _to_create(GlossaryTerm, terms, force=force):
        _named(GlossaryTerm, GlossaryName, "term", code, terms[code])
    _sync_term_names(terms)


def _sync_term_names(terms: Mapping[str, Mapping[str, str]]) -> None:
    """Give terms the names that the glossary has got, or changed, since they were loaded.

    Each is given once, and renewed while it is as it was loaded: one that an editor changed or
    deleted stays as it is.
    """
    wanted = {
        f"{code} {language}": (code, language, name)
        for code, names in terms.items()
        for language, name in names.items()
        if language != "en" and name
    }
    new = LoadedEntry.note_all(GlossaryName, wanted.keys())
    ids = dict(GlossaryTerm.objects.filter(code__in=terms).values_list("code", "pk"))
    held = set(GlossaryName.objects.values_list("term__code", "language"))
    GlossaryName.objects.bulk_create(
        GlossaryName(term_id=ids[code], language=language, name=name)
        for code, language, name in (wanted[key] for key in sorted(new))
        if code in ids and (code, language) not in held
    )
    _renew_term_names({key: name for key, (_, _, name) in wanted.items()})


def _renew_term_names(wanted: Mapping[str, str]) -> None:
    """Change names that are still as they were loaded to what the glossary has now.

    Of a name from before it was noted how it was loaded, that is known as long as it is the wanted
    one.
    """
    notes = {one.key: one for one in LoadedEntry.objects.filter(kind=GlossaryName.__name__)}
    noted = []
    for one in GlossaryName.objects.select_related("term"):
        key = f"{one.term.code} {one.language}"
        if key not in wanted or key not in notes:
            continue
        note, name = notes[key], wanted[key]
        if note.loaded_as == name or one.name != (note.loaded_as or name):
            continue
        if one.name != name:
            one.name = name
            one.save()  # says when, so that what searches keep of the glossary is read again
        note.loaded_as = name
        noted.append(note)
    LoadedEntry.objects.bulk_update(noted, ["loaded_as"], batch_size=_BATCH)


def _to_create(
    model: type[models.Model],
    rows: Mapping[str, object],
    *,
    force: bool,
    needed: Collection[str] = (),
) -> list[str]:
    """Return the codes of what was not loaded before, or is needed; of everything if forced."""
    new = LoadedEntry.note_all(model, rows.keys())
    return [code for code in rows if force or code in new or code in needed]


def theme_codes() -> set[str]:
    """Return the codes of all themes that the collection brings."""
    return {row["code"] for row in read_table("themes.tsv")}


def _term_code(name: str) -> str:
    return slugify(name)[:64].strip("-")


def loaded_country(code: str) -> Country:
    """Return a country that a work or an indicator names, brought back if an editor deleted it."""
    if not Country.objects.filter(code=code).exists():
        load_vocabulary(needed=[code])
    country: Country = Country.objects.get(code=code)
    return country


def _named(
    model: type[Named],
    name_model: type[LocalName],
    relation: str,
    code: str,
    names: dict[str, str],
) -> None:
    # Abstract models have no `objects` to type checkers; the default manager is public API.
    entry, created = model._default_manager.get_or_create(  # noqa: SLF001
        code=code, defaults={"name": names["en"]}
    )
    if created:
        name_model._default_manager.bulk_create(  # noqa: SLF001
            name_model(**{relation: entry}, language=language, name=name)
            for language, name in names.items()
            if language != "en" and name
        )


def load_evidence(*, force: bool = False, needed: Collection[str] = ()) -> None:
    """Create or renew facts and their sources from the ledger; what an editor changed stays.

    A fact that an editor deleted is created if that is forced, if it is among the needed codes, or
    if something in the portal cites it still.
    """
    rows = {row["code"]: row for row in read_table("facts.tsv")}
    known = Fact.objects.prefetch_related("sources").in_bulk(field_name="code")
    new = LoadedEntry.note_all(Fact, rows.keys())
    deleted = {*rows} - {*known} - new - {*needed}
    kept_away = set() if force else deleted - codes_cited_still(deleted)
    listed = listed_sources()
    _rename_sources(listed, force=force)
    for code, row in rows.items():
        if code in kept_away:
            continue
        fact = known[code] if code in known else Fact(code=code)
        if code in known and not force and fact.loaded_as != _fingerprint(fact):
            continue
        sources = [_source(place, listed) for place in dict.fromkeys(places_of(row, rows))]
        wanted = Fact(code=code, statement=row["fact"], status=status_of(row), note=note_of(row))
        fingerprint = _fingerprint(wanted, sources)
        if fact.loaded_as == fingerprint and not force:
            continue
        fact.statement, fact.status, fact.note = wanted.statement, wanted.status, wanted.note
        fact.loaded_as = fingerprint
        fact.save()
        fact.sources.set(sources)
    facts = Fact.objects.in_bulk(rows, field_name="code")
    for language in languages():
        _load_statements(language, rows, facts, force=force)


def ensure_facts(codes: Collection[str]) -> None:
    """Bring back those of some facts that an editor deleted: what is being loaded cites them."""
    if Fact.objects.filter(code__in=codes).count() < len({*codes}):
        load_evidence(needed=codes)


def _load_statements(
    language: str,
    rows: Mapping[str, Mapping[str, str]],
    facts: Mapping[str, Fact],
    *,
    force: bool,
) -> None:
    """Create or renew translations of the statements as they are in the ledger."""
    known = {
        one.fact_id: one
        for one in FactTranslation.objects.filter(language=language).select_related("fact")
        if one.translates == one.fact.statement
    }
    written = []
    for code, statement in read_statements(language):
        fact = facts.get(code)
        if fact is None or fact.statement != rows[code]["fact"]:
            continue  # an editor's statement, which this does not translate
        old = known.get(fact.pk)
        if old and not force and (old.statement == statement or not old.is_from_ledger):
            continue
        written.append(
            FactTranslation(
                fact=fact,
                language=language,
                statement=statement,
                translates=fact.statement,
                is_from_ledger=True,
            )
        )
    FactTranslation.objects.bulk_create(
        written,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["fact", "language"],
        update_fields=["statement", "translates", "is_from_ledger"],
    )


def _fingerprint(fact: Fact, sources: Iterable[Source] | None = None) -> str:
    """Return a hash of a fact as it is, or as it would be with the given sources."""
    places = sorted(
        source.address or source.document
        for source in (fact.sources.all() if sources is None else sources)
    )
    material = "\x1f".join([fact.statement, fact.status, fact.note, *places])
    return hashlib.sha256(material.encode()).hexdigest()


def status_of(row: Mapping[str, str]) -> str:
    """Return how well a fact of the ledger is supported.

    One without a source of its own says what its editors saw when they compared those of others.
    """
    status = _STATUS[row["status"]]
    is_remark = status == Fact.Status.SOURCED and not row["source"].strip()
    return Fact.Status.REMARK if is_remark else status


def note_of(row: Mapping[str, str]) -> str:
    """Return what the ledger says of the place beyond an address: a line, a page, a file.

    Some places repeat the status, which is no place and is shown in the reader's words; "see" and
    "computed from" say nothing without what follows.
    """
    rest = _REFERENCE.sub("", _DOCUMENT.sub("", _ADDRESS.sub("", row["source"])))
    rest = _LEADING_TO.sub("", rest.strip(" ;,").removesuffix(row["status"])).strip(" ;,")
    return rest if re.search(r"\w", rest) else ""


def places_of(row: Mapping[str, str], rows: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Yield addresses and files of a fact's sources, its own or those of the facts it compares."""
    source = row["source"].strip() or row["fact"]
    yield from _ADDRESS.findall(source)
    yield from _DOCUMENT.findall(source)
    for code in _REFERENCE.findall(_ADDRESS.sub("", source)):
        if code in rows and code != row["code"] and rows[code]["source"].strip():
            yield from places_of(rows[code], rows)


@cache
def _documents() -> dict[str, dict[str, str]]:
    text = (ROOT / "documents.yaml").read_text(encoding="utf-8")
    documents: dict[str, dict[str, str]] = yaml.safe_load(text)
    return documents


def listed_sources() -> dict[str, dict[str, str]]:
    """Return title, publisher, date and language of web pages, by address, as sources.tsv has them.

    A title in brackets is ours, as catalogues write it: of the page only the address and what a
    fact took from it are known.
    """
    return {row.pop("address"): row for row in read_table("sources.tsv")}


def address_in(place: str) -> str:
    """Return an address without the punctuation that followed it in the ledger."""
    return place.rstrip(".,")


def _source(place: str, listed: Mapping[str, Mapping[str, str]]) -> Source:
    if place in _documents():
        values = {key: str(value or "") for key, value in _documents()[place].items()}
        return Source.objects.get_or_create(document=place, address="", defaults=values)[0]
    address = address_in(place)
    values = {**_described(address), **listed.get(address, {})}
    return Source.objects.get_or_create(address=address, document="", defaults=values)[0]


def _rename_sources(listed: Mapping[str, Mapping[str, str]], *, force: bool) -> None:
    """Describe as listed those sources that still have a title or a publisher made of their address.

    They are from before they were listed, or before their publisher was known, for which its host
    stood. What an editor wrote stays, unless that is forced.
    """
    for source in Source.objects.filter(address__in=listed, document=""):
        wanted = listed[source.address]
        made = {"dated": "", "language": "", **_described(source.address)}
        told = {name: getattr(source, name) for name in wanted}
        if force or told in (made, {**wanted, "publisher": made["publisher"]}):
            Source.objects.filter(pk=source.pk).update(**wanted)


def _described(address: str) -> dict[str, str]:
    """Return a title and a publisher for a web address, out of the address itself."""
    parts = urlsplit(address)
    words = [unquote(part) for part in parts.path.split("/") if part]
    slug = re.sub(r"\.\w{2,5}$", "", max(words, key=len, default=""))
    title = " ".join(word for word in re.split(r"[-_\s]+", slug) if not re.search(r"\d{5}", word))
    host = (parts.hostname or "").removeprefix("www.")
    if not _SAYS_SOMETHING.search(title):
        title = host  # "index" or a number is no title
    return {"title": title[:500], "publisher": host}
