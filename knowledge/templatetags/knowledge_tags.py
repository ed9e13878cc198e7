"""Template tags of the reader's pages."""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from babel import Locale
from babel.numbers import format_compact_decimal, format_decimal
from django import template
from django.conf import settings
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from wagtail.blocks.stream_block import StreamValue
from wagtail.models import Page

from embeddings.passages import CITATION, cited_codes, without_citations
from embeddings.types import Reason
from knowledge.blocks import raw_text
from knowledge.citing import Reference, address_of, apa, reference_to
from knowledge.dates import (
    cldr_locale,
    direction,
    language_only,
    show_day,
    show_time,
    show_time_since,
)
from knowledge.files.kinds import kind_of
from knowledge.files.problems import words_for
from knowledge.menu import MenuEntry, menu_for
from knowledge.models.base import WorkPage
from knowledge.models.cells import PolicyCell, ProgrammeCell
from knowledge.models.evidence import Fact
from knowledge.models.indicator import IndicatorValue
from knowledge.rights import AnonymousReader
from knowledge.search.results import FacetValue

register = template.Library()
register.filter(direction)
register.filter(apa)
register.filter("day", show_day, expects_localtime=True)
register.filter("clock", show_time, expects_localtime=True)
register.filter("time_since", show_time_since)

_LANGUAGE_NAMES = dict(settings.LANGUAGES)
_CLDR_CODES = {"tl": "fil"}
"""Filipino, not Tagalog."""
_MANY = Decimal(10**9)
_EXACT = 6
"""Digits after the point of a number in words: none of ours has more, so that none is rounded."""
_GROUPED_FROM = 1_000
"""Smaller numbers are the same in all our languages, and a page has 150 of them."""
_WITHOUT_LARGE_NAMES = {"sw"}
"""Babel writes "bilioni 237255" for 237.255 thousand millions."""
_REASONS = {
    Reason.MEANING: gettext_lazy("by meaning"),
    Reason.WORDS: gettext_lazy("by words"),
    Reason.EXACT: gettext_lazy("by exact match"),
    Reason.GLOSSARY: gettext_lazy("by glossary term"),
}
_EMPTY_LINES = re.compile(r"\n\s*\n")
_SUBTITLE = re.compile(r"\s*：\s*|\s*:\s+|\s+[–—]\s+")


@register.filter
def language_name(code: str) -> str:
    """Return a language's own name."""
    return _LANGUAGE_NAMES.get(code, code)


@register.simple_tag(takes_context=True, name="address_of")
def address_of_page(context: Any, page: Page) -> str:
    """Return the whole address of a page."""
    return address_of(page, context["request"])


@register.simple_tag
def cited_body(page: WorkPage) -> SafeString:
    """Return the body as HTML, each citation mark a link to its evidence note."""
    # Blocks escape their text.
    return _with_links(_body_html(page), page.cited_facts, anchored=set())


@register.simple_tag
def cited_cells(page: WorkPage) -> list[tuple[ProgrammeCell | PolicyCell, SafeString]]:
    """Return the cells with their text as HTML; what the body does not cite is anchored here."""
    anchored = set(cited_codes(raw_text(page.body)))
    return [
        (cell, _with_links(conditional_escape(cell.text), page.cited_facts, anchored=anchored))
        for cell in page.all_cells
    ]


@register.simple_tag
def parallel_sections(page: WorkPage, other: WorkPage) -> list[tuple[SafeString, SafeString]]:
    """Return the sections of two versions beside one another, cut at their headings."""
    facts = page.cited_facts
    left, right = (
        [_with_links(_blocks_html(section), facts) for section in _sections(one)]
        for one in (page, other)
    )
    return list(zip_longest(left, right, fillvalue=SafeString("")))


def _sections(page: WorkPage) -> list[list[Any]]:
    """Return the blocks of a body, a list from each main heading to the next."""
    sections: list[list[Any]] = [[]]
    for block in page.body:
        if block.block_type == "heading" and sections[-1]:
            sections.append([])
        sections[-1].append(block)
    return sections


def _blocks_html(blocks: Sequence[Any]) -> str:
    return render_to_string("knowledge/includes/body.html", {"body": blocks, "plain": True})


@register.simple_tag
def cited_text(text: str, facts: Sequence[Fact]) -> SafeString:
    """Return plain text as HTML, each citation mark a link to its note among the facts."""
    return _with_links(conditional_escape(text), facts)


def _with_links(
    html: str, facts: Sequence[Fact], *, anchored: set[str] | None = None
) -> SafeString:
    """Return HTML with citation marks as links.

    Args:
        html: Escaped already.
        facts: What the numbers count, in their order.
        anchored: Facts whose first mark has had its id; those that get one now are added. None
            where nothing leads back.
    """
    numbers = {fact.code: number for number, fact in enumerate(facts, start=1)}

    def link(match: re.Match[str]) -> str:
        codes = [code.strip().removeprefix("@") for code in match.group(1).split(";")]
        links = []
        for code in codes:
            if code not in numbers:
                continue
            anchor = ""
            if anchored is not None and code not in anchored:
                anchor = format_html(' id="cite-{}"', code)
                anchored.add(code)
            links.append(
                format_html(
                    '<a href="#fact-{}"{} title="{}">{}</a>',
                    code,
                    anchor,
                    _("Source: %(code)s") % {"code": code},
                    numbers[code],
                )
            )
        joined = mark_safe(", ".join(links))  # noqa: S308 – parts are escaped by format_html
        return format_html('<sup class="cite">{}</sup>', joined) if links else ""

    return mark_safe(CITATION.sub(link, html))  # noqa: S308 – escaped by the callers


@register.simple_tag
def evidence_of_date(page: WorkPage) -> SafeString:
    """Return the link from a work's date to the evidence note that says it."""
    codes = [fact.code for fact in page.cited_facts]
    if page.dated_fact is None or page.dated_fact.code not in codes:
        return SafeString("")
    code = page.dated_fact.code
    return format_html(
        '<sup class="cite"><a href="#fact-{}" title="{}">{}</a></sup>',
        code,
        _("Source: %(code)s") % {"code": code},
        codes.index(code) + 1,
    )


def _body_html(page: WorkPage) -> str:
    return render_to_string("knowledge/includes/body.html", {"body": page.body})


@register.filter
def figure(value: IndicatorValue) -> str:
    """Return a value of the ledger in words and numbers of the reader's locale, with its unit."""
    number = plain_number(value.value)
    if value.upper is not None:
        number = _("%(low)s to %(high)s") % {"low": number, "high": plain_number(value.upper)}
    number = value.counted(number)
    if value.bound == IndicatorValue.Bound.OVER:
        return _("at least %(number)s") % {"number": number}
    if value.bound == IndicatorValue.Bound.UNDER:
        return _("under %(number)s") % {"number": number}
    if value.bound == IndicatorValue.Bound.ABOUT:
        return _("about %(number)s") % {"number": number}
    return number


@register.filter
def plain_number(value: Decimal | float) -> str:
    """Return a number as the reader's language writes it; thousands of millions in words.

    By the Unicode CLDR: Django groups no digits in half of our languages.
    """
    exact = Decimal(str(value)).normalize()
    language = language_only(get_language())
    locale = cldr_locale()
    if abs(exact) >= _MANY and language not in _WITHOUT_LARGE_NAMES:
        return format_compact_decimal(
            exact, format_type="long", locale=locale, fraction_digits=_EXACT
        )
    return format_decimal(exact, locale=locale, decimal_quantization=False)


class _Counted(int):
    """Written with the digits grouped, and still a number that chooses among plurals."""

    def __str__(self) -> str:
        return plain_number(int(self)) if self >= _GROUPED_FROM else super().__repr__()


@register.filter
def counted(number: int) -> int:
    """Return a number of things that is written as the reader's language writes it."""
    return _Counted(number)


@register.filter
def file_type(media_type: str) -> str:
    """Return what people call a type of file; nothing for one that is not taken."""
    kind = kind_of(media_type)
    return kind.label if kind is not None else ""


register.filter("file_problem", words_for)


@register.filter
def with_sentence(passage: str, sentence: str) -> SafeString:
    """Return the passage with the matched sentence marked.

    Its lines are shown as lines; empty ones would put each entry of a list a line apart.
    """
    parts = passage.partition(sentence) if sentence else (passage, "", "")
    before, found, after = (_EMPTY_LINES.sub("\n", part) for part in parts)
    if not found:
        return conditional_escape(before)
    return format_html("{}<mark>{}</mark>{}", before, found, after)


@register.simple_tag(takes_context=True)
def query_with(context: dict[str, Any], **changes: Any) -> str:
    """Return the current query string with some parameters set, or removed when empty."""
    query: QueryDict = context["request"].GET.copy()
    for name, value in changes.items():
        if value in ("", None):
            query.pop(name, None)
        else:
            query[name] = str(value)
    return "?" + query.urlencode()


@register.simple_tag(takes_context=True)
def query_toggling(context: dict[str, Any], facet: str, value: str) -> str:
    """Return the current query string with one facet value switched on or off, from page 1."""
    query: QueryDict = context["request"].GET.copy()
    values = query.getlist(facet)
    query.setlist(
        facet, [one for one in values if one != value] if value in values else [*values, value]
    )
    query.pop("page", None)
    return "?" + query.urlencode()


@register.filter
def language_for_reader(code: str) -> str:
    """Return a language's name in the reader's interface language, as the CLDR has it.

    Django has no names of its own in Lao and Khmer, and some that are wrong.
    """
    names = Locale.parse(language_only(get_language())).languages
    return str(names.get(_CLDR_CODES.get(code, code)) or language_name(code))


@register.filter
def any_selected(values: Sequence[FacetValue]) -> bool:
    """Return True when one of the facet's values is chosen."""
    return any(value.selected for value in values)


@register.filter
def as_choices(values: Sequence[FacetValue], facet: str) -> SafeString:
    """Return a box to tick for each value. A page has 150 of them, too many for a template."""
    boxes = []
    for one in values:
        begin, end = _choice(facet, one.value, one.label)
        checked = " checked" if one.selected else ""
        boxes.append(f"{begin}{checked}{end}{counted(one.count)}</span></label>")
    return mark_safe("".join(boxes))  # noqa: S308 – escaped


@lru_cache(maxsize=5_000)
def _choice(facet: str, value: str, label: str) -> tuple[str, str]:
    """Return a box up to where it is ticked, and from there to its number."""
    value, label = escape(value), escape(short_name(label) if facet == "programme" else label)
    lang = f' lang="{value}"' if facet == "language" else ""
    return (
        f'<label class="choice"><input type="checkbox" form="ask" id="{facet}-{value}" '
        f'name="{facet}" value="{value}"',
        f'> <span{lang}><bdi>{label}</bdi></span> <span class="count">',
    )


@register.filter
def found_by(why: Sequence[Reason]) -> SafeString:
    """Return in words why a work was found. They are few, and a page has them ten times."""
    return _found_by(tuple(why), get_language())


@lru_cache(maxsize=500)
def _found_by(why: tuple[Reason, ...], _language: str | None) -> SafeString:
    point = mark_safe(' <span aria-hidden="true">·</span> ')
    return format_html_join(point, "<span>{}</span>", ((_REASONS[reason],) for reason in why))


@register.filter
def headings(body: StreamValue) -> list[tuple[int, str]]:
    """Return (position in the body, text) of each heading, for a table of contents."""
    return [
        (number, without_citations(str(block.value)))
        for number, block in enumerate(body, start=1)
        if block.block_type == "heading"
    ]


@register.simple_tag(takes_context=True, name="reference_to")
def reference_to_page(context: dict[str, Any], page: Page) -> Reference:
    """Return how the page is cited."""
    return reference_to(page, context["request"])


@register.filter
def short_name(title: str) -> str:
    """Return what stands before the colon or dash: "ODOP Laos: from a pilot …" → "ODOP Laos"."""
    return _SUBTITLE.split(title, maxsplit=1)[0]


@register.simple_tag(takes_context=True)
def menu(context: dict[str, Any]) -> list[MenuEntry]:
    """Return the sections of the collection for the reader's menu."""
    return menu_for(context.get("request") or AnonymousReader())
