"""Why a file cannot be imported, in words for the person who gave it."""

from analyticbot.core.errors import InvalidInput


class ImportRefused(InvalidInput):
    """The file cannot be imported as it is; nothing of it was written. Says where (1-based) when that is known."""

    code = "import_refused"

    def __init__(
        self, message: str, *, record: int | None = None, line: int | None = None, offset: int | None = None
    ) -> None:
        super().__init__(message, field="file")
        self.record = record
        self.line = line
        self.offset = offset


class BadValue(ValueError):
    """A value of one record that cannot be; the reader adds the place and refuses the file."""
