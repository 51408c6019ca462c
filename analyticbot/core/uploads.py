"""Files in forms: refused, unless the view asks for them itself by choosing another handler."""

from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class RefuseFiles(FileUploadHandler):
    """Reads past every file and keeps none: otherwise any form would fill the disk for anybody."""

    def new_file(self, *args: object, **kwargs: object) -> None:  # noqa: ARG002 - Django's signature
        """Pass over the file's content."""
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:  # noqa: ARG002 - Django's signature
        """Keep nothing."""
        return None

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002 - Django's signature
        """There is no file."""
        return
