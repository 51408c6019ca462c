"""A post's text out of its HTML: Telegram's formatting becomes entities again."""

import re

from channels_app.importers.formatting import Formatted, note_marked, utf16_length
from channels_app.preview.tree import Node
from mtproto.records import Entity, Reference

_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strike",
    "del": "strike",
    "strike": "strike",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
}
# Telegram writes line breaks as <br>; a raw one comes from whoever laid out the page.
_LAYOUT = re.compile(r"[ \t]*[\r\n][ \t\r\n]*")


class _Writer:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.offset = 0
        self.entities: list[Entity] = []
        self.references: dict[Reference, None] = {}
        self.hashtags: dict[str, None] = {}

    def write(self, text: str, *, verbatim: bool) -> None:
        if not verbatim:
            text = _LAYOUT.sub(" ", text)
            if text.startswith(" ") and (not self.parts or self.parts[-1].endswith((" ", "\n"))):
                text = text[1:]
        if text:
            self.parts.append(text)
            self.offset += utf16_length(text)

    def element(self, node: Node, *, verbatim: bool) -> None:
        if node.tag == "br":
            self.write("\n", verbatim=True)
            return
        if "emoji" in node.classes:
            # The inner element is the picture's fallback, not bold type.
            self.write(node.text(), verbatim=True)
            return
        started, before = self.offset, len(self.parts)
        for child in node.children:
            if isinstance(child, Node):
                self.element(child, verbatim=verbatim or node.tag == "pre")
            else:
                self.write(child, verbatim=verbatim or node.tag == "pre")
        if self.offset > started:
            self._mark(node, started, "".join(self.parts[before:]))

    def _mark(self, node: Node, started: int, text: str) -> None:
        kind, url = _marking(node, text)
        if kind:
            self.entities.append(Entity(kind, started, self.offset - started, url))
            note_marked(kind, text, url, self.references, self.hashtags)


def _marking(node: Node, text: str) -> tuple[str, str | None]:
    if node.tag == "a":
        return _link(node.get("href"), text.strip())
    if node.tag == "tg-emoji":
        return "custom_emoji", f"tg://emoji?id={node.get('emoji-id')}"
    return _KINDS.get(node.tag, ""), None


def _link(href: str, text: str) -> tuple[str, str | None]:
    """The kind of a link; where it leads only when that cannot be read in the text."""
    if href.startswith("?q=") or text.startswith("#"):
        return "hashtag", None
    if text.startswith("@"):
        return "mention", None
    if href.startswith("mailto:"):
        return "email", None
    bare = href.partition("://")[2] or href
    if text in {href, bare, href.rstrip("/"), bare.rstrip("/")}:
        return "url", None
    return ("text_url", href[:2048]) if href else ("", None)


def read_text(node: Node) -> Formatted:
    """Text, entities (offsets in UTF-16 code units), references and hashtags of a message's text element."""
    writer = _Writer()
    for child in node.children:
        if isinstance(child, Node):
            writer.element(child, verbatim=False)
        else:
            writer.write(child, verbatim=False)
    text = "".join(writer.parts)
    kept = text.rstrip()
    entities = tuple(_within(writer.entities, utf16_length(kept)))
    return Formatted(kept, entities, tuple(writer.references), tuple(writer.hashtags))


def _within(entities: list[Entity], length: int) -> list[Entity]:
    """Entities in the order of the text, none beyond its end."""
    kept = [
        Entity(entity.kind, entity.offset, min(entity.length, length - entity.offset), entity.url)
        for entity in entities
        if entity.offset < length
    ]
    return sorted(kept, key=lambda entity: (entity.offset, -entity.length))
