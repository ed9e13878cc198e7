"""The panel of similar works on the edit page of a work."""

from typing import Any

from wagtail.admin.panels import Panel


class SimilarWorksPanel(Panel):
    """Lists works like the text as it was saved last; nothing to fill in."""

    class BoundPanel(Panel.BoundPanel):
        """The panel of one work and one editor."""

        template_name = "knowledge/admin/desk/similar_panel.html"

        def is_shown(self) -> bool:
            """Return False for a page that has not been saved."""
            return bool(self.instance.pk) and self.instance.alias_of_id is None

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """Add the works; without an encoder nothing can be compared."""
            from embeddings.errors import EncoderUnavailable
            from knowledge.desk.similar import saved_draft, works_beside

            context: dict[str, Any] = super().get_context_data(parent_context)
            try:
                similar = works_beside(saved_draft(self.instance), self.request)
            except EncoderUnavailable:
                return context | {"compared": False}
            return context | {"compared": True, "similar": similar}
