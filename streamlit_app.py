"""Page config and navigation; nothing else. Start with ``streamlit run streamlit_app.py``."""

import streamlit as st

from assistant.ui import panels, reach
from assistant.ui.backup_view import rescue
from assistant.ui.due_count import review_title
from assistant.ui.session import back_up_in_use, say

st.set_page_config(page_title="学习助手 · Study assistant", page_icon="📚", layout="wide")

if not reach.admitted():
    st.stop()

with panels.errors(), rescue():
    page = st.navigation(
        {
            "": [
                st.Page("assistant/ui/pages/chat.py", title=say("app.chat"), icon="💬", url_path="chat", default=True),
                st.Page("assistant/ui/pages/library.py", title=say("app.library"), icon="🗂️", url_path="library"),
            ],
            say("app.study"): [
                st.Page("assistant/ui/pages/today.py", title=say("app.today"), icon="📅", url_path="today"),
                st.Page("assistant/ui/pages/review.py", title=review_title(), icon="🔁", url_path="review"),
                st.Page("assistant/ui/pages/quiz.py", title=say("app.quiz"), icon="❓", url_path="quiz"),
                st.Page("assistant/ui/pages/cards.py", title=say("app.cards"), icon="🗃️", url_path="cards"),
                st.Page("assistant/ui/pages/glossary.py", title=say("app.glossary"), icon="📖", url_path="glossary"),
                st.Page("assistant/ui/pages/backlog.py", title=say("app.backlog"), icon="🔭", url_path="backlog"),
                st.Page("assistant/ui/pages/guide.py", title=say("app.guide"), icon="🧭", url_path="guide"),
            ],
            say("app.more"): [
                st.Page("assistant/ui/pages/usage.py", title=say("app.usage"), icon="💰", url_path="usage"),
                st.Page("assistant/ui/pages/evaluate.py", title=say("app.evaluate"), icon="📏", url_path="evaluate"),
                st.Page("assistant/ui/pages/settings.py", title=say("app.settings"), icon="⚙️", url_path="settings"),
                st.Page("assistant/ui/pages/doctor.py", title=say("app.doctor"), icon="🩺", url_path="doctor"),
            ],
        }
    )
    panels.appearance()
    page.run()
    panels.language_choice()
    back_up_in_use()
