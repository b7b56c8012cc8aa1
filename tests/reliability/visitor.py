"""A browser session without a browser: speaks Streamlit's own protocol, keeps what is on the page, notices exceptions."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Self

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

PATIENCE = 120.0  # seconds for one message: a loaded machine is slow, a dead app is not waited for


class Visitor:
    """One session with the app at ``address``; open while its ``with`` block runs."""

    def __init__(self, address: str, locale: str = "zh-CN") -> None:
        self.query = self.name = self.session = ""
        self.trouble: list[str] = []
        self.page: dict[tuple[int, ...], Element] = {}
        self._locale = locale
        self._address = address
        self._connecting = connect(
            f"{address.replace('http', 'ws', 1)}/_stcore/stream",
            origin=Origin(address),
            subprotocols=[Subprotocol("streamlit")],
            max_size=None,
            open_timeout=PATIENCE,
            ping_interval=None,  # a browser sends no pings, and hangs up on no server that is slow to answer them
        )

    def __enter__(self) -> Self:
        self._socket = self._connecting.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connecting.__exit__(kind, error, trace)

    def run(self, *states: WidgetState) -> None:
        """Have the page drawn, with what was done to its widgets, and wait for its end."""
        self.send(*states)
        for message in self.messages():
            if message.WhichOneof("type") == "script_finished" and self._is_the_end(message):
                return

    def send(self, *states: WidgetState) -> None:
        """Ask for a run and wait for nothing."""
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_name = self.name
        message.rerun_script.widget_states.widgets.extend(states)
        message.rerun_script.context_info.locale = self._locale
        self._socket.send(message.SerializeToString())

    def ask(self, question: str) -> None:
        """Type a question and wait until the page with its answer stands."""
        self.run(self.typed(question))

    def typed(self, question: str) -> WidgetState:
        """Return what the field for questions says once a question was sent from it."""
        field = next(one.chat_input for one in self.page.values() if one.WhichOneof("type") == "chat_input")
        state = WidgetState(id=field.id)
        state.chat_input_value.data = question
        return state

    def upload(self, name: str, content: bytes) -> int:
        """Give a file to the page's first drop zone as a browser does; return the status of its upload."""
        zone = next(one.file_uploader for one in self.page.values() if one.WhichOneof("type") == "file_uploader")
        asked = BackMsg()
        asked.file_urls_request.request_id = name
        asked.file_urls_request.file_names.append(name)
        asked.file_urls_request.session_id = self.session
        self._socket.send(asked.SerializeToString())
        offered = next(one for one in self.messages() if one.WhichOneof("type") == "file_urls_response")
        (urls,) = offered.file_urls_response.file_urls
        with httpx.Client(base_url=self._address, timeout=PATIENCE) as client:
            client.get("/_stcore/health")  # brings the cookie
            token = client.cookies.get("_streamlit_xsrf") or ""
            sent = client.put(urls.upload_url, files={"file": (name, content)}, headers={"X-Xsrftoken": token})
        if sent.is_success:
            state = WidgetState(id=zone.id)
            info = state.file_uploader_state_value.uploaded_file_info.add()
            info.name, info.size, info.file_id = name, len(content), urls.file_id
            info.file_urls.CopyFrom(urls)
            self.run(state)
        return sent.status_code

    @property
    def words(self) -> str:
        """What can be read on the page in Markdown."""
        return "\n".join(self.page[place].markdown.body for place in sorted(self.page))

    def messages(self) -> Iterator[ForwardMsg]:
        """Yield what the app sends, after the page has followed it."""
        while True:
            message = ForwardMsg()
            data = self._socket.recv(timeout=PATIENCE)
            message.ParseFromString(data if isinstance(data, bytes) else data.encode())
            self._follow(message)
            yield message

    def _follow(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        place = tuple(message.metadata.delta_path)
        if kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "new_session":
            self.session = message.new_session.initialize.session_id or self.session
            self.page.clear()
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            self.page[place] = element
            if element.WhichOneof("type") == "exception":
                self.trouble.append(f"{element.exception.type}: {element.exception.message}")
        elif kind == "delta" and message.delta.WhichOneof("type") == "add_block":
            for below in [one for one in self.page if one[: len(place)] == place]:
                del self.page[below]

    def _is_the_end(self, message: ForwardMsg) -> bool:
        """Tell whether a run ended and no other follows it at once; one that did not compile is trouble."""
        if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            self.trouble.append("the script did not compile")
            return True
        return message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
