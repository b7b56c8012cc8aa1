"""The running app under requests that no browser of its learner would send."""

from __future__ import annotations

import random
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from assistant.bootstrap import open_assistant
from assistant.settings import Settings
from tests.conftest import NOTES, write
from tests.reliability.web_client import BINARY, CLOSE, TEXT, Server, Socket, elements, started_as_documented

CANARY = "canary-of-the-data-folder"


@pytest.fixture(scope="module")
def conversation() -> list[int]:
    return []


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, conversation: list[int]) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("web")
    write(folder / "notes", {**NOTES, f"{CANARY}.md": f"# {CANARY}\n\n{CANARY} text\n"})
    app = open_assistant(Settings(notes=(folder / "notes",), data=folder / "data"))
    app.sync().run()
    id_, turn_id = app.conversations.ask(None, "什么是过拟合？")
    app.answer(id_, turn_id, app.prepare("什么是过拟合？")).wait(60)
    app.database.close()
    conversation.append(id_)
    (folder / "data" / "kept.txt").write_text(CANARY)
    choices = {"ASSISTANT_NOTES_DIR": str(folder / "notes"), "ASSISTANT_DATA_DIR": str(folder / "data")}
    with started_as_documented(folder, **choices) as running:
        yield running


@pytest.fixture
def visitor(server: Server) -> Iterator[Socket]:
    """Somebody who has the app open; what others do must not reach them."""
    with server.socket() as opened:
        assert opened.status == 101
        assert_drawn(opened)
        yield opened
        assert_drawn(opened)
    assert server.alive()


def assert_drawn(opened: Socket, query: str = "", page: str = "") -> None:
    kinds = [element.WhichOneof("type") for element in elements(opened.visit(query, page))]

    assert "chat_input" in kinds or "heading" in kinds or "markdown" in kinds
    assert "exception" not in kinds


@pytest.mark.case(115)
def test_started_as_documented_it_listens_on_this_machine_only(server: Server) -> None:
    process = psutil.Process(server.pid)
    listening = {
        connection.laddr.ip
        for one in (process, *process.children(recursive=True))
        for connection in one.net_connections()
        if connection.status == psutil.CONN_LISTEN
    }

    assert listening == {"127.0.0.1"}


@pytest.mark.case(117)
@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "https://evil.example", "null", "http://localhost.evil.example", "http://127.0.0.1.evil.example", "http://evil.example:8501", "file://"],
)  # fmt: skip
def test_a_page_of_another_origin_gets_no_websocket(server: Server, origin: str) -> None:
    assert server.knock(origin=origin) == 403
    assert server.knock() == 101


@pytest.mark.case(117)
@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8501", "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0", "a@localhost"],
)
def test_a_foreign_name_that_points_to_this_machine_gets_no_websocket(server: Server, host: str) -> None:
    assert server.knock(host=host, origin=f"http://{host}") == 403
    assert server.knock(host=host, origin=None) == 403


@pytest.mark.case(118)
def test_another_local_page_still_reaches_the_websocket_but_uploads_need_the_token(server: Server) -> None:
    assert server.knock(origin="http://localhost:9999") == 101  # Streamlit has no option against it

    answer = server.ask("PUT", "/_stcore/upload_file/x/y", headers={"Origin": "http://localhost:9999"}, body=b"x")
    assert answer.status == 403


def multipart(*files: tuple[str, bytes]) -> tuple[dict[str, str], bytes]:
    parts = b"".join(
        b'--b\r\nContent-Disposition: form-data; name="f"%b\r\n\r\n%b\r\n' % (name.encode(), content)
        for name, content in files
    )
    return {"Content-Type": "multipart/form-data; boundary=b"}, parts + b"--b--\r\n"


def token(server: Server) -> dict[str, str]:
    cookie = (
        server.ask("GET", "/_stcore/host-config").headers.get("set-cookie")
        or server.ask("GET", "/_stcore/health").headers["set-cookie"]
    )
    value = cookie.split("=", 1)[1].split(";", 1)[0]
    return {"Cookie": f"_streamlit_xsrf={value}", "X-Xsrftoken": value}


ONE_FILE = ('; filename="../../../evil.pdf"', b"%PDF-1.7")


@pytest.mark.case(119)
@pytest.mark.parametrize(
    "with_token", [{}, {"X-Xsrftoken": "2|forged|forged|1"}, {"Cookie": "_streamlit_xsrf=a", "X-Xsrftoken": "a"}]
)
def test_an_upload_without_the_right_token_is_refused(
    server: Server, visitor: Socket, with_token: dict[str, str]
) -> None:
    headers, body = multipart(ONE_FILE)

    assert server.ask("PUT", "/_stcore/upload_file/s/f", headers={**headers, **with_token}, body=body).status == 403


@pytest.mark.case(119)
def test_an_upload_of_ones_own_session_with_its_token_is_taken(server: Server, visitor: Socket) -> None:
    headers, body = multipart(ONE_FILE)
    answer = server.ask(
        "PUT", f"/_stcore/upload_file/{visitor.session}/f", headers={**headers, **token(server)}, body=body
    )

    assert answer.status == 204  # so what is refused elsewhere is not refused for its form


@pytest.mark.case(119)
@pytest.mark.parametrize("files", [[ONE_FILE], [], [ONE_FILE, ONE_FILE], [("", b"no name")], [('; filename=""', b"")]])
def test_an_upload_into_no_session_of_ones_own_is_refused(
    server: Server, visitor: Socket, files: list[tuple[str, bytes]]
) -> None:
    headers, body = multipart(*files)

    assert (
        400
        <= server.ask(
            "PUT", "/_stcore/upload_file/no-such-session/f", headers={**headers, **token(server)}, body=body
        ).status
        < 500
    )


@pytest.mark.case(119)
@pytest.mark.parametrize(
    "headers",
    [
        {"X-Long": "a" * 200_000},
        {"Content-Type": "multipart/form-data"},
        {"Content-Type": "multipart/form-data; boundary=" + "b" * 5_000},
    ],
)
def test_malformed_uploads_are_answered_with_a_refusal(
    server: Server, visitor: Socket, headers: dict[str, str]
) -> None:
    try:
        status = server.ask("PUT", "/_stcore/upload_file/s/f", headers=headers, body=b"--b\r\n").status
    except (ConnectionError, OSError):
        return  # the server hung up in the middle of the header
    assert 400 <= status < 500


CLIMBS = [
    "../../../../../../etc/passwd", "..%2f..%2f..%2f..%2fetc%2fpasswd", "..%252f..%252fetc%252fpasswd", "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "..\\..\\..\\etc\\passwd", "..%5c..%5cetc%5cpasswd", "....//....//etc/passwd", "/etc/passwd", "%2fetc%2fpasswd", "\\\\evil.example\\share",
    "%5c%5cevil.example%5cshare", "C:/Windows/win.ini", "..;/..;/etc/passwd", "%00", "../streamlit_app.py", "../pyproject.toml", "../.env", "../../data/kept.txt",
]  # fmt: skip


@pytest.mark.case(120)
@pytest.mark.parametrize(
    "root",
    ["/media/", "/static/", "/component/", "/app/static/", "/_stcore/bidi-components/", "/_stcore/upload_file/", "/"],
)
def test_no_path_climbs_out_of_what_is_served(server: Server, root: str) -> None:
    index = server.ask("GET", "/").body
    for climb in CLIMBS:
        answer = server.ask("GET", urllib.parse.quote(root + climb, safe="/%.;:\\"))

        assert 400 <= answer.status < 500 or answer.body == index, (climb, answer.status)
        assert not any(
            secret in answer.body for secret in (b"root:", b"[project]", CANARY.encode(), b"set_page_config")
        )
    assert server.alive()


@pytest.mark.case(121)
def test_the_agent_interface_is_off_and_metrics_name_no_content(server: Server, visitor: Socket) -> None:
    index = server.ask("GET", "/").body
    for path in ("/_stcore/agent/interact", "/_stcore/agent/mcp"):
        answer = server.ask("POST", path, headers={"Content-Type": "application/json"}, body=b"{}")
        assert 400 <= answer.status < 500
        assert b"not_available" in answer.body
    # What the interface would be is described to everybody, of this app it says nothing.
    assert CANARY.encode() not in index + server.ask("GET", "/_stcore/agent/openapi.json").body

    for path in ("/_stcore/metrics", "/_stcore/host-config", "/_stcore/health", "/_stcore/script-health-check"):
        body = server.ask("GET", path).body
        assert not any(word in body for word in (CANARY.encode(), "过拟合".encode(), str(server.log.parent).encode()))


@pytest.mark.case(121, 122)
def test_what_is_downloaded_comes_as_a_file_and_never_as_a_page(server: Server, conversation: list[int]) -> None:
    with server.socket() as opened:
        drawn = elements(opened.visit(f"c={conversation[0]}"))
        ids = [one.download_button.deferred_file_id for one in drawn if one.WhichOneof("type") == "download_button"]
        urls = [opened.made(id_) for id_ in ids if id_]
        assert sum(".html" in url for url in urls) == 1
        for url in urls:
            answer = server.ask("GET", url)
            assert answer.status == 200
            assert answer.headers["content-disposition"].startswith("attachment")
    guessed = server.ask("GET", "/media/" + "0" * 56 + ".html")
    assert guessed.status == 404


@pytest.mark.case(123)
@pytest.mark.parametrize(
    "query",
    ["q=<script>alert(1)</script>", "c=<script>alert(1)</script>", "c=-1", "c=99999999999999999999", "c=1&c=2",
     "c=%00", "c=%27%3B%20DROP%20TABLE%20turns--", "note=../../etc/passwd", "language=<img src=x>", "=&=&&", "%", "%zz=%f0", "a" * 1_000_000, "q=" + "%F0%9F%98%80" * 1_000],
    ids=lambda query: query[:20],
)  # fmt: skip
def test_hostile_queries_are_ignored(server: Server, query: str) -> None:
    with server.socket() as opened:
        drawn = elements(opened.visit(query))
    kinds = [element.WhichOneof("type") for element in drawn]

    assert "exception" not in kinds
    assert "chat_input" in kinds
    assert not any(
        b"<script>alert" in element.SerializeToString() or b"<img src=x>" in element.SerializeToString()
        for element in drawn
    )


@pytest.mark.case(123)
@pytest.mark.parametrize(
    "page", ["no-such-page", "../../etc/passwd", "<script>", "library/../..", "\x00", "a" * 10_000]
)
def test_pages_that_are_not_there_give_the_first_one(server: Server, page: str) -> None:
    with server.socket() as opened:
        assert_drawn(opened, page=page)
    assert server.ask("GET", "/" + urllib.parse.quote(page[:2_000])).status in (200, 400, 404)


MALFORMED = {
    "nothing": b"",
    "no message": b"\xff\xff\xff\xff",
    "a length without end": b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    "groups without end": b"\x0b" * 100_000,
    "a shutdown": b"\x82\x01\x00",
    "random": random.Random(8).randbytes(10_000),
    "30 MB": b"\x00" * (30 << 20),
}


@pytest.mark.case(124)
@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_message_ends_its_own_connection_at_most(server: Server, visitor: Socket, name: str) -> None:
    with server.socket() as hostile:
        hostile.send(MALFORMED[name])
        hostile.send(b"\xff" * 100)
        while hostile.receive()[0] != CLOSE:
            pass


@pytest.mark.case(124)
def test_text_frames_and_false_lengths_end_their_own_connection(server: Server, visitor: Socket) -> None:
    with server.socket() as hostile:
        hostile.send(b"hello", TEXT)
        while hostile.receive()[0] != CLOSE:
            pass
    with server.socket() as hostile:
        hostile.send(b"x", BINARY, claimed=1 << 60)
    with server.socket() as hostile:
        hostile.send(b"x", 3)  # a kind of frame that there is none of


@pytest.mark.case(124)
def test_a_crowd_of_connections_that_say_nothing_leaves_room_for_others(server: Server, visitor: Socket) -> None:
    crowd = [server.socket() for _ in range(200)]
    try:
        assert {one.status for one in crowd} == {101}
        assert_drawn(visitor)
    finally:
        for one in crowd:
            one.__exit__()


def test_the_server_wrote_nothing_of_the_notes_into_its_log(server: Server) -> None:
    printed = Path(server.log).read_text("utf-8", "replace")

    assert CANARY not in printed
    assert "过拟合" not in printed
