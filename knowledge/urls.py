"""Addresses of the reader's views."""

from django.urls import path

from knowledge import views
from knowledge.briefs import views as briefs
from knowledge.compare.views import ask, compare, grading, lineage, policies_in_force
from knowledge.glossary import glossary, term
from knowledge.indicators.views import indicator, indicators
from knowledge.metrics import metrics
from knowledge.search.api import api
from knowledge.search.suggestions import suggestions
from knowledge.search.views import search

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", search, name="search"),
    path("search/suggest", suggestions, name="suggestions"),
    path("compare/", compare, name="compare"),
    path("compare/grading", grading, name="compare_grading"),
    path("compare/ask", ask, name="compare_ask"),
    path("compare/policies", policies_in_force, name="policies_in_force"),
    path("compare/lineage", lineage, name="lineage"),
    path("indicators/", indicators, name="indicators"),
    path("indicators/<slug:code>", indicator, name="indicator"),
    path("glossary/", glossary, name="glossary"),
    path("glossary/<slug:code>", term, name="term"),
    path("brief/", briefs.brief, name="brief"),
    path("brief/add", briefs.add, name="brief_add"),
    path("brief/change", briefs.change, name="brief_change"),
    path("brief/brief.<str:form>", briefs.take, name="brief_take"),
    path("work/<int:page_id>.md", views.markdown, name="markdown"),
    path("parallel/<int:page_id>/<int:other_id>", views.parallel, name="parallel"),
    path("cite/<int:page_id>.<str:form>", views.cite, name="cite"),
    path("language/", views.choose_language, name="choose_language"),
    path("healthz", views.health, name="health"),
    path("metrics", metrics, name="metrics"),
    path("api/", api.urls),
]
