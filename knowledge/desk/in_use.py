"""What texts rest on is not deleted under them.

Wagtail counts references from fields that name one thing: neither the marks by which a text cites
its facts, nor the sources of a fact and the themes of a work. It said that nothing uses them.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.models import Page

from embeddings.service import documents_citing
from knowledge.desk.known import known_pages
from knowledge.documents import page_id_of
from knowledge.eligibility import work_types
from knowledge.models import Fact, Source, Theme

_NAMED = 5
"""Of many users, this many are named."""


@hooks.register("before_delete_snippet")
def keep_what_is_in_use(request: HttpRequest, instances: Iterable[Any]) -> HttpResponse | None:
    """Say where facts, sources and themes are used, instead of deleting them."""
    for one in instances:
        if users := _users(one, request):
            said = _("“%(name)s” is not deleted while it is in use: %(users)s. Take it out first.")
            named = ", ".join(users[:_NAMED]) + (" …" if len(users) > _NAMED else "")
            messages.error(request, said % {"name": one, "users": named})
            return redirect(one.snippet_viewset.get_url_name("list"))
    return None


def _users(one: Any, request: HttpRequest) -> list[str]:
    """Return the names of what uses something; of pages that are not to be known, a sign."""
    if isinstance(one, Source):
        return list(Fact.objects.filter(sources=one).values_list("code", flat=True))
    if isinstance(one, Fact):
        pages = {page_id_of(key) for key in documents_citing(one.code)}
    elif isinstance(one, Theme):
        works = (model.objects.filter(themes=one) for model in work_types())
        pages = {pk for found in works for pk in found.values_list("pk", flat=True)}
    else:
        return []
    known = known_pages(Page.objects.filter(pk__in=pages), request).order_by("title")
    return [*known.values_list("title", flat=True)] or ["…"] * bool(pages)
