"""A small transformer that learns from the pairs of the static encoder and starts from its table."""
