"""What a reader may see of the ledger, in the order in which it is shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from embeddings.language import fold
from knowledge.listing import programmes_by_code
from knowledge.models import Fact, Indicator, IndicatorValue, Source
from knowledge.models.base import WorkPage
from knowledge.models.evidence import shown_with_facts
from knowledge.rights import Reader


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An indicator and the programme it belongs to."""

    indicator: Indicator
    programme: WorkPage | None

    @cached_property
    def values(self) -> list[IndicatorValue]:
        """Return the values, oldest first, those without a date last.

        A year alone stands after the days and months of that year.
        """
        values = self.indicator.values.all()
        return sorted(
            values, key=lambda one: (one.as_of == "", one.as_of.ljust(10, "~"), one.sort_order)
        )

    @cached_property
    def latest(self) -> list[IndicatorValue]:
        """Return the newest value, with each other number that contradicts it.

        Sources may agree on a number and not on what it counts.
        """
        if not self.values:
            return []
        dated = [one for one in self.values if one.as_of] or self.values
        newest = dated[-1]
        if not newest.conflict:
            return [newest]
        disputed = [one for one in self.values if one.conflict == newest.conflict]
        return list({(one.value, one.upper, one.bound): one for one in disputed}.values())

    @property
    def has_conflict(self) -> bool:
        """Whether sources disagree on some value."""
        return any(one.conflict for one in self.values)

    @property
    def explaining(self) -> list[Fact]:
        """Return the facts that explain a disagreement."""
        return list(self.indicator.conflict_facts.all())


def entries(reader: Reader, *, code: str = "") -> list[Entry]:
    """Return the indicators that a reader may see, those of one programme behind one another.

    An indicator of a programme that the reader may not open is hidden with it.
    """
    programmes = programmes_by_code(reader)
    found = Indicator.objects.select_related("country").prefetch_related(
        "names", *shown_with_facts("values__fact__"), *shown_with_facts("conflict_facts__")
    )
    if code:
        found = found.filter(code=code)
    visible = [
        Entry(indicator=one, programme=programmes.get(one.programme))
        for one in found
        if not one.programme or one.programme in programmes
    ]
    return sorted(visible, key=_by_programme)


def _by_programme(entry: Entry) -> tuple[bool, str, str]:
    title = fold(entry.programme.title) if entry.programme else ""
    return entry.programme is None, title, fold(entry.indicator.label)


def head() -> list[str]:
    """Return the names of the columns of `records`."""
    return [
        _("Code"),
        _("Programme"),
        _("Indicator"),
        _("Definition"),
        _("Kind"),
        _("Value"),
        _("Up to"),
        _("Exactness"),
        _("Unit"),
        _("As of"),
        _("Disagreement"),
        _("Status"),
        _("Fact"),
        _("Statement"),
        _("Sources"),
        _("Read with care"),
    ]


def records(shown: Sequence[Entry]) -> Iterator[list[str]]:
    """Yield one record a value, as numbers and dates that programs read."""
    for entry in shown:
        one = entry.indicator
        explained = " | ".join(f"{fact.code}: {fact.statement}" for fact in entry.explaining)
        for value in entry.values:
            yield [
                one.code,
                one.programme,
                one.label,
                one.explanation,
                one.kind,
                f"{value.value.normalize():f}",
                "" if value.upper is None else f"{value.upper.normalize():f}",
                value.bound,
                one.currency or one.unit,
                value.as_of,
                _disagreement(one, value),
                value.fact.status,
                value.fact.code,
                value.fact.statement,
                " | ".join(source.place for source in value.fact.sources.all()),
                explained,
            ]


def as_json(shown: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return the entries as plain values."""
    return [
        {
            "code": entry.indicator.code,
            "programme": entry.indicator.programme or None,
            "country": entry.indicator.country.code.upper() if entry.indicator.country else None,
            "name": entry.indicator.label,
            "definition": entry.indicator.explanation,
            "kind": entry.indicator.kind,
            "unit": entry.indicator.unit,
            "currency": entry.indicator.currency or None,
            "explanations": [
                {"fact": fact.code, "statement": fact.statement} for fact in entry.explaining
            ],
            "values": [_value_as_json(entry.indicator, value) for value in entry.values],
        }
        for entry in shown
    ]


def _value_as_json(one: Indicator, value: IndicatorValue) -> dict[str, Any]:
    fact = value.fact
    told: dict[str, Any] = {
        "value": float(value.value),
        "upper": None if value.upper is None else float(value.upper),
        "bound": value.bound or None,
        "as_of": value.as_of or None,
        "disagreement": _disagreement(one, value) or None,
        "status": fact.status,
        "fact": fact.code,
        "statement": fact.statement,
        "sources": [_source_as_json(source) for source in fact.sources.all()],
    }
    return told | {"note": fact.note} if fact.note else told


def _source_as_json(source: Source) -> dict[str, str | None]:
    return {
        "title": source.title,
        "publisher": source.publisher or None,
        "date": source.dated or None,
        "url": source.address or None,
        "document": source.named_document or None,
    }


def _disagreement(one: Indicator, value: IndicatorValue) -> str:
    """Return what the values have in common that contradict one another, and no others have."""
    return f"{one.code}:{value.conflict}" if value.conflict else ""
