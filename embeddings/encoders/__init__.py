"""Encoders: texts in, unit vectors and lexical tokens out."""
