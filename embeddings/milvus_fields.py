"""What Milvus holds of a passage, and how it is asked: fields, indexes, filter expressions.

Nothing that a reader or an editor wrote stands in an expression as it is: values of facets become
whole numbers, keys and scopes hexadecimal digits, so there is nothing to escape.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from embeddings.models import Passage

LAYOUT = 1
"""Bump on any change of what the fields hold; another layout is another collection."""
CELLS = 2_048
"""Cells of an index of the larger kind; Milvus makes fewer for a segment with few passages."""
_EXACT_UP_TO = 200_000
_CELLS_SCANNED = 0.25
_MORE_OF_FEWER = 0.35
"""How the share of scanned cells rises as a filter narrows, as `embeddings.dense` has it."""
_NEVER = 1e12
"""Stands for the moment at which a document without an end expires."""
_MOST_TAGS = 4_096
"""What Milvus allows of an array."""
_HEX_OF_A_CHARACTER = 8
"""Digits for the longest character in UTF-8."""

PASSAGE_COLUMNS = ("pk", "document_key", "facets", "scope", "visible_until", "vector")
"""Of a row, what `entity` makes of it."""
PassageColumns = tuple[int, str, Mapping[str, Sequence[str]], str, datetime | None, bytes]


def entity(row: PassageColumns) -> dict[str, Any]:
    """Return what Milvus holds of a row, given as `PASSAGE_COLUMNS`.

    Of a document with more than 4,096 values in its facets some are left out; Milvus has no room.
    """
    pk, key, facets, scope, visible_until, vector = row
    tags = sorted({_tag(facet, value) for facet, values in facets.items() for value in values})
    return {
        "id": pk,
        "document_key": hexadecimal(key),
        "scope": hexadecimal(scope),
        "tags": tags[:_MOST_TAGS],
        "visible_until": visible_until.timestamp() if visible_until else _NEVER,
        "vector": np.frombuffer(vector, "<f2").astype(np.float32),
    }


def schema(client: Any, *, dimensions: int) -> Any:
    """Return the fields of a collection, in pymilvus' own terms."""
    from pymilvus import DataType

    fields = client.create_schema(auto_id=False, enable_dynamic_field=False)
    fields.add_field("id", DataType.INT64, is_primary=True)
    for field in (Passage.document_key.field, Passage.scope.field):
        longest = _HEX_OF_A_CHARACTER * (field.max_length or 0)
        fields.add_field(field.name, DataType.VARCHAR, max_length=longest)
    fields.add_field("tags", DataType.ARRAY, element_type=DataType.INT64, max_capacity=_MOST_TAGS)
    fields.add_field("visible_until", DataType.DOUBLE)
    fields.add_field("vector", DataType.FLOAT_VECTOR, dim=dimensions)
    return fields


def index_for(count: int) -> dict[str, Any]:
    """Return the kind of index for so many passages: exact, then cells with codes of one byte.

    Both take deletions and filters. The graphs that Milvus offers as well need four times the
    memory.
    """
    if count <= _EXACT_UP_TO:
        return {"index_type": "FLAT", "params": {}}
    return {"index_type": "IVF_SQ8", "params": {"nlist": CELLS}}


def cells_scanned(share: float) -> int:
    """Return how many cells are scanned when filters and rights leave this share of the passages."""
    wider = float(max(share, 1e-6) ** -_MORE_OF_FEWER)
    return min(CELLS, round(CELLS * _CELLS_SCANNED * wider))


def may_be_found(
    *, filters: Mapping[str, Sequence[str]], barred_scopes: frozenset[str], now: float
) -> str:
    """Return the expression for what may be found; parameters as `MilvusStore.search` has them."""
    parts = [f"visible_until > {now:.9f}"]
    for facet, values in sorted(filters.items()):
        if values:
            tags = ", ".join(str(tag) for tag in sorted({_tag(facet, one) for one in values}))
            parts.append(f"array_contains_any(tags, [{tags}])")
    if barred_scopes:
        below = " or ".join(f'scope like "{hexadecimal(one)}%"' for one in sorted(barred_scopes))
        parts.append(f"not ({below})")
    return " and ".join(parts)


def of_documents(keys: Sequence[str]) -> str:
    """Return the expression for all passages of some documents."""
    quoted = ", ".join(f'"{hexadecimal(key)}"' for key in keys)
    return f"document_key in [{quoted}]"


def _tag(facet: str, value: str) -> int:
    """Return 63 bits for a value of a facet; two values share them by a chance of 10⁻¹⁹."""
    name = f"{facet}\0{value}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "big") >> 1


def hexadecimal(text: str) -> str:
    """Return the digits of a text; those of its beginning are the beginning of its digits."""
    return text.encode("utf-8", "surrogatepass").hex()
