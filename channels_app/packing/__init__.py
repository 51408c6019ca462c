"""Snapshots of closed posts as one row of arrays each; whole months are then dropped, never deleted row by row."""

from channels_app.packing.curves import PackingMismatch, pack_posts, unpack_posts

__all__ = ["PackingMismatch", "pack_posts", "unpack_posts"]
