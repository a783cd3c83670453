"""Builds the site of the docs (`make docs`).

`assemble` lays out the pages with those that are generated from the code; Sphinx makes
HTML of them by `conf.py`; `check` reads the HTML. What is generated is not committed:
it would be a large diff with each change of the API, and it can't be out of date so.
"""
