"""Feeds of any search: RFC 4287 (Atom) and RSS 2.0. Whoever fetches one is a stranger."""

from typing import Any
from xml.sax.xmlreader import AttributesImpl

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, QueryDict
from django.urls import reverse
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.html import escape
from django.utils.http import http_date
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe

from embeddings.errors import EncoderUnavailable
from knowledge.alerts.newest import Published, newest
from knowledge.export import without_controls
from knowledge.reader_language import INTERFACE_PARAMETER, reader_language
from knowledge.rights import AnonymousReader
from knowledge.search.forms import SearchForm, filters_from
from knowledge.search.service import Filters

MOST_ENTRIES = 30
_TRY_AGAIN_SECONDS = "600"


class _Atom(Atom1Feed):
    """Says of each entry what language it is in."""

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        return {"xml:lang": item["language"]}


class _Rss(Rss201rev2Feed):
    """Says of each item what language it is in, as Dublin Core does."""

    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), "xmlns:dc": "http://purl.org/dc/elements/1.1/"}

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("dc:language", item["language"], AttributesImpl({}))


FORMS: dict[str, type[_Atom | _Rss]] = {"atom": _Atom, "rss": _Rss}
"""File ending → what writes it."""


@require_safe
@conditional_page
def feed(request: HttpRequest, form: str) -> HttpResponse:
    """Return the newest works of a search as a feed."""
    if form not in FORMS:
        raise Http404
    asked = SearchForm(request.GET)
    language = reader_language(request)
    with translation.override(language):
        if not asked.is_valid():
            faults = [str(fault) for errors in asked.errors.values() for fault in errors]
            return HttpResponseBadRequest(
                "\n".join(faults), content_type="text/plain; charset=utf-8"
            )
        try:
            return _answer(request, form, asked.cleaned_data["q"], language)
        except EncoderUnavailable:
            return HttpResponse(status=503, headers={"Retry-After": _TRY_AGAIN_SECONDS})


def _answer(request: HttpRequest, form: str, text: str, language: str) -> HttpResponse:
    filters = filters_from(request.GET)
    reader = AnonymousReader(reader_language=language)
    found = newest(reader, text, filters, most=MOST_ENTRIES)
    query = query_of(text, filters)
    title = without_controls(" ".join(text.split())) or _("New works")
    written = FORMS[form](
        title=f"{title} – {_('Village Knowledge Portal')}",
        link=request.build_absolute_uri(f"{reverse('search')}?{query}"),
        description=_("New works, newest first"),
        language=language,
        feed_url=request.build_absolute_uri(),
        # RFC 4287, 4.2.6: no two feeds may have the same id, and each language is a feed.
        feed_guid=request.build_absolute_uri(
            f"{reverse('search')}?{feed_query(text, filters, language)}"
        ),
        author_name=_("Village Knowledge Portal"),
    )
    for one in found:
        _add(written, one, request)
    response = HttpResponse(content_type=written.content_type)
    if found:
        latest = max(one.changed for one in found)
        response["Last-Modified"] = http_date(latest.timestamp())
    written.write(response, "utf-8")
    return response


def _add(written: SyndicationFeed, one: Published, request: HttpRequest) -> None:
    card = one.card
    says = card.sentence or Truncator(card.passage).chars(320)
    labels = (card.kind_label, card.programme_label, card.country_label)
    written.add_item(
        title=without_controls(card.title),
        link=request.build_absolute_uri(card.url),
        description=escape(without_controls(says)),  # both formats hold HTML there
        unique_id=one.work.urn,
        unique_id_is_permalink=False,
        pubdate=one.published,
        updateddate=one.changed,
        categories=[without_controls(label) for label in labels if label],
        language=card.language,
    )


def query_of(text: str, filters: Filters) -> str:
    """Return a search as the query part of an address."""
    query = QueryDict(mutable=True)
    if text:
        query["q"] = text
    for name, values in filters.items():
        query.setlist(name, list(values))
    return query.urlencode()


def feed_query(text: str, filters: Filters, language: str) -> str:
    """Return the query part of a feed's address, its own language in it."""
    own = f"{INTERFACE_PARAMETER}={language}"
    return "&".join(part for part in (query_of(text, filters), own) if part)
