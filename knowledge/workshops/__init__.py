"""Workshops: who takes part, materials that are closed at first, agenda, calendar, follow-up."""
