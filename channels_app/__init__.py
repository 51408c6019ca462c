"""What was seen: channels, posts, snapshots, cells, daily facts; collecting and ingest."""
