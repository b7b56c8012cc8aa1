"""Page config and navigation; nothing else. Start with ``streamlit run streamlit_app.py``."""

import streamlit as st

from assistant.ui import panels, reach
from assistant.ui.backup_view import rescue
from assistant.ui.navigation import navigation
from assistant.ui.session import back_up_in_use

st.set_page_config(page_title="学习助手 · Study assistant", page_icon="📚", layout="wide")

if not reach.admitted():
    st.stop()

with panels.errors(), rescue():
    page = navigation()
    panels.appearance()
    page.run()
    panels.language_choice()
    back_up_in_use()
