"""Answers and whole tables as files: CSV, XLSX, JSON, PNG, SVG; streamed, or built as due work."""
