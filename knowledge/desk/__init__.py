"""Editors' desk: reports and panels of the admin.

An editor sees there what they may change, and what they may open as a reader; never the drafts of
others.
"""
