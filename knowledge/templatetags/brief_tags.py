"""Template tags of what is gathered for a brief."""

from typing import Any

from django import template

from knowledge.briefs.basket import Basket, basket_of

register = template.Library()


@register.simple_tag(takes_context=True)
def is_gathered(context: dict[str, Any], page_id: int, passage: str = "") -> bool:
    """Return True where a work, or this passage of it, is in the reader's brief."""
    request = context["request"]
    if not hasattr(request, "brief"):  # read once for all hits of a page
        request.brief = basket_of(request)
    basket: Basket = request.brief
    return basket.has(page_id, " ".join(passage.split()))
