"""Compare pages, passage rows, this process's indexes and the files on disk."""

from django.db import DatabaseError, connection

from embeddings.service import compare_rows_with_view, stored_state, wanted_state
from knowledge.documents import document_key, load_document
from knowledge.files.strays import missing_files
from knowledge.sync import page_ids_to_sync


def differences() -> list[str]:
    """Return one line per difference; an empty list when all agree."""
    damage = _damage()
    if damage:
        return damage  # what is read from it means nothing
    found = [f"file {file.pk}: {file.file.name} is not there" for file in missing_files()]
    for page_id in page_ids_to_sync():
        key = document_key(page_id)
        document = load_document(page_id)
        wanted = wanted_state(document) if document is not None else []
        if wanted != stored_state(key):
            found.append(f"page {page_id}: its passages are not what the page says now")
    report = compare_rows_with_view()
    if not report.is_consistent:
        found.append(
            f"{report.passages} rows, {report.in_dense} in the dense index, "
            f"{report.in_lexical} in the lexical index, {report.foreign} of another encoder"
        )
    return found


def _damage() -> list[str]:
    """Return what SQLite finds wrong with its file; other databases look after theirs."""
    if connection.vendor != "sqlite":
        return []
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA quick_check")
            lines = [str(line) for (line,) in cursor.fetchall()]
    except DatabaseError as error:
        lines = [str(error)]
    return [f"database: {line}" for line in lines if line != "ok"]
