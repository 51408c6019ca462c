"""Translations: `.po` files are compiled to the `.mo` files that Django reads. Uses Babel, needs no gettext tools."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from babel.messages import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogues(locale: Path) -> int:
    """Compile every catalogue below `locale` that is newer than what was compiled; the number compiled."""
    compiled = 0
    for source in sorted(locale.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.is_file() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as handle:
            catalogue = read_po(handle, locale=source.parent.parent.name)
        fresh = target.with_suffix(".mo.new")
        with fresh.open("wb") as handle:
            write_mo(handle, catalogue)
        fresh.replace(target)  # in one step: a running server may read it now
        compiled += 1
    return compiled


@dataclass(frozen=True)
class Catalogue:
    """The messages of one language: identifiers, and those without a (sure) translation."""

    messages: frozenset[str]
    untranslated: frozenset[str]

    @classmethod
    def read(cls, locale: Path, language: str) -> Self:
        """Read `<locale>/<language>/LC_MESSAGES/django.po`; empty if there is none."""
        path = locale / language / "LC_MESSAGES" / "django.po"
        if not path.is_file():
            return cls(frozenset(), frozenset())
        with path.open("rb") as handle:
            messages = [message for message in read_po(handle, locale=language) if message.id]
        lacking = frozenset(_name(m) for m in messages if m.fuzzy or not _is_translated(m.string))
        return cls(frozenset(_name(m) for m in messages), lacking)


def _name(message: Message) -> str:
    text = message.id[0] if isinstance(message.id, list | tuple) else message.id
    return f"{message.context}: {text}" if message.context else str(text)


def _is_translated(string: object) -> bool:
    return all(string) if isinstance(string, list | tuple) else bool(string)


def compare_catalogues(kept: Path, collected: Path | None, languages: tuple[str, ...]) -> str:
    """What is wrong with the kept catalogues: texts that the sources have and they lack, and missing translations.

    `collected` holds catalogues fresh from the sources; None if they could not be collected. Empty text: all is well.
    """
    problems = []
    for language in languages:
        ours = Catalogue.read(kept, language)
        wanted = Catalogue.read(collected, language).messages if collected else ours.messages
        lists = {
            "not in the catalogue (make messages)": wanted - ours.messages,
            "no longer in the sources (make messages)": ours.messages - wanted,
            "not translated": ours.untranslated & wanted,
        }
        problems += [f"{language}: {what}: {text!r}" for what, texts in lists.items() for text in sorted(texts)]
    return "\n".join(problems)


if __name__ == "__main__":
    compile_catalogues(Path(__file__).resolve().parents[2] / "locale")
