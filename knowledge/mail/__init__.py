"""Mail: written into the outbox with what causes it, delivered by the worker afterwards."""
