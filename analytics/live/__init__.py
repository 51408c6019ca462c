"""Live pages: a ring when a channel's data has moved, sockets that pass it on, and pages that ask for what is new."""
