"""The configuration of Sphinx for the site that `docs.site.assemble` prepares."""

import tomllib
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_PROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text())

project = "Comment moderation"
author = "The authors of the project"
version = release = _PROJECT["project"]["version"]
language = "en"

extensions = ["myst_parser"]
myst_enable_extensions = ["deflist", "attrs_block"]
myst_heading_anchors = 4  # as GitHub makes them
root_doc = "docs/index"
nitpicky = True
highlight_language = "none"  # of a block that names none: a drawing
suppress_warnings = ["myst.header"]  # a page may begin below the first level

html_theme = "furo"
html_title = f"{project} {release}"
html_extra_path = [
    str(_ROOT / "build/docs/source/root")
]  # an address without a page leads to the first one
html_copy_source = False
html_show_sphinx = False
