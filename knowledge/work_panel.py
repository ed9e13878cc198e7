"""What the home of the admin says when work stands still."""

from typing import Any

from wagtail.admin.ui.components import Component

from knowledge.mail.delivery import mails_given_up, mails_in_doubt
from knowledge.work import is_working


class StandingWorkPanel(Component):
    """Warns that no worker runs, and of mails that need a person; else it is empty."""

    name = "standing_work"
    template_name = "knowledge/admin/standing_work.html"
    order = 10

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """Return what is wrong. Mails are an administrator's concern."""
        user = parent_context["request"].user
        return {
            "is_working": is_working(),
            "in_doubt": mails_in_doubt().count() if user.is_superuser else 0,
            "given_up": mails_given_up().count() if user.is_superuser else 0,
        }
