"""A page as a small tree: just enough HTML for pages that one program writes."""

from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser

# Pages nest about 20 deep; walkers are recursive.
MAX_DEPTH = 200
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)


class TooDeep(ValueError):
    """No page of Telegram's nests like this."""


class Node:
    """An element: its children are elements and texts, in order."""

    __slots__ = ("attributes", "children", "classes", "tag")

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.classes = frozenset(attributes.get("class", "").split())
        self.children: list[Node | str] = []

    def walk(self) -> Iterator["Node"]:
        """All elements below this one, in the page's order."""
        waiting: list[Node | str] = self.children[::-1]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Node):
                yield node
                waiting.extend(node.children[::-1])

    def all(self, name: str) -> list["Node"]:
        """Elements below with the class `name`."""
        return [node for node in self.walk() if name in node.classes]

    def first(self, *names: str) -> "Node | None":
        """The first element below that has one of the classes."""
        wanted = frozenset(names)
        return next((node for node in self.walk() if wanted & node.classes), None)

    def tagged(self, tag: str) -> "Node | None":
        """The first element below with that tag."""
        return next((node for node in self.walk() if node.tag == tag), None)

    def text(self) -> str:
        """All text below, spaces and line breaks collapsed."""
        parts: list[str] = []
        waiting: list[Node | str] = [self]
        while waiting:
            node = waiting.pop()
            if isinstance(node, str):
                parts.append(node)
            else:
                waiting.extend(node.children[::-1])
        return " ".join("".join(parts).split())

    def get(self, name: str) -> str:
        """An attribute, "" when absent."""
        return self.attributes.get(name, "")


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("", {})
        self._stack = [self.root]
        self._open: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self._stack[-1].children.append(node)
        if tag in _VOID:
            return
        if len(self._stack) > MAX_DEPTH:
            raise TooDeep
        self._stack.append(node)
        self._open[tag] += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._stack[-1].children.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        # An end without a beginning is passed over; elements left open end with the one around them.
        while self._open[tag]:
            node = self._stack.pop()
            self._open[node.tag] -= 1
            if node.tag == tag:
                return

    def handle_data(self, data: str) -> None:
        self._stack[-1].children.append(data)


def parse_tree(html: str) -> Node:
    """The tree of a page, or of a piece of one. Raises TooDeep."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return builder.root
