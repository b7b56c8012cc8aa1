"""Files on their way from the browser into the app: read once, then forgotten by Streamlit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile


def content_of(file: UploadedFile) -> bytes:
    """Return the bytes of an upload, which nothing holds afterwards: Streamlit would, as long as the page stays open."""
    content = file.getvalue()
    context = get_script_run_ctx()
    if context is not None and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)
    return content
