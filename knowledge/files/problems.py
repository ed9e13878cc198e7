"""What is wrong with a file, in the reader's language, and what the contributor can do."""

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from knowledge.files.conf import limits
from knowledge.files.refusal import Problem

_WORDS = {
    Problem.EMPTY: _("The file is empty. Was it saved, or is it still being copied?"),
    Problem.TOO_LARGE: _("The file is larger than %(largest)s. Make its pictures smaller, or hand it in as several files."),
    Problem.UNKNOWN_TYPE: _("This type of file is not taken. Save it as PDF, Word (.docx), PowerPoint (.pptx), Excel (.xlsx), CSV, PNG, JPEG or WebP."),
    Problem.WRONG_TYPE: _("The file is of another type than the end of its name says. Save it again in the program that made it."),
    Problem.ENCRYPTED: _("The file is locked with a password or against copying. Save it without protection and hand in that."),
    Problem.MACROS: _("The file holds macros. Save it without them, as .docx, .pptx or .xlsx."),
    Problem.EXTERNAL: _("The file would fetch something from elsewhere when it is opened, for example a linked picture, table or template. Insert it instead of linking it, or save the file as PDF."),
    Problem.EMBEDDED: _("There is another file inside this file. Hand that in by itself, and save this one without it or as PDF."),
    Problem.ACTIVE: _("The file holds scripts or actions that would run when it is opened. Print it to PDF and hand in that."),
    Problem.MARKUP: _("A part of the file is written in a way that is not allowed in documents. Save it again in the program that made it."),
    Problem.BOMB: _("The file would unpack to far more than it seems. Save it again in the program that made it."),
    Problem.PATHS: _("The file holds names that point outside it. Save it again in the program that made it."),
    Problem.POLYGLOT: _("The file is of two types at once, or something is added before or behind it. Save it again in the program that made it."),
    Problem.BROKEN: _("The file is damaged or incomplete. Open it, save it again and hand in that."),
    Problem.TOO_MANY_PAGES: _("The file has more than %(pages)s pages. Hand it in as several files."),
    Problem.TOO_MANY_PIXELS: _("The picture has too many pixels. Make it smaller."),
    Problem.NOT_UNICODE: _("The letters of the table cannot be told. Save it as “CSV UTF-8”."),
    Problem.TOO_HARD: _("The file could not be worked through in reasonable time. Save it as PDF, or hand it in as several files."),
}  # fmt: skip


def words_for(code: str) -> str:
    """Return what a problem code means; empty for none."""
    try:
        words = _WORDS[Problem(code)]
    except ValueError:
        return ""
    most = limits()
    said = words % {"largest": filesizeformat(most.largest), "pages": most.pages}
    return str(said)
