"""Texts in, ranked keys out: languages, passages, encoders, dense and lexical index, fusion.

The package speaks of documents, passages, keys, facets and scopes; it knows no pages.
Its door is `embeddings.service`.
"""
