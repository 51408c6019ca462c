"""Readers of files that hold a channel's messages: pure, streamed, and strict.

Three forms are read: a Telegram Desktop export (`desktop`), a table in CSV (`csv_rows`) and a Telethon dump
(`telethon_dump`). `reading.open_reading` looks at the content, never at the name, and gives the right one. A reader
either yields records that hold what the file says, or raises `ImportRefused` with the place and the reason.
"""
