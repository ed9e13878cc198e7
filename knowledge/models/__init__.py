"""Page types and snippets, one module each."""

from knowledge.models.case_study import CaseStudyPage
from knowledge.models.evidence import Fact, Source
from knowledge.models.home import HomePage
from knowledge.models.indexes import (
    CaseStudyIndexPage,
    LessonIndexPage,
    PolicyIndexPage,
    ProgrammeIndexPage,
)
from knowledge.models.lesson import LessonPage
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
    "CaseStudyIndexPage",
    "CaseStudyPage",
    "Country",
    "CountryName",
    "Fact",
    "GlossaryName",
    "GlossaryTerm",
    "HomePage",
    "LessonIndexPage",
    "LessonPage",
    "PendingSync",
    "PolicyIndexPage",
    "PolicyPage",
    "ProgrammeIndexPage",
    "ProgrammePage",
    "Source",
    "Theme",
    "ThemeName",
]
