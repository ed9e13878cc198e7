"""Files on their way in: each is kept as soon as it has arrived, whatever happens to the others."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from knowledge.files.keeping import FileRefused, keep_file
from knowledge.models import MaterialPage, StoredFile
from knowledge.sharing.branches import materials_collection
from knowledge.sharing.drafts import MOST_FILES, attach, responsible_country
from knowledge.sharing.errors import TooMany


def keep_uploads(
    user: User, page: MaterialPage, uploads: "Sequence[UploadedFile[Any]]"
) -> list[str]:
    """Keep files and add them to a material; return what is wrong with those that were refused.

    Raises NotEditable, Http404.
    """
    problems = []
    for upload in uploads:
        try:
            attach(user, page.pk, _kept(user, page, upload))
        except FileRefused as refused:
            problems.append(f"{upload.name}: {refused}")
        except TooMany:
            problems.append(
                _("%(name)s: a material can have %(most)d files at most.")
                % {"name": upload.name, "most": MOST_FILES}
            )
    return problems


def _kept(user: User, page: MaterialPage, upload: "UploadedFile[Any]") -> StoredFile:
    return keep_file(upload, user=user, collection=materials_collection(responsible_country(page)))
