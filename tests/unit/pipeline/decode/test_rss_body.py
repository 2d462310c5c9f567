"""Feeds under the names that krakend-rss passes on."""

import pytest

from crossgate.pipeline.decode import DecodeError, decoder_for

decode = decoder_for("rss")

RSS = b"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
  <title>News</title><link>https://news.example</link><description>All&nbsp;of it &amp; more</description>
  <image><url>https://news.example/i.png</url></image><language>en-us</language><copyright>them</copyright>
  <managingEditor>ed@example.com (Ed)</managingEditor><category>daily</category>
  <pubDate>Mon, 06 Sep 2010 00:01:00 +0000</pubDate><lastBuildDate>Mon, 06 Sep 2010 16:45:00 +0000</lastBuildDate>
  <item><title>One</title><link>https://news.example/1</link><description><![CDATA[<b>x</b>&nbsp;]]></description>
    <guid>g1</guid><pubDate>Mon, 06 Sep 2010 02:01:00 +0200</pubDate><category>a</category><category>b</category>
    <enclosure url="https://news.example/1.mp3" length="12" type="audio/mpeg"/>
    <content:encoded>full</content:encoded></item>
  <item><title>Two</title></item>
</channel></rss>"""

ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><subtitle>S</subtitle><id>i</id>
<updated>2003-12-13T18:30:02Z</updated><author><name>N</name><email>n@example.com</email></author>
<entry><title>E</title><id>e</id><link href="https://a.example/e"/><updated>2003-12-13T18:30:02+01:00</updated>
<summary>s</summary></entry></feed>"""


def test_an_rss_feed_has_the_field_names_of_gofeed():
    """DEV-DATA-6 is about what is not here."""
    data = decode(RSS, False)
    items = data.pop("items")
    assert data == {
        "author": {"name": "Ed", "email": "ed@example.com"},
        "categories": ["daily"],
        "custom": None,
        "copyright": "them",
        "description": "All\u00a0of it & more",
        "type": "rss",
        "language": "en-us",
        "title": "News",
        "published": "Mon, 06 Sep 2010 00:01:00 +0000",
        "updated": "Mon, 06 Sep 2010 16:45:00 +0000",
        "img_url": "https://news.example/i.png",
    }
    assert items[1] == {"title": "Two"}
    assert items[0] == {
        "title": "One",
        "link": "https://news.example/1",
        "links": ["https://news.example/1"],
        "description": "<b>x</b>&nbsp;",
        "content": "full",
        "guid": "g1",
        "published": "Mon, 06 Sep 2010 02:01:00 +0200",
        "publishedParsed": "2010-09-06T00:01:00Z",
        "categories": ["a", "b"],
        "enclosures": [{"url": "https://news.example/1.mp3", "length": "12", "type": "audio/mpeg"}],
    }


def test_an_atom_feed_does_too():
    data = decode(ATOM, True)
    assert (data["type"], data["title"], data["description"], data["updated"]) == (
        "atom",
        "T",
        "S",
        "2003-12-13T18:30:02Z",
    )
    assert data["author"] == {"name": "N", "email": "n@example.com"}
    assert data["categories"] is None
    assert "img_url" not in data
    assert data["items"][0]["updatedParsed"] == "2003-12-13T17:30:02Z"
    assert data["items"][0]["description"] == "s"


@pytest.mark.parametrize("body", [b"", b"text", b"/etc/hostname", b"http://127.0.0.1:1/", b'{"items":[]}', b"<html/>"])
def test_what_is_no_feed_is_refused_in_the_words_of_gofeed(body):
    with pytest.raises(DecodeError, match="Failed to detect feed type"):
        decode(body, False)


@pytest.mark.parametrize(
    "body",
    [
        b"<rss",
        b"<rss version='2.0'><channel><title>x</channel></rss>",
        b"<!DOCTYPE r [<!ENTITY a 'b'>]><rss version='2.0'><channel><title>&a;</title></channel></rss>",
        b"<rss version='2.0'>" + b"<channel>" * 1000 + b"</channel>" * 1000 + b"</rss>",
        b"<rss><![CDATA[" * 20_000,
        b"\n" * 20_000 + b"<rss>",
        b"<rss version='2.0'><channel><item><author>" + b"a." * 20_000 + b"</author></item></channel></rss>",
    ],
)
def test_broken_and_hostile_feeds_are_refused(body):
    """DEV-DATA-5."""
    with pytest.raises(DecodeError):
        decode(body, False)
