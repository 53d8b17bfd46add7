"""Sphinx configuration of the WRT documentation.

Builds offline and without warnings: sphinx-build -W --keep-going -b html docs target/docs
"""

import tomllib
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList
from sphinx.util.nodes import nested_parse_with_titles

WORKSPACE = tomllib.loads((Path(__file__).parent.parent / "Cargo.toml").read_text())

project = "WRT"
author = "the WRT developers"
project_copyright = "the WRT developers"
release = WORKSPACE["workspace"]["package"]["version"]
version = release

extensions = ["sphinx_needs", "myst_parser", "sphinx.ext.extlinks", "sphinxcontrib.plantuml", "sphinx_codelinks", "sphinx_test_reports"]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
exclude_patterns = ["_build", "requirements.txt"]
nitpicky = True

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

# What rustdoc makes of the crates, from pages of the uppermost folder. `just api` makes it; see api.rst.
extlinks = {"rust": ("../doc/%s", None)}
extlinks_detect_hardcoded_links = False

html_theme = "furo"
html_title = f"WRT {release}"
html_copy_source = False
html_show_copyright = False
# No font, script or image comes from elsewhere: the pages read the same without a network.
html_theme_options = {"source_view_link": "", "top_of_page_buttons": []}

html_static_path = ["_static"]
html_css_files = ["page.css"]

# --- Diagrams ----------------------------------------------------------------------------------

# All in one process of PlantUML, which takes longer to start than to draw. What it drew is kept beside the pages.
plantuml = ["plantuml", "-config", str(Path(__file__).parent / "architecture" / "diagrams" / "style.iuml")]
plantuml_output_format = "svg_img"
plantuml_batch_size = 100

# --- Code --------------------------------------------------------------------------------------

# Marks in the sources, `// @need-ids: REQ_…`, become links from items to pages of the source. Folders that are not there are left out: a
# copy of the documentation builds without them.
MARKED = "safety wrt-instructions wrt-runtime wrt wrt-component wrt-wasi wrtd conformance firmware fuzz"


def marked(folder, field, include, exclude):
    """The marks of a folder's files, for a field of items."""
    return {
        "source_discover": {
            "src_dir": f"../{folder}",
            "comment_type": "rust",
            "include": include,
            "exclude": exclude,
            "gitignore": True,
        },
        "ref_url_field": field,
    }


FOLDERS = [folder for folder in MARKED.split() if (Path(__file__).parent.parent / folder).is_dir()]
TESTS = ["**/tests/**", "tests/**", "**/tests.rs", "**/*_tests.rs"]
src_trace_config_from_toml = None
src_trace_set_local_url = True
src_trace_projects = {folder: marked(folder, "code", ["**/*.rs"], TESTS) for folder in FOLDERS}
src_trace_projects |= {f"{folder} tests": marked(folder, "tests", TESTS, []) for folder in FOLDERS}
# Whether the tree is a repository, and where it was cloned from, is no matter: links lead into these pages.
suppress_warnings = [f"codelinks.git_{part}" for part in ("root", "config", "remote", "head", "ref", "host")]

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
needs_role_need_max_title_length = 80
# As the layout `clean`, with places in the code at the end.
needs_default_layout = "item"
needs_layouts = {
    "item": {
        "grid": "simple",
        "layout": {
            "head": [
                "<<meta('type_name')>>: **<<meta('title')>>** <<meta_id()>> <<collapse_button('meta', "
                "collapsed='icon:arrow-down-circle', visible='icon:arrow-right-circle', initial=False)>>"
            ],
            "meta": [
                "<<meta_all(no_links=True, exclude=['layout', 'style', 'code', 'tests'])>>",
                "<<meta_links_all()>>",
                "<<meta('code', prefix='code: ')>>",
                "<<meta('tests', prefix='tests: ')>>",
            ],
        },
    }
}

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

# --- Evidence that is stored in the tree ---------------------------------------------------------

HERE = Path(__file__).parent


def read(name):
    return tomllib.loads((HERE / name).read_text())


class Written(Directive):
    """A table that follows from files; `lines` gives its rows, the head first."""

    def run(self):
        text = [".. list-table::", "   :header-rows: 1", ""]
        for row in self.lines():
            for at, cell in enumerate(row):
                text.append(f"   {'* -' if at == 0 else '  -'} {cell}")
        self.state.document.settings.record_dependencies.add(__file__)
        container = nodes.container()
        self.state.nested_parse(StringList(text, __file__), self.content_offset, container)
        return container.children


class TestRuns(Directive):
    """What came of each test, where `just trace` left it; else how it is made."""

    def run(self):
        file = self.state.document.settings.env.config.junit
        text = [f".. test-results:: {file}"]
        if not Path(file).is_file():
            text = ["These pages were built without results. ``just trace`` makes them, and ``just docs`` after it shows them."]
        container = nodes.section()
        nested_parse_with_titles(self.state, StringList(text, __file__), container, self.content_offset)
        return container.children


class Campaigns(Written):
    """What campaigns there are, and what came of the last of each."""

    def lines(self):
        yield ["campaign", "what", "last", "outcome", "counts"]
        for name, campaign in read("campaigns.toml").items():
            title = campaign["title"].replace("*", "\\*")
            record = HERE / "campaigns" / f"{name}.toml"
            if not record.exists():
                yield [f"``{name}``", title, "never", "", ""]
                continue
            record = tomllib.loads(record.read_text())
            last = f"{record['date'][:10]}, ``{record['commit'][:10]}``, {record['seconds']} s"
            figures = {**record["counts"], **record.get("figures", {})}
            counts = ", ".join(f"{what}: {count:,}" if isinstance(count, int) else f"{what}: {count}" for what, count in figures.items())
            yield [f"``{name}``", title, last, record["outcome"], counts]


class Coverage(Written):
    """How much of each qualified crate has to run, and how many lines and outcomes of conditions are justified."""

    def lines(self):
        stated = read("uncovered.toml")
        yield ["crate", "lines and outcomes that ran or are justified, at least", "lines justified", "outcomes justified"]
        for crate, least in stated["least"].items():
            own = [items for file, items in stated.get("uncovered", {}).items() if file.startswith(f"{crate}/")]
            reasons = [reason for items in own for reason in items.values()]
            justified = (str(sum(reason.get(what, 0) for reason in reasons)) for what in ("lines", "branches"))
            yield [f"``{crate}``", f"{least:g} %", *justified]


class Dependencies(Written):
    """Direct dependencies with their reasons."""

    def lines(self):
        yield ["package", "why", "for"]
        for name, reason in read("dependencies.toml")["dependencies"].items():
            yield [f"``{name}``", reason["why"], " ".join(f":need:`{need}`" for need in reason["for"])]


def shorten(_app, config):
    """Names of places in the code begin with the folder of their crate."""
    for field in ("code", "tests"):
        if link := config.needs_string_links.get(field):
            link["link_name"] = "{{codelinks_value | replace('../', '')}}"


def setup(app):
    app.connect("config-inited", shorten, priority=13)
    # Set by .ci/docs, which knows the build folder.
    app.add_config_value("junit", "", "env")
    app.add_directive("test-runs", TestRuns)
    app.add_directive("campaigns", Campaigns)
    app.add_directive("coverage", Coverage)
    app.add_directive("dependencies", Dependencies)
