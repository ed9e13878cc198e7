"""The portal as it runs: its own encoder, mails as files. Only passwords are hashed quickly."""

from portal.settings import base
from portal.settings.test import *  # noqa: F403

EMBEDDINGS = base.EMBEDDINGS
MAIL_DELIVERY_BACKEND = "knowledge.mail.files.FilesBackend"
