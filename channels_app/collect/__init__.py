"""Collecting: carries out the due work of each channel through a leased account, and follows live updates."""
