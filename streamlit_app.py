"""Page config and navigation; nothing else. Start with ``streamlit run streamlit_app.py``."""

import streamlit as st

from assistant.ui import panels
from assistant.ui.navigation import navigation

st.set_page_config(page_title="学习助手 · Study assistant", page_icon="📚", layout="wide")

with panels.errors():
    page = navigation()
    panels.appearance()
    page.run()
    panels.language_choice()
