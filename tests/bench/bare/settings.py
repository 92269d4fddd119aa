"""The limit that the product is held against: Django with nothing in it but one table and three views."""

import environ

env = environ.Env()
SECRET_KEY = "the bench"  # it protects nothing
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "tests.bench.bare.urls"
INSTALLED_APPS = ["tests.bench.bare"]
MIDDLEWARE: list[str] = []
DATABASES = {"default": env.db_url("DATABASE_URL") | {"CONN_MAX_AGE": None}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
