"""Builds the documentation: sphinx-build -W --keep-going -b html docs docs/_build/html."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from pkgutil import walk_packages

from docutils import nodes
from pygments.lexers.special import TextLexer
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.domains.python import PyClasslike
from sphinx.environment import BuildEnvironment
from sphinx.pycode import ModuleAnalyzer

import backorderkit
from backorderkit import checking, formats, optimize, promising, public_holidays, testing

project = "backorderkit"
author = "The backorderkit developers"
copyright = "the backorderkit developers"  # noqa: A001 - Sphinx's name
version = release = installed_version("backorderkit")

sys.path.append(str(Path(__file__).parent / "_ext"))
extensions = ["life_cycles", "myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "_ext", "examples"]

# A name in single backticks in a docstring is one of ours, and must be found.
default_role = "any"
nitpicky = True
# Other projects' pages are not linked: building needs no network.
nitpick_ignore_regex = [
    (r"py:.*", r"(collections|datetime|decimal|enum|fractions|os|pathlib|typing)\..*"),
    (r"py:.*", r"(holidays|hypothesis|sqlalchemy)\..*"),
    # A type variable has no page.
    (r"py:class", r"backorderkit\..*\._(Source|Key)"),
    # Inside of type aliases the modules of names are gone.
    (r"py:.*", r"date|Decimal|Document|Fraction|Json|Schema|SortKey"),
]

html_theme = "furo"
html_title = f"backorderkit {release}"

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_attr_annotations = False

_plain: dict[str, list[str]] = {}


def setup(app: Sphinx) -> None:
    """Mend what the extensions would make of names and docstrings."""
    app.add_lexer("csv", TextLexer)
    app.connect("missing-reference", _find_by_public_name)
    app.connect("autodoc-process-docstring", _remember_docstring, priority=499)
    app.connect("autodoc-process-docstring", _restore_docstring, priority=501)
    for field in PyClasslike.doc_field_types:
        if field.name == "variable":
            field.label = "Attributes"


def _find_by_public_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.Element | None:
    """Annotations name where a class is written; readers know it by its public name."""
    name = node.get("reftarget", "").rpartition(".")[2]
    for module in (backorderkit, checking, formats, optimize, promising, public_holidays, testing):
        if name in module.__all__:
            return env.domains.python_domain.resolve_xref(
                env,
                node["refdoc"],
                app.builder,
                "obj",
                f"{module.__name__}.{name}",
                node,
                content,
            )
    return None


def _docstrings_of_data() -> dict[str, list[str]]:
    """Read what stands below constants, ids and type aliases; an import of them has lost it."""
    found = dict[str, list[str]]()
    for module in walk_packages(backorderkit.__path__, "backorderkit."):
        if "__main__" not in module.name:
            docs = ModuleAnalyzer.for_module(module.name).find_attr_docs()
            found |= {name: lines for (scope, name), lines in docs.items() if not scope}
    return found


_of_data = _docstrings_of_data()


def _remember_docstring(
    _app: Sphinx, what: str, name: str, _obj: object, _options: object, lines: list[str]
) -> None:
    if what in {"attribute", "data", "property"}:
        _plain[name] = lines.copy()


def _restore_docstring(
    _app: Sphinx, _what: str, name: str, obj: object, _options: object, lines: list[str]
) -> None:
    # Napoleon would take "What is owed: ordered - shipped" for a type and a text.
    data = None if isinstance(obj, type) else _of_data.get(name.rpartition(".")[2])
    lines[:] = data or _plain.pop(name, lines)
