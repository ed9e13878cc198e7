"""Compare pages, passage rows and this process's indexes."""

from embeddings.service import compare_rows_with_view, stored_state, wanted_state
from knowledge.documents import document_key, load_document
from knowledge.sync import page_ids_to_sync


def differences() -> list[str]:
    """Return one line per difference; an empty list when all agree."""
    found = []
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
