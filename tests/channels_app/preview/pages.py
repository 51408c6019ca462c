"""Made preview pages, laid out as Telegram lays them out."""

from collections.abc import Sequence

POST = """
<div class="tgme_widget_message_wrap js-widget_message_wrap">
<div class="tgme_widget_message text_not_supported_wrap {kind} js-widget_message" data-post="{username}/{number}">
<div class="tgme_widget_message_bubble">
<div class="tgme_widget_message_author accent_color"><a class="tgme_widget_message_owner_name"
 href="https://t.me/{username}"><span dir="auto">Title</span></a></div>
{body}
<div class="tgme_widget_message_footer compact js-message_footer">{reactions}
<div class="tgme_widget_message_info short js-message_info">
<span class="tgme_widget_message_views">{views}</span><span class="copyonly"> views</span>
<span class="tgme_widget_message_meta">{author}<a class="tgme_widget_message_date"
 href="https://t.me/{username}/{number}"><time datetime="{date}" class="time">07:00</time></a></span>
</div></div></div></div></div>
"""
TEXT = '<div class="tgme_widget_message_text js-message_text" dir="auto">{}</div>'
CONTACT = """<html><body><div class="tgme_page">{title}{extra}
<div class="tgme_page_action"><a class="tgme_action_button_new" href="tg://resolve?domain=x">View in Telegram</a></div>
</div></body></html>"""


def post(
    number: int,
    body: str = "",
    *,
    views: str = "1.2K",
    kind: str = "",
    reactions: str = "",
    author: str = "",
    username: str = "some_channel",
    date: str = "2025-02-01T07:00:00+00:00",
) -> str:
    """One message as the page shows it."""
    return POST.format(
        number=number,
        body=body,
        views=views,
        kind=kind,
        reactions=reactions,
        author=author,
        username=username,
        date=date,
    )


def page(
    posts: Sequence[str], *, before: int | None = None, username: str = "some_channel", subscribers: str = "12.3K"
) -> str:
    """A whole page; `before` is the id that its link to older posts carries."""
    more = f'<a href="/s/{username}?before={before}" class="tme_messages_more" data-before="{before}"></a>'
    return f"""<!DOCTYPE html><html><head><title>Title – Telegram</title></head><body>
<div class="tgme_channel_info"><div class="tgme_channel_info_header">
<div class="tgme_channel_info_header_title"><span dir="auto">Some &amp; Channel</span></div>
<div class="tgme_channel_info_header_username"><a href="https://t.me/{username}">@{username}</a></div></div>
<div class="tgme_channel_info_counters"><div class="tgme_channel_info_counter"><span class="counter_value">{subscribers}
</span> <span class="counter_type">subscribers</span></div><div class="tgme_channel_info_counter">
<span class="counter_value">7</span> <span class="counter_type">photos</span></div></div>
<div class="tgme_channel_info_description">About<br/>us</div></div>
<section class="tgme_channel_history js-message_history">{more if before else ""}{"".join(posts)}</section>
</body></html>"""
