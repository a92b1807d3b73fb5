"""Recordings and what is kept of sessions: repair, chapters, search."""
