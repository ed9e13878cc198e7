"""Addresses of the reader's views."""

from django.urls import path

from knowledge import views
from knowledge.compare.views import ask
from knowledge.metrics import metrics
from knowledge.search.api import api
from knowledge.search.suggestions import suggestions
from knowledge.search.views import search

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", search, name="search"),
    path("search/suggest", suggestions, name="suggestions"),
    path("compare/ask", ask, name="compare_ask"),
    path("cite/<int:page_id>.<str:form>", views.cite, name="cite"),
    path("language/", views.choose_language, name="choose_language"),
    path("healthz", views.health, name="health"),
    path("metrics", metrics, name="metrics"),
    path("api/", api.urls),
]
