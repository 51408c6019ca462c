"""Clients of the API made of its own document: a Postman collection and a typed Python module."""

from analyticbot.core.clients.document import read_document
from analyticbot.core.clients.postman import postman_collection
from analyticbot.core.clients.python import python_client

__all__ = ["postman_collection", "python_client", "read_document"]
