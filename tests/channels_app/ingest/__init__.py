"""Tests of the only writer of observed facts."""
