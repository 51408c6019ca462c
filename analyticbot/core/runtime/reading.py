"""What this process knows of the stored values: read again when it is some seconds old.

Synchronous code reads them itself. Inside an event loop, where a query would hold up everything, a thread reads and the
loop goes on with what is known; whoever asks often, as the collector does, sees a change just as soon.
"""

import asyncio
import logging
import threading
import time
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

logger = logging.getLogger(__name__)

_PRESENT = """
SELECT DISTINCT ON (key) key, value::text, id FROM core_configurationversion ORDER BY key, version DESC
"""
# How long a loop may be held up, once, before it goes on with the defaults; seconds.
_FIRST_WAIT = 5.0
_NEVER = float("-inf")


class Kept:
    """The stored values as last read; shared by the threads of the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, Any] = {}
        self._newest = 0
        self._until = _NEVER

    def value(self, key: str) -> Any:
        """The stored value; None where the default holds."""
        if time.monotonic() >= self._until:
            self._renew()
        return self._values.get(key)

    def forget(self) -> None:
        """Read again at the next question, whatever was read before."""
        with self._lock:
            self._newest, self._until = 0, _NEVER

    def take(self, values: dict[str, Any], *, newest: int) -> None:
        """Go by these values; `newest` is the id of the latest version among them."""
        # Somebody who reads in an old snapshot of the database does not bring the past back.
        if newest >= self._newest:
            self._values, self._newest = values, newest
        self._until = time.monotonic() + settings.CONFIGURATION_KEPT_SECONDS

    def _renew(self) -> None:
        """One thread asks; the others go on with what is known, but for the first time, when nothing is."""
        first = self._until == _NEVER
        if not self._lock.acquire(blocking=first):
            return
        try:
            if time.monotonic() < self._until:
                return
            self._until = time.monotonic() + settings.CONFIGURATION_KEPT_SECONDS
            if _in_event_loop():
                reading = threading.Thread(target=self._read_apart, name="configuration", daemon=True)
                reading.start()
                if first:
                    reading.join(_FIRST_WAIT)
            else:
                self._read()
        finally:
            self._lock.release()

    def _read(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute(_PRESENT)
                rows = cursor.fetchall()
        except DatabaseError as error:
            logger.warning("the configuration could not be read, what is known stands: %s", type(error).__name__)
            return
        # The driver leaves JSON of a cast to text alone; null is SQL's, as a default has no value.
        values = {key: _parse(text) for key, text, _id in rows if text is not None}
        self.take(values, newest=max((row_id for _key, _text, row_id in rows), default=0))

    def _read_apart(self) -> None:
        try:
            self._read()
        finally:
            connection.close()


def _parse(text: str) -> Any:
    import orjson  # only here: every process imports this module

    return orjson.loads(text)


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


kept = Kept()
stored = kept.value
forget_configuration = kept.forget
