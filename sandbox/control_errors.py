"""The error of the control port."""


class ControlError(Exception):
    """A command that cannot be carried out."""
