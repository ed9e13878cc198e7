"""What the desk says on the home of the admin."""

from typing import Any

from wagtail.admin.ui.components import Component

from knowledge.sharing.review import is_editor, oldest_wait, queue_of


class ReviewQueuePanel(Component):
    """How many submissions wait for this editor, and since when; empty for those who review nothing."""

    name = "review_queue"
    template_name = "knowledge/admin/desk/review_queue.html"
    order = 20

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """Return the state of the queue."""
        user = parent_context["request"].user
        queue = queue_of(user)
        return {
            "shows": bool(queue) or is_editor(user),
            "waiting": len(queue),
            "oldest": oldest_wait(queue),
        }
