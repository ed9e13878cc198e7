"""Page types and snippets, one module each."""

from knowledge.models.alerts import SavedSearch, ToldWork, UnansweredQuestion
from knowledge.models.board import Attempt, Problem
from knowledge.models.brief import SavedBrief
from knowledge.models.case_study import CaseStudyPage
from knowledge.models.cells import Dimension, GradingAspect, PolicyCell, ProgrammeCell
from knowledge.models.evidence import Fact, FactTranslation, Source
from knowledge.models.files import FilePart, ReadingState, StoredFile
from knowledge.models.home import HomePage
from knowledge.models.indexes import (
    CaseStudyIndexPage,
    LessonIndexPage,
    MaterialIndexPage,
    PolicyIndexPage,
    ProgrammeIndexPage,
    WorkshopIndexPage,
)
from knowledge.models.indicator import Indicator, IndicatorName, IndicatorValue, Unit
from knowledge.models.lesson import LessonPage
from knowledge.models.lineage import (
    AmbiguousName,
    AmbiguousNameText,
    Transfer,
    TransferText,
)
from knowledge.models.mail import OutgoingMail, WorkerPulse
from knowledge.models.material import (
    CountryMaterialsPage,
    MaterialFile,
    MaterialPage,
    ReviewMessage,
)
from knowledge.models.pending import PendingSync
from knowledge.models.policy import PolicyPage
from knowledge.models.programme import ProgrammePage
from knowledge.models.review import ReviewTask
from knowledge.models.vocabulary import (
    Country,
    CountryName,
    GlossaryName,
    GlossaryTerm,
    Theme,
    ThemeName,
)
from knowledge.models.workshop import (
    FollowUp,
    Newcomer,
    Participation,
    SessionMaterial,
    WorkshopMaterialsPage,
    WorkshopPage,
    WorkshopSession,
)

__all__ = [
    "AmbiguousName",
    "AmbiguousNameText",
    "Attempt",
    "CaseStudyIndexPage",
    "CaseStudyPage",
    "Country",
    "CountryMaterialsPage",
    "CountryName",
    "Dimension",
    "Fact",
    "FactTranslation",
    "FilePart",
    "FollowUp",
    "GlossaryName",
    "GlossaryTerm",
    "GradingAspect",
    "HomePage",
    "Indicator",
    "IndicatorName",
    "IndicatorValue",
    "LessonIndexPage",
    "LessonPage",
    "MaterialFile",
    "MaterialIndexPage",
    "MaterialPage",
    "Newcomer",
    "OutgoingMail",
    "Participation",
    "PendingSync",
    "PolicyCell",
    "PolicyIndexPage",
    "PolicyPage",
    "Problem",
    "ProgrammeCell",
    "ProgrammeIndexPage",
    "ProgrammePage",
    "ReadingState",
    "ReviewMessage",
    "ReviewTask",
    "SavedBrief",
    "SavedSearch",
    "SessionMaterial",
    "Source",
    "StoredFile",
    "Theme",
    "ThemeName",
    "ToldWork",
    "Transfer",
    "TransferText",
    "UnansweredQuestion",
    "Unit",
    "WorkerPulse",
    "WorkshopIndexPage",
    "WorkshopMaterialsPage",
    "WorkshopPage",
    "WorkshopSession",
]
