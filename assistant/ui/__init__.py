"""What the learner sees: the only rooms that know Streamlit."""
