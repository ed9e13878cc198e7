"""Pages of countries and of themes: all that is filed under one of them, and where it leads."""
