"""Proves the trail, or names the first row of each chain that is not as it was written."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import connection
from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _

from analyticbot.core.audit import AuditAction
from analyticbot.core.trail.anchors import AnchorLine, lines_of
from analyticbot.core.trail.chain import START, Facts, KeyUnknown, Words, hash_anchor, hash_entry, hash_words
from analyticbot.core.trail.models import AuditAnchor, AuditEntry, AuditWords

_PAGE = 2_000
# Every workspace that has a trail, one index look-up each: the trail itself may be long.
_CHAINS = """
WITH RECURSIVE chain AS (
  (SELECT workspace_id FROM core_auditentry WHERE workspace_id IS NOT NULL ORDER BY workspace_id LIMIT 1)
  UNION ALL
  SELECT (SELECT e.workspace_id FROM core_auditentry e WHERE e.workspace_id > chain.workspace_id
          ORDER BY e.workspace_id LIMIT 1) FROM chain WHERE chain.workspace_id IS NOT NULL
)
SELECT workspace_id FROM chain WHERE workspace_id IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """The first thing that is wrong in a chain: at which place, and in which row if there is one."""

    # Null: of no workspace.
    workspace_id: int | None
    seq: int
    entry_id: int | None
    what: str

    def __str__(self) -> str:
        chain = _("No workspace") if self.workspace_id is None else _("Workspace %d") % self.workspace_id
        row = "" if self.entry_id is None else f" (id {self.entry_id})"
        return _("%(chain)s, row %(seq)d%(row)s: %(what)s") % {
            "chain": chain,
            "seq": self.seq,
            "row": row,
            "what": self.what,
        }


@dataclass(slots=True)
class Verified:
    """What was looked at, and what is wrong; `findings` and `anchor_findings` are empty when all is as written."""

    chains: int = 0
    rows: int = 0
    anchors: int = 0
    # Entries whose words were forgotten: their words are proven by nothing any more, their facts are.
    forgotten: int = 0
    findings: list[Finding] = field(default_factory=list)
    anchor_findings: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """True if nothing is wrong."""
        return not self.findings and not self.anchor_findings


def verify_trail(*, workspace_id: int | None = None, anchor_file: Path | None = None) -> Verified:
    """Look at every row of all chains (or of a workspace's), at every anchor, and at the lines of `anchor_file`.

    Reads 2,000 rows at a time and locks nothing: what is written meanwhile may or may not be looked at. A file that
    cannot be read, or holds something else, is a finding.
    """
    found = Verified()
    lines, anchors = _lines(anchor_file, found), list(AuditAnchor.objects.order_by("number"))
    for chain in [workspace_id] if workspace_id is not None else [*_chains(), None]:
        _verify_chain(chain, found)
    return _verify_the_rest(anchors, lines, found, only=workspace_id)


def verify_recent(*, since: datetime, anchor_file: Path | None = None) -> Verified:
    """As `verify_trail`, but of the chains only the rows behind the last anchor before `since`.

    For a look each day, which must not take longer the longer the trail is. What an anchor saw is still compared.
    """
    found = Verified()
    lines, anchors = _lines(anchor_file, found), list(AuditAnchor.objects.order_by("number"))
    seen = max((anchor.last_entry for anchor in anchors if anchor.at <= since), default=0)
    recent = AuditEntry.objects.filter(pk__gt=seen).order_by("workspace_id").values("workspace_id")
    for row in recent.annotate(first=Min("seq")):
        _verify_chain(row["workspace_id"], found, after=row["first"] - 1)
    return _verify_the_rest(anchors, lines, found, only=None)


def _lines(path: Path | None, found: Verified) -> list[AnchorLine]:
    try:
        return list(lines_of(path)) if path else []
    except (OSError, ValueError) as error:
        found.anchor_findings.append(_("The anchors of the file cannot be read: %s") % error)
        return []


def _verify_the_rest(
    anchors: list[AuditAnchor], lines: list[AnchorLine], found: Verified, *, only: int | None
) -> Verified:
    found.anchors = len(anchors)
    _verify_anchors(anchors, found)
    _verify_ends(anchors, found, only=only)
    _verify_forgetting(found, only=only)
    known = {anchor.number: bytes(anchor.hash).hex() for anchor in anchors}
    for line in lines:
        if known.get(line.number) != line.hash:
            found.anchor_findings.append(_("Anchor %d is not the one that its file holds.") % line.number)
            break
    return found


def _chains() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_CHAINS)
        return [number for (number,) in cursor.fetchall()]


def _verify_chain(workspace_id: int | None, found: Verified, *, after: int = 0) -> None:
    """Rows behind place `after`, whose row is taken as it stands."""
    before = AuditEntry.objects.filter(workspace_id=workspace_id, seq=after).first()
    last, prev_hash, any_row = (before.seq, bytes(before.hash), False) if before else (0, START, False)
    for entry in _rows(workspace_id, after=last):
        any_row = True
        what = _fault(entry, seq=last + 1, prev_hash=prev_hash)
        if what is not None:
            missing = entry.seq > last + 1
            found.findings.append(
                Finding(workspace_id, last + 1 if missing else entry.seq, None if missing else entry.pk, what)
            )
            break
        last, prev_hash = entry.seq, bytes(entry.hash)
        found.rows += 1
        found.forgotten += entry.words.forgotten_by is not None
    found.chains += any_row


def _rows(workspace_id: int | None, *, after: int) -> Iterator[AuditEntry]:
    rows = AuditEntry.objects.filter(workspace_id=workspace_id).order_by("seq")
    while page := list(rows.filter(seq__gt=after)[:_PAGE]):
        yield from page
        after = page[-1].seq


def _fault(entry: AuditEntry, *, seq: int, prev_hash: bytes) -> str | None:
    """What is wrong with this row, expected at `seq` behind the row with that hash."""
    if entry.seq > seq:
        return _("it is missing.")
    if bytes(entry.prev_hash) != prev_hash:
        return _("it does not follow the row before it.")
    try:
        if _hash_of(entry) != bytes(entry.hash):
            return _("it was changed, or not written by AnalyticBot.")
        return _fault_of_words(entry)
    except KeyUnknown as unknown:
        return _("it is signed with key %s, which neither AUDIT_KEYS nor ENC_KEYS holds.") % unknown


def _hash_of(entry: AuditEntry) -> bytes:
    facts = Facts(*(getattr(entry, name) for name in Facts._fields))
    return hash_entry(facts, words_hash=bytes(entry.words_hash), prev_hash=bytes(entry.prev_hash), key=entry.key)


def _fault_of_words(entry: AuditEntry) -> str | None:
    try:
        words = entry.words
    except AuditWords.DoesNotExist:
        return _("its words are missing.")
    if words.forgotten_by is not None and entry.action != AuditAction.PERSON_FORGOTTEN:
        return None  # counted against the entry that tells of it, whose own words are never forgotten
    told = Words(*(getattr(words, name) for name in Words._fields))
    if hash_words(told, salt=bytes(words.salt), key=entry.key) != bytes(entry.words_hash):
        return _("its words were changed.")
    return None


def _verify_anchors(anchors: list[AuditAnchor], found: Verified) -> None:
    """The anchors are a chain themselves."""
    prev_hash = START
    for number, anchor in enumerate(anchors, start=1):
        wrong = anchor.number != number or bytes(anchor.prev_hash) != prev_hash
        if wrong or _hash_of_anchor(anchor) != bytes(anchor.hash):
            found.anchor_findings.append(_("Anchor %d is missing or was changed.") % number)
            return
        prev_hash = bytes(anchor.hash)


def _hash_of_anchor(anchor: AuditAnchor) -> bytes | None:
    try:
        return hash_anchor(
            anchor.number,
            at=anchor.at,
            heads=anchor.heads,
            last_entry=anchor.last_entry,
            prev_hash=bytes(anchor.prev_hash),
            key=anchor.key,
        )
    except KeyUnknown:
        return None


_MISSED = """
SELECT h.chain, h.seq, (SELECT max(e.seq) FROM core_auditentry e WHERE e.workspace_id IS NOT DISTINCT FROM h.chain)
FROM (SELECT nullif(key::bigint, 0) AS chain, (value->>0)::bigint AS seq, value->>1 AS proof
      FROM jsonb_each(%s::jsonb)) AS h
WHERE (%s::bigint IS NULL OR h.chain = %s) AND NOT EXISTS (
  SELECT FROM core_auditentry e
  WHERE ((e.workspace_id = h.chain AND e.seq = h.seq)
         OR (h.chain IS NULL AND e.workspace_id IS NULL AND e.seq = h.seq))
    AND encode(e.hash, 'hex') = h.proof)
"""


def _verify_ends(anchors: list[AuditAnchor], found: Verified, *, only: int | None) -> None:
    """Every row that an anchor saw at the end of a chain is still there."""
    known = {finding.workspace_id for finding in found.findings}
    for anchor in anchors:
        with connection.cursor() as cursor:
            cursor.execute(_MISSED, [json.dumps(anchor.heads), only, only])
            missed = cursor.fetchall()
        for chain, seq, last in missed:
            if chain not in known:
                known.add(chain)
                cut = seq > (last or 0)
                what = (
                    _("the end of the trail was cut off: anchor %(number)d saw row %(seq)d.")
                    if cut
                    else _("it is not the row that anchor %(number)d saw.")
                )
                place = (last or 0) + 1 if cut else seq
                found.findings.append(Finding(chain, place, None, what % {"number": anchor.number, "seq": seq}))


def _verify_forgetting(found: Verified, *, only: int | None) -> None:
    """Words are missing only where an entry tells of it, and as many as it tells."""
    of_chain = Q() if only is None else Q(entry__workspace_id=only)
    counted = AuditWords.objects.filter(of_chain, forgotten_by__isnull=False).values("forgotten_by")
    for row in counted.annotate(entries=Count("pk")).order_by("forgotten_by"):
        told = AuditEntry.objects.filter(pk=row["forgotten_by"] or 0, action=AuditAction.PERSON_FORGOTTEN).first()
        most = _forgets(told) if told else 0
        if row["entries"] > most or (only is None and row["entries"] != most):
            first = AuditWords.objects.filter(of_chain, forgotten_by=row["forgotten_by"]).order_by("pk")
            entry = first.select_related("entry")[0].entry
            what = _("its words were removed, and no entry tells of it.")
            found.findings.append(Finding(entry.workspace_id, entry.seq, entry.pk, what))


def _forgets(told: AuditEntry) -> int:
    """How many entries this one says were forgotten; none, if its own words are not as they were written."""
    try:
        return (told.after or {}).get("entries", 0) if _fault_of_words(told) is None else 0
    except KeyUnknown:
        return 0
