"""Programmes side by side."""
