"""Sphinx configuration of the WRT documentation.

Builds offline and without warnings: sphinx-build -W --keep-going -b html docs target/docs
"""

import tomllib
from pathlib import Path

WORKSPACE = tomllib.loads((Path(__file__).parent.parent / "Cargo.toml").read_text())

project = "WRT"
author = "the WRT developers"
project_copyright = "the WRT developers"
release = WORKSPACE["workspace"]["package"]["version"]
version = release

extensions = ["sphinx_needs", "myst_parser"]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
exclude_patterns = ["_build", "requirements.txt"]
nitpicky = True

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"WRT {release}"
html_copy_source = False
html_show_copyright = False
# No font, script or image comes from elsewhere: the pages read the same without a network.
html_theme_options = {"source_view_link": "", "top_of_page_buttons": []}

# --- Needs -------------------------------------------------------------------------------------

needs_types = [
    {"directive": "req", "title": "Requirement", "prefix": "REQ_", "color": "#BFD8D2", "style": "node"},
    {"directive": "spec", "title": "Design", "prefix": "SPEC_", "color": "#FEDCD2", "style": "node"},
    {"directive": "impl", "title": "Implementation", "prefix": "IMPL_", "color": "#DF744A", "style": "node"},
    {"directive": "test", "title": "Test", "prefix": "T_", "color": "#DCB239", "style": "node"},
    {"directive": "safety", "title": "Safety mechanism", "prefix": "SAFETY_", "color": "#FF6B6B", "style": "node"},
    {"directive": "qual", "title": "Qualification", "prefix": "QUAL_", "color": "#9370DB", "style": "node"},
    {"directive": "hazard", "title": "Hazard", "prefix": "HAZ_", "color": "#E9967A", "style": "node"},
    {"directive": "failure", "title": "Failure mode", "prefix": "FM_", "color": "#F4A460", "style": "node"},
    {"directive": "constraint", "title": "Assumption of use", "prefix": "CNST_", "color": "#4682B4", "style": "node"},
]
needs_id_required = True
needs_id_regex = r"^(REQ|SPEC|IMPL|T|SAFETY|QUAL|CNST|HAZ|FM)_[A-Z0-9_]+$"
needs_build_json = True
needs_reproducible_json = True
needs_max_title_length = 80

# open: not built, or nothing in the code is marked with it yet; partial: the text says what is missing;
# built: a mark in the code or the tests names it; assumed: an assumption of use, which others ensure; identified: a hazard
# or a failure mode, whose control is for the traceability report to say.
STATUSES = ["open", "partial", "built", "assumed", "identified"]
needs_fields = {
    "status": {"schema": {"type": "string", "enum": STATUSES}, "nullable": True},
    "integrity": {
        "description": "What a failure to meet the requirement can do",
        "schema": {"type": "string", "enum": ["high", "medium", "low"]},
        "nullable": True,
    },
    "verification": {
        "description": "How it is shown that the requirement is met",
        "schema": {
            "type": "array",
            "items": {"type": "string", "enum": ["test", "analysis", "inspection", "review"]},
        },
        "nullable": True,
    },
    "rationale": {"description": "Why the requirement exists", "schema": {"type": "string"}, "nullable": True},
    "met_by": {
        "description": "tree: what is in the tree and what is not meets it, rather than some piece of code",
        "schema": {"type": "string", "enum": ["tree"]},
        "nullable": True,
    },
    "targets": {
        "description": "Where tests have to show it; without it, on the host",
        "schema": {"type": "array", "items": {"type": "string"}},
        "nullable": True,
    },
    "shown_by": {
        "description": "What shows that an assumption of use holds",
        "schema": {"type": "string"},
        "nullable": True,
    },
}
needs_links = {
    "links": {"outgoing": "links", "incoming": "linked from"},
    "assumes": {
        "outgoing": "assumes",
        "incoming": "assumed by",
        "target_types": ["constraint"],
    },
    "guarded_by": {"outgoing": "guarded by", "incoming": "guards", "target_types": ["req", "qual"]},
    "mitigated_by": {"outgoing": "mitigated by", "incoming": "mitigates", "target_types": ["req", "qual"]},
    "leads_to": {"outgoing": "leads to", "incoming": "caused by", "target_types": ["hazard"]},
}


def required(directive, *fields, statuses):
    """The fields that each item of a kind has, or the build fails."""
    return {
        "id": directive,
        "select": {"properties": {"type": {"const": directive}}},
        "validate": {
            "local": {
                "required": ["status", *fields],
                "properties": {"status": {"enum": statuses}},
            }
        },
    }


BUILDABLE = ["open", "partial", "built"]
needs_schema_definitions = {
    "schemas": [
        required("req", "integrity", "verification", "rationale", statuses=BUILDABLE),
        required("qual", "verification", "rationale", statuses=BUILDABLE),
        required("spec", "links", statuses=BUILDABLE),
        required("impl", "links", statuses=BUILDABLE),
        required("constraint", "shown_by", "guarded_by", statuses=["assumed"]),
        required("hazard", "mitigated_by", statuses=["identified"]),
        required("failure", "mitigated_by", "leads_to", statuses=["identified"]),
    ]
}
