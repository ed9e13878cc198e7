"""Addresses of the reader's views."""

from django.urls import path

from knowledge import views
from knowledge.accounts import views as accounts
from knowledge.alerts import views as alerts
from knowledge.alerts.feeds import feed
from knowledge.board import actions as board_actions
from knowledge.board import views as board
from knowledge.briefs import views as briefs
from knowledge.browsing import views as browsing
from knowledge.compare.views import ask, compare, grading, lineage, policies_in_force
from knowledge.crawling import robots, sitemap, sitemap_part
from knowledge.files import views as files
from knowledge.glossary import glossary, term
from knowledge.indicators.views import indicator, indicators
from knowledge.metrics import metrics
from knowledge.search.api import api
from knowledge.search.suggestions import suggestions
from knowledge.search.views import search
from knowledge.sharing import checking, review_views
from knowledge.sharing import views as sharing
from knowledge.workshops import feeds, joining, organising
from knowledge.workshops.confirming import confirm_account

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", search, name="search"),
    path("search/suggest", suggestions, name="suggestions"),
    path("search/feed.<str:form>", feed, name="search_feed"),
    path("alerts/save", alerts.save, name="alert_save"),
    path("alerts/stop/<slug:token>", alerts.stop, name="alert_stop"),
    path("account/alerts", alerts.alerts, name="alerts"),
    path("account/alerts/<int:pk>", alerts.change, name="alert_change"),
    path("compare/", compare, name="compare"),
    path("compare/grading", grading, name="compare_grading"),
    path("compare/ask", ask, name="compare_ask"),
    path("compare/policies", policies_in_force, name="policies_in_force"),
    path("compare/lineage", lineage, name="lineage"),
    path("countries/", browsing.countries, name="countries"),
    path("countries/<slug:code>", browsing.country, name="country"),
    path("themes/", browsing.themes, name="themes"),
    path("themes/<slug:code>", browsing.theme, name="theme"),
    path("indicators/", indicators, name="indicators"),
    path("indicators/<slug:code>", indicator, name="indicator"),
    path("glossary/", glossary, name="glossary"),
    path("glossary/<slug:code>", term, name="term"),
    path("brief/", briefs.brief, name="brief"),
    path("brief/add", briefs.add, name="brief_add"),
    path("brief/change", briefs.change, name="brief_change"),
    path("brief/empty", briefs.empty, name="brief_empty"),
    path("brief/brief.<str:form>", briefs.take, name="brief_take"),
    path("join/", joining.ask_code, name="join"),
    path("join/<str:code>", joining.join_with_code, name="join_with_code"),
    path("workshops/calendar.ics", feeds.events, name="workshops_calendar"),
    path("workshops/<int:page_id>.ics", feeds.event, name="workshop_calendar"),
    path("workshops/<int:page_id>/leave", joining.leave_workshop, name="leave_workshop"),
    path("workshops/<int:page_id>/organise", organising.organise, name="organise_workshop"),
    path("workshops/<int:page_id>/change", organising.change, name="change_workshop"),
    path("workshops/<int:page_id>/poster", organising.poster, name="workshop_poster"),
    path("workshops/<int:page_id>/confirm", confirm_account, name="confirm_account"),
    path(
        "workshops/<int:page_id>/participants.csv",
        organising.participants_csv,
        name="workshop_participants",
    ),
    path("board/", board.board, name="board"),
    path("board/ask", board.ask, name="board_ask"),
    path("board/<int:problem_id>", board.problem, name="problem"),
    path("board/<int:problem_id>/answer", board_actions.answer, name="answer"),
    path("board/<int:problem_id>/change", board_actions.change_problem, name="problem_change"),
    path(
        "board/<int:problem_id>/<int:attempt_id>/change",
        board_actions.change_attempt,
        name="attempt_change",
    ),
    path("board/stop/<str:token>", board_actions.stop, name="board_stop"),
    path("share/", sharing.share, name="share"),
    path("share/mine", sharing.mine, name="share_mine"),
    path("share/<int:page_id>/", sharing.draft, name="share_draft"),
    path("share/<int:page_id>/files", sharing.files, name="share_files"),
    path(
        "share/<int:page_id>/files/<int:file_id>/remove",
        sharing.remove_file,
        name="share_file_remove",
    ),
    path("share/<int:page_id>/check", checking.check, name="share_check"),
    path("share/<int:page_id>/withdraw", sharing.take_back, name="share_withdraw"),
    path("share/<int:page_id>/delete", sharing.discard, name="share_delete"),
    path("review/", review_views.review, name="review"),
    path("review/<int:number>/", review_views.review_page, name="review_page"),
    path("review/<int:number>/decide", review_views.review_decide, name="review_decide"),
    path("file/<int:page_id>/<int:file_id>/<int:number>", files.file_part, name="file_part"),
    path(
        "file/<int:page_id>/<int:file_id>/<int:number>.webp",
        files.part_picture,
        name="part_picture",
    ),
    path("work/<int:page_id>.md", views.markdown, name="markdown"),
    path("parallel/<int:page_id>/<int:other_id>", views.parallel, name="parallel"),
    path("cite/<int:page_id>.<str:form>", views.cite, name="cite"),
    path("account/", accounts.account, name="account"),
    path("account/data.json", accounts.take_data, name="account_data"),
    path("account/delete", accounts.leave, name="account_leave"),
    path("language/", views.choose_language, name="choose_language"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("sitemap-<int:number>.xml", sitemap_part, name="sitemap_part"),
    path("healthz", views.health, name="health"),
    path("metrics", metrics, name="metrics"),
    path("api/", api.urls),
]
