"""Imports of files: checked from end to end first, then written in batches that a killed process leaves resumable.

A file is an `ImportFile` row that carries its own work. `add_import` makes one due, `run_due_imports` works off what
is due (a sweep calls it), `import_now` does both in this process. Whoever runs it does the same:

1. Survey: the whole file is read and checked. Anything wrong refuses the file; nothing of it was written.
2. The channel is found or made, and tied to the workspace as *watched*: a file proves no rights.
3. Write: batches through `ingest_messages`, each in one transaction with the row's progress. A process that dies
   leaves a lease that runs out; the next one surveys again and goes on behind the last batch.
4. Finish: report, audit row and completion together.

The state of the channel's sync stays the collector's own: a file does not prove what Telegram still has, so an import
neither completes a sync nor moves its cursor.
"""

from channels_app.importing.options import ImportOptions
from channels_app.importing.report import describe_report
from channels_app.importing.work import add_import, import_now, run_due_imports

__all__ = ["ImportOptions", "add_import", "describe_report", "import_now", "run_due_imports"]
