"""Wagtail's users, with forms of our own."""

from wagtail.users.apps import WagtailUsersAppConfig


class UsersConfig(WagtailUsersAppConfig):
    """Names who shows the forms."""

    user_viewset = "knowledge.accounts.administering.UserViewSet"
