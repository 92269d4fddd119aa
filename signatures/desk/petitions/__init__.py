"""Petitions and their letters: edit, import, and the steps of their life."""

from . import admin  # noqa: F401  registers its pages, the letters' with them
from .letters import language_code

__all__ = ["language_code"]
