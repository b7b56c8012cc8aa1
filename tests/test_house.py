"""The rules of the house, held against every file: what may be imported, named, written and how long it may get."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from assistant.ui.i18n import catalogue

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "assistant").rglob("*.py"))
SOURCES = [*MODULES, ROOT / "streamlit_app.py"]
UI_MODULES = sorted(
    ".".join(file.relative_to(ROOT).with_suffix("").parts)
    for file in (ROOT / "assistant" / "ui").rglob("*.py")
    if file.name != "__init__.py" and file.parent.name != "pages"  # pages are scripts: importing one draws it
)
HEAVY = ("llama_index", "faiss", "openai", "pypdfium2", "pymilvus")
NOT_IN_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "manager", "service", "handler", "misc"}
LONGEST_MODULE, LONGEST_FUNCTION, LONGEST_PAGE = 300, 60, 150

# Where a rule has exceptions, each has a reason.
ENVIRONMENT = {
    "assistant/settings.py": "reads every choice",
}
DOTENV = {"assistant/settings.py"}
KEYS_REVEALED = {
    "assistant/connections.py",  # from the settings into the box
    "assistant/providers/wire.py",  # into the header
    "assistant/bootstrap.py",  # the token of Milvus, from the settings into the box
    "assistant/knowledge/milvus.py",  # into its client
}
SQL = {
    "assistant/database.py",
    "assistant/disk_faults.py",  # hands on what the owners write, and names what SQLite refuses
    "assistant/preferences.py",
    "assistant/backups.py",  # copies and checks the file; names no table
    "assistant/knowledge/lineage.py",
    "assistant/answers/conversations.py",
    "assistant/answers/conversation_search.py",
    "assistant/answers/pictures.py",
    "assistant/answers/scope.py",
    "assistant/money/ledger.py",
    "assistant/knowledge/dates.py",
    "assistant/study/cards.py",
    "assistant/study/reviews.py",
    "assistant/knowledge/store.py",
    "assistant/knowledge/changes.py",
    "assistant/knowledge/unfinished.py",
    "assistant/knowledge/consistency.py",
    "assistant/knowledge/keywords.py",
    "assistant/knowledge/ocr_pages.py",
    "assistant/knowledge/relevance.py",
    "assistant/knowledge/terms.py",
    "assistant/knowledge/uploads.py",
    "assistant/study/quiz_store.py",
    "assistant/study/backlog.py",
    "assistant/study/guide_parts.py",
}
SESSION = {"assistant/ui/session.py"}
# Built at run time from a prefix and a value that the data decides.
DYNAMIC_TEXTS = (
    "state.", "kind.", "problem.", "skip.", "chat.column_", "chat.about_", "chat.quote_", "chat.doubt_", "library.column_",
    "model.rule_", "compare.column_", "prices.column_", "prices.day_", "chats.age_",
    "purpose.", "call.", "refine.method_", "evaluate.metric_", "refine.take_", "refine.what_", "fault.", "usage.period_", "usage.each_", "usage.range_",
    "settings.watch_", "quiz.kind_", "cards.origin_", "cards.only_", "review.grade_", "backup.reason_", "study.kind_", "study.form_", "reach.",
    "app.", "progress.",
)  # fmt: skip


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def nodes(file: Path) -> Iterator[ast.AST]:
    return ast.walk(tree_of(file))


def written(node: ast.AST) -> str:
    return ast.unparse(node)


def files_with(*expressions: str) -> set[str]:
    """Name the files in which an attribute or name is written like one of these."""
    return {
        name_of(file)
        for file in SOURCES
        for node in nodes(file)
        if isinstance(node, ast.Attribute | ast.Name) and written(node) in expressions
    }


@pytest.mark.parametrize(
    "modules", [["assistant.bootstrap"], ["assistant.cli"], UI_MODULES], ids=["bootstrap", "cli", "ui"]
)
def test_importing_the_rooms_loads_nothing_heavy(modules: list[str]) -> None:
    script = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))\n"
        "print('numpy' in sys.modules and 'streamlit' not in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.split("\n")[:2] == ["[]", "False"]


def test_the_check_of_imports_would_notice_a_heavy_one() -> None:
    script = "import sys, assistant.knowledge.nodes\nprint('llama_index' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout == "True\n"


@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_errors_are_caught_by_name(file: Path) -> None:
    broad = [
        node.lineno
        for node in nodes(file)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or re.search(r"\b(Base)?Exception\b", written(node.type)))
    ]

    assert broad == []


@pytest.mark.case(37)
@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_html_is_written_from_constants_only(file: Path) -> None:
    constants = {
        target.id
        for node in tree_of(file).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in (node for node in nodes(file) if isinstance(node, ast.Call)):
        unsafe = any(keyword.arg in ("unsafe_allow_html", "unsafe_allow_javascript") for keyword in call.keywords)
        if unsafe or re.search(r"(^|\.)(html|iframe)$", written(call.func)):
            first = call.args[0]
            literal = isinstance(first, ast.Constant) or (isinstance(first, ast.Name) and first.id in constants)
            assert literal, f"{name_of(file)}:{call.lineno}"


@pytest.mark.case(37)
@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_a_component_gets_its_html_from_no_variable(file: Path) -> None:
    for call in (node for node in nodes(file) if isinstance(node, ast.Call)):
        if written(call.func).endswith("v2.component"):
            html = [keyword.value for keyword in call.keywords if keyword.arg in ("html", "css")]
            assert all(isinstance(value, ast.Constant) for value in html), f"{name_of(file)}:{call.lineno}"


def test_the_environment_is_read_in_one_place() -> None:
    assert files_with("os.environ", "os.getenv", "os.putenv", "environ", "getenv") == set(ENVIRONMENT)


def test_the_file_of_settings_is_written_in_one_place() -> None:
    knowing = {name_of(file) for file in SOURCES if re.search(r"\bdotenv\b", file.read_text("utf-8"))}

    assert knowing == DOTENV


def test_a_key_leaves_its_box_in_few_places() -> None:
    revealing = {
        name_of(file)
        for file in SOURCES
        for node in nodes(file)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "reveal"
    }

    assert revealing == KEYS_REVEALED


def test_session_state_and_shared_parts_are_named_in_one_place() -> None:
    assert files_with("st.session_state", "st.cache_resource") == SESSION
    assert files_with("st.cache_data") <= {"assistant/ui/page_view.py"}


def test_sql_is_written_by_the_owners_of_tables_only() -> None:
    executing = {
        name_of(file)
        for file in SOURCES
        for node in nodes(file)
        if isinstance(node, ast.Attribute) and node.attr in ("execute", "executemany", "executescript")
    }

    assert executing - SQL == set()


def test_streamlit_is_known_upstairs_only() -> None:
    knowing = {
        name_of(file) for file in SOURCES if re.search(r"^\s*(import|from) streamlit\b", file.read_text("utf-8"), re.M)
    }

    assert {name for name in knowing if not name.startswith("assistant/ui/")} == {"streamlit_app.py"}


@pytest.mark.case(125)
@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_nothing_is_imported_that_runs_what_it_reads(file: Path) -> None:
    imported = {
        alias.name.split(".")[0] for node in nodes(file) if isinstance(node, ast.Import) for alias in node.names
    } | {(node.module or "").split(".")[0] for node in nodes(file) if isinstance(node, ast.ImportFrom)}

    assert imported.isdisjoint({"pickle", "cPickle", "dill", "marshal", "shelve", "joblib", "cloudpickle"})
    called = {written(node.func) for node in nodes(file) if isinstance(node, ast.Call)}
    assert called.isdisjoint({"eval", "exec", "os.system"})


@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_names_say_what_a_file_does(file: Path) -> None:
    words = {word for part in file.relative_to(ROOT).with_suffix("").parts for word in part.lower().split("_")}

    assert words.isdisjoint(NOT_IN_NAMES)


@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_a_module_says_what_it_is_and_stays_short(file: Path) -> None:
    lines = file.read_text("utf-8").count("\n")

    assert ast.get_docstring(tree_of(file))
    longest = LONGEST_PAGE if file.parent.name == "pages" else LONGEST_MODULE
    assert lines <= longest


@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_a_function_fits_a_glance(file: Path) -> None:
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1}"
        for node in nodes(file)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]

    assert long == []


@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_nothing_of_one_machine_stands_in_the_source(file: Path) -> None:
    assert not re.search(r"/work/|/tmp/|/home/\w|/root/|[A-Z]:\\\\Users|TODO|FIXME|XXX", file.read_text("utf-8"))


def test_both_languages_have_the_same_texts_with_the_same_places_to_fill() -> None:
    def fields(text: str) -> list[str]:
        return sorted(re.findall(r"{(\w+)}", text))

    chinese, english = catalogue("zh"), catalogue("en")
    assert set(chinese) == set(english)
    assert {name: fields(text) for name, text in chinese.items()} == {
        name: fields(text) for name, text in english.items()
    }
    assert all(text.strip() for text in [*chinese.values(), *english.values()])


def said_in_the_source() -> Iterator[tuple[str, str]]:
    """Yield (place, name) of every constant text that is asked of the catalogue."""
    for file in SOURCES:
        for node in nodes(file):
            if isinstance(node, ast.Call) and written(node.func).rsplit(".", 1)[-1] in ("say", "_say"):
                for value in node.args[:2]:
                    for name in constants_of(value):
                        yield f"{name_of(file)}:{node.lineno}", name


def constants_of(value: ast.AST) -> list[str]:
    """Return the names an argument can be: itself, or both sides of a choice."""
    if isinstance(value, ast.IfExp):
        return constants_of(value.body) + constants_of(value.orelse)
    if isinstance(value, ast.Constant) and isinstance(value.value, str) and "." in value.value:
        return [value.value]
    return []


def chosen_in_the_screens() -> set[str]:
    """Return the texts that a screen chooses first and says later, by way of a variable."""
    screens = [file for file in SOURCES if name_of(file).startswith("assistant/ui/")]
    values = [node.value for file in screens for node in nodes(file) if isinstance(node, ast.Assign)]
    return {name for value in values for name in constants_of(value)}


def test_every_text_that_is_said_exists() -> None:
    said = list(said_in_the_source())

    assert len(said) > 50
    assert [(place, name) for place, name in said if name not in catalogue("zh")] == []


def test_every_text_that_exists_is_said() -> None:
    said = {name for _, name in said_in_the_source()} | chosen_in_the_screens()
    unused = {name for name in catalogue("zh") if name not in said and not name.startswith(DYNAMIC_TEXTS)}

    assert unused == set()


def test_the_prefixes_of_texts_made_at_run_time_are_real() -> None:
    source = "".join(file.read_text("utf-8") for file in SOURCES)

    for prefix in DYNAMIC_TEXTS:
        assert f'f"{prefix}' in source, prefix


SAID_WITH = {"title", "header", "subheader", "caption", "markdown", "text", "write", "error", "warning", "info", "success", "toast",
    "button", "form_submit_button", "download_button", "link_button", "page_link", "checkbox", "toggle", "radio", "selectbox",
    "multiselect", "slider", "select_slider", "segmented_control", "pills", "text_input", "text_area", "number_input", "date_input",
    "time_input", "chat_input", "file_uploader", "expander", "popover", "tabs", "status", "spinner", "progress", "metric", "table",
    "dataframe", "dialog", "Page", "badge", "latex", "feedback", "camera_input", "audio_input", "data_editor", "Column"}  # fmt: skip
SAID_AS = {"label", "body", "help", "placeholder", "text", "title", "value", "caption", "captions", "message", "alt"}
NOT_LANGUAGE = {
    "http://127.0.0.1:8080/v1",  # the shape of an address
    "qwen3:4b",  # the shape of a model's name
    *(f"assistant/ui/pages/{file.name}" for file in (ROOT / "assistant" / "ui" / "pages").glob("*.py")),
}
CHINESE_IN_CODE = {
    "streamlit_app.py": "the window's title is in both languages at once",
    "assistant/ui/render.py": "tables by language",
    "assistant/ui/inline.py": "tables by language",
    "assistant/ui/welcome.py": "tables by language, and headings that make no question",
    "assistant/ui/i18n/__init__.py": "a language is called by its own name",
    "assistant/ui/grammar.py": "what counts as Chinese",
    "assistant/ui/panels.py": "replaces, on Chinese pages, words that Streamlit has in English only",
}


def literals_of(value: ast.AST) -> Iterator[str]:
    """Yield the human words that an argument holds as they are, wherever in an expression they stand."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        if re.search(r"[^\W\d_]{2,}", value.value) and value.value not in NOT_LANGUAGE:
            yield value.value
    elif isinstance(value, ast.Call):
        return  # what a function makes of its arguments is looked at where that function is written
    elif isinstance(value, ast.Subscript | ast.Attribute | ast.Compare | ast.Lambda):
        return
    elif isinstance(value, ast.FormattedValue):
        yield from literals_of(value.value)
    else:
        for part in ast.iter_child_nodes(value):
            yield from literals_of(part)


def literals_said(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and words of each literal that a Streamlit call would put on the screen."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr in SAID_WITH:
            said = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg in SAID_AS)]
            yield from ((call.lineno, words) for value in said for words in literals_of(value))


SCREENS = [file for file in SOURCES if name_of(file).startswith(("assistant/ui/", "streamlit_app"))]


@pytest.mark.parametrize("file", SCREENS, ids=name_of)
def test_no_screen_says_a_text_that_is_in_no_catalogue(file: Path) -> None:
    assert list(literals_said(tree_of(file))) == []


@pytest.mark.parametrize("file", SCREENS, ids=name_of)
def test_chinese_stands_in_the_catalogue_and_in_docstrings_only(file: Path) -> None:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in nodes(file)
        if isinstance(node, documented) and isinstance(node.body[0], ast.Expr)
    }
    chinese = [
        node.value
        for node in nodes(file)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
        and re.search("[\u3400-\u9fff]", node.value)
    ]  # fmt: skip

    assert chinese == [] or name_of(file) in CHINESE_IN_CODE


@pytest.mark.parametrize(
    "line",
    [
        'st.button("Send")', 'st.sidebar.caption(f"{count} notes")', 'st.text_input(say("a.b"), help="Type here")',
        'column.markdown("很好" if done else say("a.b"))', 'st.table({"Name": plain(name)})', 'st.tabs([say("a.b"), "More"])',
    ],
)  # fmt: skip
def test_the_check_of_literals_would_notice_one(line: str) -> None:
    assert len(list(literals_said(ast.parse(line)))) == 1


@pytest.mark.parametrize(
    "line",
    ['st.button(say("a.b"), key="send", icon="📨")', 'st.markdown(f"{number} · {plain(name)}")', 'st.caption("—")'],
)
def test_the_check_of_literals_lets_signs_and_said_texts_pass(line: str) -> None:
    assert list(literals_said(ast.parse(line))) == []
