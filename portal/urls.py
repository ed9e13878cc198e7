"""Addresses of the whole site."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from knowledge.accounts.confirming import ConfirmationView
from knowledge.accounts.views import editors_entrance, sign_in_elsewhere
from knowledge.files.views import document

urlpatterns = [
    # One way in, so that the second factor is always asked for.
    path("admin/login/", editors_entrance),
    path("accounts/oidc/<str:provider_id>/login/", sign_in_elsewhere),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/<int:file_id>/<str:name>", document),
    path("documents/", include(wagtaildocs_urls)),
    re_path(r"^accounts/confirm-email/(?P<key>[-:\w]+)/$", ConfirmationView.as_view()),
    path("accounts/", include("allauth.urls")),
    path("", include("knowledge.urls")),
    *i18n_patterns(path("_util/login/", editors_entrance), path("", include(wagtail_urls))),
]
