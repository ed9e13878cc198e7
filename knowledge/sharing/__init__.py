"""Handing in materials: a contributor's draft, its review by the editors of a country, publication."""
