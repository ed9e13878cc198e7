"""What can go wrong, each fault by its name."""


class EmbeddingsError(Exception):
    """Root of the package's errors. Do not raise directly."""


class EncoderUnavailable(EmbeddingsError):  # noqa: N818 – named for the fault, as the others
    """The configured encoder cannot be loaded; search answers by words alone."""


class ConfigurationError(EmbeddingsError):
    """The EMBEDDINGS setting is incomplete or contradictory."""
