"""Feeds: RSS and Atom by feedparser, given the field names that gofeed has and krakend-rss passes on.

Knows both libraries' names; how a feed is turned into safe XML first stands in `feed_source.py`. Source: krakend-rss 2
`rss.go`, gofeed 1.1.3 `feed.go` and `translator.go`.
"""

import io
import time
from collections.abc import Iterable, Mapping
from typing import Any

from crossgate.pipeline.decode.errors import DecodeError, refuse_too_many
from crossgate.pipeline.decode.feed_source import feed_source

Fields = Mapping[str, Any]

MAX_TAGS = 100_000
"""Of one feed, closing ones counted: feedparser is slow, so some seconds at worst."""


def decode_rss_body(body: bytes, is_collection: bool) -> dict[str, Any]:  # noqa: ARG001
    """The feed's data. Absent texts are empty, absent lists and objects null; `is_collection` changes nothing.

    Raises DecodeError for what is no feed, and where the optional feedparser is not installed.

    DEVIATION(DEV-DATA-6): an item's keys are sorted as all others; KrakenD writes them in the order of gofeed's struct.
    Namespaced extensions, JSON feeds and images found inside descriptions are left out.
    """
    refuse_too_many(body.count(b"<"), MAX_TAGS, "tags")
    source = feed_source(body)
    try:
        return _data(*_parsed(source))
    except DecodeError:
        raise
    except Exception as error:  # noqa: BLE001 # a feed that makes the library stumble is a bad feed
        raise DecodeError(f"the feed cannot be read: {type(error).__name__}") from None


def _data(feed: Fields, entries: Iterable[Fields], version: str) -> dict[str, Any]:
    data: dict[str, Any] = {
        "items": [_item(entry) for entry in entries],
        "author": _person(feed),
        "categories": _categories(feed),
        "custom": None,
        "copyright": _text(feed, "rights"),
        "description": _text(feed, "subtitle"),
        "type": "atom" if version.startswith("atom") else "rss",
        "language": _text(feed, "language"),
        "title": _text(feed, "title"),
        "published": _text(feed, "published"),
        "updated": _text(feed, "updated"),
    }
    image = feed.get("image")
    if image:
        data["img_url"] = _text(image, "href")
    return data


def _parsed(source: bytes) -> tuple[Fields, Iterable[Fields], str]:
    try:
        import feedparser
    except ImportError:
        raise DecodeError("the encoding rss needs crossgate[rss] to be installed") from None
    # A stream, never the bytes themselves: those feedparser would take for a URL or the name of a file.
    result = feedparser.parse(io.BytesIO(source), sanitize_html=False, resolve_relative_uris=False)
    if not result.get("version"):
        raise DecodeError("Failed to detect feed type")
    return result["feed"], result["entries"], str(result["version"])


def _item(entry: Fields) -> dict[str, Any]:
    """An item with the keys gofeed's struct tags give it; empty ones are left out."""
    author = _person(entry)
    contents = entry.get("content") or ()
    image = entry.get("image")
    item = {
        "title": _text(entry, "title"),
        "description": _text(entry, "summary"),
        "content": "".join(_text(content, "value") for content in contents[:1]),
        "link": _text(entry, "link"),
        "links": [link["href"] for link in entry.get("links") or () if _is_page(link)],
        "updated": _text(entry, "updated"),
        "updatedParsed": _timestamp(entry, "updated_parsed"),
        "published": _text(entry, "published"),
        "publishedParsed": _timestamp(entry, "published_parsed"),
        "author": author,
        "authors": [author] if author else None,
        "guid": _text(entry, "id"),
        "image": {"url": _text(image, "href")} if image and image.get("href") else None,
        "categories": _categories(entry),
        "enclosures": [_enclosure(link) for link in entry.get("enclosures") or ()],
    }
    return {key: value for key, value in item.items() if value}


def _text(fields: Fields, name: str) -> str:
    value = dict.get(fields, name) if isinstance(fields, dict) else None  # feedparser's own get() maps other names in
    return value if isinstance(value, str) else ""


def _is_page(link: Fields) -> bool:
    return link.get("rel", "alternate") == "alternate" and bool(link.get("href"))


def _person(fields: Fields) -> dict[str, str] | None:
    detail = fields.get("author_detail")
    if not detail:
        return None
    person = {"name": _text(detail, "name"), "email": _text(detail, "email")}
    return {key: value for key, value in person.items() if value} or None


def _categories(fields: Fields) -> list[str] | None:
    return [str(tag["term"]) for tag in fields.get("tags") or () if tag.get("term")] or None


def _enclosure(link: Fields) -> dict[str, str]:
    named = {"url": _text(link, "href"), "length": _text(link, "length"), "type": _text(link, "type")}
    return {key: value for key, value in named.items() if value}


def _timestamp(fields: Fields, name: str) -> str:
    moment = dict.get(fields, name) if isinstance(fields, dict) else None
    if not isinstance(moment, time.struct_time):
        return ""
    year, month, day, hour, minute, second, *_ = moment
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
