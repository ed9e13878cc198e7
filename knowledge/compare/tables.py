"""Tables that lay pages side by side: the cells of programmes, and of policies that grade."""

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from embeddings.language import fold
from embeddings.passages import cited_codes, coded_citations
from knowledge.citing import address_of
from knowledge.dates import language_only
from knowledge.listing import AnyWork, best_to_compare, full_pages
from knowledge.models import Fact, PolicyPage, ProgrammePage
from knowledge.models.base import WorkPage
from knowledge.models.cells import Dimension, GradingAspect, PolicyCell, ProgrammeCell
from knowledge.models.evidence import facts_cited
from knowledge.rights import Reader, readable_pages

MOST_COLUMNS = 6
Cell = ProgrammeCell | PolicyCell


@dataclass(frozen=True, kw_only=True)
class Row:
    """One aspect of all chosen pages."""

    aspect: str
    label: str
    cells: Sequence[tuple[WorkPage, Cell | None]]
    """A page's cell, or None where there is no source yet."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """Chosen pages side by side."""

    pages: Sequence[WorkPage]
    aspects: Sequence[tuple[str, str]]
    """(aspect, its label), the rows in order."""

    @cached_property
    def rows(self) -> list[Row]:
        """Return the rows."""
        by_page = [{cell.aspect: cell for cell in page.all_cells} for page in self.pages]
        return [
            Row(
                aspect=aspect,
                label=label,
                cells=[
                    (page, cells.get(aspect))
                    for page, cells in zip(self.pages, by_page, strict=True)
                ],
            )
            for aspect, label in self.aspects
        ]

    @cached_property
    def facts(self) -> list[Fact]:
        """Return the facts that the cells cite, in the order of first mention, row by row."""
        return facts_cited([cell.text for row in self.rows for _page, cell in row.cells if cell])

    def records(
        self, request: HttpRequest, of_page: Mapping[WorkPage, Sequence[str]] | None = None
    ) -> Iterator[Sequence[str]]:
        """Yield one record a cell: what it says, what that rests on, whose it is.

        Args:
            request: For whole addresses.
            of_page: What else is told of a page, in columns of its own.
        """
        facts = {fact.code: fact for fact in self.facts}
        for row in self.rows:
            for page, cell in row.cells:
                cited = [facts[code] for code in _codes(cell) if code in facts]
                yield (
                    page.title,
                    row.label,
                    coded_citations(cell.text) if cell else "",
                    *evidence_of(cited),
                    str(getattr(page, "code", page.slug)),
                    row.aspect,
                    page.language,
                    address_of(page, request),
                    *(of_page or {}).get(page, ()),
                )


def head() -> list[str]:
    """Return the names of the columns of `Table.records`."""
    return [
        _("Page"),
        _("Aspect"),
        pgettext("of a cell", "Text"),
        *head_of_evidence(),
        _("Code"),
        _("Code of the aspect"),
        _("Language"),
        _("Web address"),
    ]


def head_of_evidence() -> list[str]:
    """Return the names of the columns of `evidence_of`."""
    return [_("Facts"), _("Status"), _("Sources"), _("Statements")]


def evidence_of(cited: Sequence[Fact]) -> list[str]:
    """Return the codes of some facts, then what each code has: "VN-1: sourced | VN-2: unverified".

    The statements are in English, as in all tables for programs.
    """
    return [
        " ".join(fact.code for fact in cited),
        _by_code((fact.code, str(fact.get_status_display())) for fact in cited),
        _by_code((fact.code, " ".join(one.place for one in fact.sources.all())) for fact in cited),
        _by_code((fact.code, fact.statement) for fact in cited),
    ]


def _by_code(told: Iterable[tuple[str, str]]) -> str:
    return " | ".join(f"{code}: {value}" for code, value in told if value)


def _codes(cell: Cell | None) -> list[str]:
    return cited_codes(cell.text) if cell else []


def comparable_programmes(reader: Reader) -> list[ProgrammePage]:
    """Return the programmes with at least one cell that a reader may open, by name."""
    return sorted(_with_cells(reader, ProgrammePage), key=lambda page: fold(page.title))


def _with_cells(reader: Reader, model: type[AnyWork]) -> Iterator[AnyWork]:
    """Yield of each work with cells the version that suits a comparison, among those with some."""
    # Thousands of policies have none: they are not looked at one by one.
    readable = model.objects.filter(pk__in=readable_pages(reader).values("pk"))
    filled = readable.filter(cells__isnull=False).values_list("pk", flat=True)
    by_work: dict[uuid.UUID, list[AnyWork]] = {}
    for page in full_pages(set(filled)):
        if isinstance(page, model):
            by_work.setdefault(page.translation_key, []).append(page)
    language = language_only(get_language())
    yield from (best_to_compare(versions, language) for versions in by_work.values())


def grading_policies(reader: Reader) -> list[PolicyPage]:
    """Return the policies that lay down a grading system and that a reader may open.

    Those of one programme follow one another in the order of their dates.
    """
    found = _with_cells(reader, PolicyPage)
    return sorted(found, key=lambda page: (_programme_code(page), page.dated, page.title))


def _programme_code(page: PolicyPage) -> str:
    return page.programme.code if page.programme else ""


def programme_table(
    programmes: Sequence[ProgrammePage], codes: Collection[str], aspects: Collection[str]
) -> Table:
    """Return the chosen programmes, at most `MOST_COLUMNS`, and the chosen dimensions.

    Without a choice: the programmes of which most is known, and all dimensions.
    """
    chosen = [page for page in programmes if page.code in codes]
    if not chosen:
        best = sorted(programmes, key=lambda page: -len(page.all_cells))[:3]
        chosen = [page for page in programmes if page in best]
    return Table(pages=chosen[:MOST_COLUMNS], aspects=_chosen(Dimension, aspects))


def grading_table(policies: Sequence[PolicyPage], slugs: Collection[str]) -> Table:
    """Return the chosen grading systems side by side; all of them without a choice."""
    chosen = [page for page in policies if page.slug in slugs] or list(policies)
    return Table(pages=chosen, aspects=_chosen(GradingAspect, ()))


def _chosen(
    choices: type[Dimension] | type[GradingAspect], aspects: Collection[str]
) -> list[tuple[str, str]]:
    known = [(value, str(label)) for value, label in choices.choices]
    return [(value, label) for value, label in known if value in aspects] or known
