"""The deployment files, read the way their programs read them."""

from __future__ import annotations

import ast
import fnmatch
import json
import re
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
_NAME = re.compile(r"^(#\s)?([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)
_USED = re.compile(r"(?<!\$)\$\{([A-Z][A-Z0-9_]*)")


@cache
def compose() -> dict[str, Any]:
    """docker-compose.yml with its anchors and merges resolved, its ${…} left as they are."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


def names_compose_uses() -> set[str]:
    """Every name that docker-compose.yml takes from the environment."""
    return set(_USED.findall((ROOT / "docker-compose.yml").read_text()))


def example_names() -> dict[str, str | None]:
    """Each name in .env.example with its value; None where the line is commented out and shows the default."""
    text = (ROOT / ".env.example").read_text()
    return {name: None if hashed else value for hashed, name, value in _NAME.findall(text)}


def example_defaults() -> dict[str, str]:
    """Each name on a commented line of .env.example, with the default it shows."""
    text = (ROOT / ".env.example").read_text()
    return {name: value for hashed, name, value in _NAME.findall(text) if hashed}


def settings_defaults() -> dict[str, str]:
    """Each setting whose default is written out in petition/settings.py as a number, a word or a product of numbers."""
    found = {}
    for call in ast.walk(ast.parse((ROOT / "petition" / "settings.py").read_text())):
        if not (isinstance(call, ast.Call) and ast.unparse(call.func).startswith("env.") and call.args):
            continue
        default = next((word.value for word in call.keywords if word.arg == "default"), None)
        if isinstance(default, ast.Constant | ast.BinOp) and isinstance(call.args[0], ast.Constant):
            value = eval(compile(ast.Expression(default), "settings", "eval"), {"__builtins__": {}})  # noqa: S307
            found[str(call.args[0].value)] = str(value)
    return found


def names_settings_read() -> set[str]:
    """Every name that petition/settings.py takes from the environment, found in its syntax tree."""
    tree = ast.parse((ROOT / "petition" / "settings.py").read_text())
    found = set()
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
            continue
        asked = node.func
        from_env = isinstance(asked, ast.Attribute) and isinstance(asked.value, ast.Name) and asked.value.id == "env"
        if from_env or (isinstance(asked, ast.Name) and asked.id == "_secret"):
            found.add(str(node.args[0].value))
    return found


@dataclass(frozen=True)
class Step:
    """One instruction of the Dockerfile."""

    word: str
    rest: str

    @property
    def words(self) -> list[str]:
        """The exec form's words (JSON), or the plain words."""
        listed: list[str] = json.loads(self.rest) if self.rest.startswith("[") else self.rest.split()
        return listed


def dockerfile() -> list[Step]:
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\s*\\\n\s*", " ", text).splitlines()
    return [Step(*line.split(None, 1)) for line in lines if line.strip()]


def last_command() -> list[str]:
    return next(step.words for step in reversed(dockerfile()) if step.word == "CMD")


def health_check() -> list[str]:
    step = next(step for step in dockerfile() if step.word == "HEALTHCHECK")
    return Step("CMD", step.rest.partition("CMD ")[2]).words


def build_context() -> set[Path]:
    """The files that Docker would be given, relative to the root: .dockerignore's last matching line decides."""
    rules = [
        line.strip() for line in (ROOT / ".dockerignore").read_text().splitlines() if line.strip() and line[0] != "#"
    ]
    kept = set()
    for top in (
        "manage.py",
        "petition",
        "signatures",
        "templates",
        "static",
        "requirements",
        "tests",
        ".git",
        "docs",
    ):
        start = ROOT / top
        files = [start] if start.is_file() else [path for path in start.rglob("*") if path.is_file()]
        kept |= {path.relative_to(ROOT) for path in files if _is_kept(path.relative_to(ROOT), rules)}
    return kept


def _is_kept(path: Path, rules: list[str]) -> bool:
    kept = True
    for rule in rules:
        pattern = rule.removeprefix("!").rstrip("/")
        if any(_matches(part, pattern) for part in (path, *path.parents) if str(part) != "."):
            kept = rule.startswith("!")
    return kept


def _matches(path: Path, pattern: str) -> bool:
    if pattern.startswith("**/"):
        return fnmatch.fnmatchcase(path.name, pattern.removeprefix("**/"))
    return len(path.parts) == pattern.count("/") + 1 and fnmatch.fnmatchcase(str(path), pattern)


def copy_into(folder: Path) -> None:
    """What the build's COPY lines bring into the image's /app, taken from the build context."""
    context = build_context()
    for step in dockerfile():
        if step.word != "COPY" or step.rest.startswith("--from"):
            continue
        source, target = step.words
        if target.startswith("/"):
            continue
        for path in context:
            if path == Path(source) or Path(source) in path.parents:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / path, folder / path)
