"""Wording of a digest at the moment it is delivered: what was withdrawn by then is not in it."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from embeddings.errors import EncoderUnavailable
from knowledge.alerts.feeds import query_of
from knowledge.alerts.saved import labels_of, reader_of
from knowledge.mail.outbox import compose_template, portal_address, written
from knowledge.models import SavedSearch
from knowledge.search.results import KnowledgeResults
from knowledge.search.service import search_knowledge

MOST_WORKS = 20


def compose(content: Mapping[str, Any]) -> EmailMessage | None:
    """Return the mail of a digest; None if the reader stopped it or may open none of the works.

    Raises:
        EncoderUnavailable: What answers cannot be found by meaning now.
    """
    saved = SavedSearch.objects.filter(pk=content["search"], user__is_active=True).first()
    if saved is None:
        return None
    with translation.override(saved.language):
        results = search_knowledge(
            saved.query, reader=reader_of(saved), filters=saved.filters, limit=MOST_WORKS,
            facets=False, only_good=True, works=frozenset(content["works"]),
        )  # fmt: skip
        if saved.query and results.by_words_only:
            raise EncoderUnavailable("A digest waits until works are found by meaning.")
        return _mail(saved, results) if results.cards else None


def _mail(saved: SavedSearch, results: KnowledgeResults) -> EmailMessage:
    stop = portal_address(reverse("alert_stop", args=[saved.token]))
    names = dict(settings.LANGUAGES)
    context = {
        "asked": " · ".join(
            [*([saved.query] if saved.query else []), *labels_of(saved, reader_of(saved))]
        ),
        "total": results.total,
        "more": results.total - len(results.cards),
        "works": [
            {"card": card, "language": names[card.language], "address": portal_address(card.url)}
            for card in results.cards
        ],
        "search": portal_address(f"{reverse('search')}?{query_of(saved.query, saved.filters)}"),
        "alerts": portal_address(reverse("alerts")),
        "stop": stop,
        "why": _("You get this mail because you asked to be told of new works."),
    }
    subject, body = compose_template("digest", context, user=saved.user, language=saved.language)
    headers = {
        "List-Unsubscribe": f"<{stop}>",  # RFC 8058: a mail program stops it with one POST
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }
    return written(recipient=saved.user.email, subject=subject, body=body, headers=headers)
