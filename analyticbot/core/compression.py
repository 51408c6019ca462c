"""Pages go compressed over the network: they are mostly markup, a tenth of which is left."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

_PAGE = "text/html"


class PageCompressionMiddleware(GZipMiddleware):
    """Django's compression, for pages.

    Not for the rest: streamed exports would be cut into small pieces, and the ETags of the API would become weak.
    What a page holds of a secret and what it repeats of an address cannot be told apart by its length (BREACH): the
    CSRF token is masked anew each time, and each answer is lengthened by a random number of bytes (`max_random_bytes`).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress what is a page."""
        if not isinstance(response, HttpResponse) or not response.get("Content-Type", "").startswith(_PAGE):
            return response
        return super().process_response(request, response)
