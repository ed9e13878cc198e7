"""Measuring encoders: translation matching and question-to-passage retrieval, per language."""
