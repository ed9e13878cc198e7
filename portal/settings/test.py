"""The test suite: hand-placed vectors, quick passwords, nothing outside the process."""

import os

from portal.settings.base import *  # noqa: F403

SECRET_KEY = "tests"  # noqa: S105
ALLOWED_HOSTS = ["*"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MAIL_DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

CONCEPTS = {
    "water": ["water", "nước", "eau", "น้ำ", "水", "ນ້ຳ", "ទឹក", "ماء"],
    "star": ["star", "sao", "étoile", "ดาว", "星", "bintang", "estrela"],
    "honey": ["honey", "mật ong", "miel", "น้ำผึ้ง", "蜂蜜", "madu", "asali"],
    "bamboo": ["bamboo", "tre", "bambou", "ไม้ไผ่", "竹", "bambu"],
}
"""Concepts that the fake encoder places near each other across languages."""

EMBEDDINGS = {
    **EMBEDDINGS,  # noqa: F405
    "ENCODER": {
        "BACKEND": "embeddings.encoders.fake.FakeEncoder",
        "OPTIONS": {"concepts": CONCEPTS, "score_floor": 0.45},
    },
}
if milvus := os.environ.get("PORTAL_TEST_MILVUS"):
    # A file of milvus-lite, or a server: the same tests over vectors that are not in the process.
    EMBEDDINGS["VECTOR_STORE"] = {
        "BACKEND": "milvus",
        "OPTIONS": {"uri": milvus, "collection": "suite"},
    }
