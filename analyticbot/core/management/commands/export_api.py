"""`manage.py export_api --postman FILE --client FILE`: clients made of the API's document."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from analyticbot.core.clients import postman_collection, python_client, read_document

DEFAULT_POSTMAN = "clients/analyticbot.postman_collection.json"
DEFAULT_CLIENT = "clients/analyticbot_client.py"


class Command(BaseCommand):
    """Writes a Postman collection and a typed Python client."""

    help = "Write a Postman collection and a typed Python client, both made of the API's document."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to write."""
        parser.add_argument("--postman", type=Path, default=Path(DEFAULT_POSTMAN), help=DEFAULT_POSTMAN)
        parser.add_argument("--client", type=Path, default=Path(DEFAULT_CLIENT), help=DEFAULT_CLIENT)

    def handle(self, *_args: Any, postman: Path, client: Path, **_options: Any) -> None:
        """Write both files."""
        document = read_document()
        for path, text in ((postman, postman_collection(document)), (client, python_client(document))):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            self.stdout.write(str(path))
