"""Page types and snippets, one module each."""

from knowledge.models.brief import SavedBrief
from knowledge.models.case_study import CaseStudyPage
from knowledge.models.cells import Dimension, GradingAspect, PolicyCell, ProgrammeCell
from knowledge.models.evidence import Fact, Source
from knowledge.models.home import HomePage
from knowledge.models.indexes import (
    CaseStudyIndexPage,
    LessonIndexPage,
    PolicyIndexPage,
    ProgrammeIndexPage,
)
from knowledge.models.indicator import Indicator, IndicatorName, IndicatorValue, Unit
from knowledge.models.lesson import LessonPage
from knowledge.models.lineage import (
    AmbiguousName,
    AmbiguousNameText,
    Transfer,
    TransferText,
)
from knowledge.models.pending import PendingSync
from knowledge.models.policy import PolicyPage
from knowledge.models.programme import ProgrammePage
from knowledge.models.vocabulary import (
    Country,
    CountryName,
    GlossaryName,
    GlossaryTerm,
    Theme,
    ThemeName,
)

__all__ = [
    "AmbiguousName",
    "AmbiguousNameText",
    "CaseStudyIndexPage",
    "CaseStudyPage",
    "Country",
    "CountryName",
    "Dimension",
    "Fact",
    "GlossaryName",
    "GlossaryTerm",
    "GradingAspect",
    "HomePage",
    "Indicator",
    "IndicatorName",
    "IndicatorValue",
    "LessonIndexPage",
    "LessonPage",
    "PendingSync",
    "PolicyCell",
    "PolicyIndexPage",
    "PolicyPage",
    "ProgrammeCell",
    "ProgrammeIndexPage",
    "ProgrammePage",
    "SavedBrief",
    "Source",
    "Theme",
    "ThemeName",
    "Transfer",
    "TransferText",
    "Unit",
]
