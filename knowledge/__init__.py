"""What editors write and readers see: pages, snippets, search views and the API."""
