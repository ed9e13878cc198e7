"""Briefs: works and passages that a visitor gathers, orders, comments on and takes along."""
