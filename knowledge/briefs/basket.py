"""What a visitor has gathered. It lives in the browser session; with an account, in the database.

Nothing is stored before something is gathered, so that mere readers get no cookie.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from zlib import crc32

from django.http import HttpRequest

from knowledge.models import SavedBrief

MOST_ITEMS = 60
LONGEST_TITLE = 200
LONGEST_NOTE = 2000
_KEY = "brief"


@dataclass(slots=True, kw_only=True)
class Item:
    """One gathered work, perhaps with a passage of it."""

    page: int
    """Id of the page; whether the visitor may open it is asked again each time."""
    passage: str = ""
    note: str = ""

    @property
    def key(self) -> str:
        """What names the item on the page, wherever another window has moved it meanwhile."""
        return f"{self.page}-{crc32(self.passage.encode()):x}" if self.passage else str(self.page)


@dataclass(slots=True, kw_only=True)
class Basket:
    """The visitor's brief."""

    title: str = ""
    items: list[Item] = field(default_factory=list)

    def add(self, page: int, passage: str = "") -> bool:
        """Add a work or passage once; return False where it is there already or the brief full."""
        if len(self.items) >= MOST_ITEMS:
            return False
        if self.has(page, passage):
            return False
        self.items.append(Item(page=page, passage=passage))
        return True

    def has(self, page: int, passage: str = "") -> bool:
        """Return True where a work or passage is in the brief."""
        return any(one.page == page and one.passage == passage for one in self.items)

    def move(self, number: int, by: int) -> None:
        """Move an item up (−1) or down (1); what is at the edge stays."""
        target = number + by
        if 0 <= number < len(self.items) and 0 <= target < len(self.items):
            self.items.insert(target, self.items.pop(number))

    def remove(self, number: int) -> None:
        """Remove an item."""
        if 0 <= number < len(self.items):
            del self.items[number]

    def place_of(self, key: str) -> int:
        """Return the number of the item with this key, −1 where it is gone."""
        return next((n for n, one in enumerate(self.items) if one.key == key), -1)


def basket_of(request: HttpRequest) -> Basket:
    """Return the visitor's brief; empty where there is none."""
    user = request.user
    gathered = _read(request.session.get(_KEY) or {})
    saved = SavedBrief.objects.filter(user=user).first() if user.is_authenticated else None
    if saved is None:
        return gathered
    basket = _read(saved.content)
    for item in gathered.items:  # from before the log-in
        if basket.add(item.page, item.passage):
            basket.items[-1].note = item.note
    return basket


def keep(request: HttpRequest, basket: Basket) -> None:
    """Store the visitor's brief."""
    content = asdict(basket)
    user = request.user
    if not (basket.items or basket.title or user.is_authenticated or _KEY in request.session):
        return
    if user.is_authenticated:
        SavedBrief.objects.update_or_create(user=user, defaults={"content": content})
        request.session.pop(_KEY, None)
    else:
        request.session[_KEY] = content


def _read(content: Mapping[str, Any]) -> Basket:
    items = [
        Item(page=one["page"], passage=one.get("passage", ""), note=one.get("note", ""))
        for one in content.get("items", ())
    ]
    return Basket(title=content.get("title", ""), items=items)
