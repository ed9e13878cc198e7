"""Search over works: form, service, views and their address names."""
