"""Links of our own making: advertising ones, and sources that readers cite.

A bare link says little by its form: the page that it leads to decides, and whether the
comment asks for something.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from classifiers.data.datasets import HARMS, Example

SPAM = {"spam": True}
FINE = dict.fromkeys(HARMS, False) | {"spam": False}

#: Pages that advertise whoever posts them. All names in them are made up.
PUSHED = (
    "https://www.facebook.com/pages/Larkwood-Band/3301",
    "https://www.facebook.com/tomlarkmusic",
    "https://twitter.com/LarkwoodOfficial",
    "https://www.instagram.com/lark.wood.style/",
    "https://soundcloud.com/larkwood/night-ride",
    "https://larkwood.bandcamp.com/album/first",
    "https://www.twitch.tv/larkplays",
    "https://discord.gg/larkwood",
    "https://t.me/larksignals",
    "https://wa.me/15550100",
    "https://www.gofundme.com/f/help-lark-study",
    "gofundme.com/larkwood",
    "https://www.indiegogo.com/projects/the-lark-lamp",
    "https://www.kickstarter.com/projects/lark/lamp",
    "https://www.patreon.com/larkdraws",
    "https://www.change.org/p/the-council-save-lark-park",
    "http://www.avaaz.org/en/petition/Save_Lark_Park/",
    "https://www.ebay.com/itm/lark-lamp/330012",
    "http://www.amazon.com/dp/B00LARK?tag=lark-20",
    "https://www.etsy.com/shop/LarkLamps",
    "https://teespring.com/lark-shirt",
    "https://play.google.com/store/apps/details?id=com.lark.lamp",
    "https://apps.apple.com/app/lark-lamp/id3301",
    "https://www.surveymonkey.com/s/LARK3",
    "http://bit.ly/larkfree",
    "https://tinyurl.com/lark-deal",
    "http://www.lark-casino-bonus.example/?ref=3301",
    "www.cheap-lark-watches.example",
    "http://lark-loans.example/apply-now",
    "https://larkcoin.example/airdrop",
    "http://hot-lark-girls.example",
    "larkessays.example",
    "https://lark-vpn.example/coupon",
    "http://larkpharmacy.example/no-prescription",
)
PUSHING = (
    "{}",
    "{} please",
    "follow me {}",
    "please like {}",
    "add me {}",
    "check this out {}",
    "{} check it out",
    "help me please {}",
    "support us here {}",
    "sign and share {}",
    "vote for us {}",
    "get yours here {}",
    "need money? {}",
    "new song out now {}",
    "join here {}",
    "this changed my life {}",
)

#: Pages that readers of a newspaper point to. The paths are made up.
SOURCES = (
    "https://www.bbc.co.uk/news/uk-12345678",
    "https://www.nytimes.com/2019/05/02/us/politics/vote.html",
    "https://www.theguardian.com/world/2019/may/02/election",
    "https://www.washingtonpost.com/politics/2019/05/02/vote/",
    "https://www.reuters.com/article/us-economy-idUSKCN12345",
    "https://apnews.com/article/senate-vote-3301",
    "https://www.theglobeandmail.com/news/article3301/",
    "https://www.cbc.ca/news/politics/vote-1.3301",
    "https://en.wikipedia.org/wiki/Parliament",
    "http://en.wikipedia.org/wiki/Ad_hominem",
    "https://www.gov.uk/government/statistics/wages",
    "https://www.ons.gov.uk/economy",
    "https://www.who.int/news-room/fact-sheets",
    "https://www.cdc.gov/flu/season",
    "https://www.parliament.uk/business/news",
    "https://www.congress.gov/bill/116th-congress/house-bill/1",
    "https://www.supremecourt.gov/opinions/18pdf/18-1.pdf",
    "https://doi.org/10.1000/182",
    "https://arxiv.org/abs/1901.00001",
    "https://www.nature.com/articles/d41586-019-00001-1",
    "http://www.gazette.example/2019/05/council",
    "https://www.city.example/council/minutes-may.pdf",
    "https://www.snopes.com/fact-check/council",
    "https://www.politifact.com/factchecks/2019/may/02/",
    "https://stackoverflow.com/questions/3301/",
    "https://archive.org/details/gazette1985",
    "https://www.youtube.com/watch?v=abcdefghijk",
    "http://youtu.be/abcdefghijk",
)
POINTING = (
    "{}",
    "Source: {}",
    "see {}",
    "the report is here: {}",
    "as this article says: {}",
    "Great point, thanks for posting. See {}",
    "That is not what the numbers say, see {}",
    "I read the opposite here: {} Who is right?",
    "For those who missed it: {}",
    "Here is the original, it says May, not March: {}",
    "You left out half of it. {}",
    "[1] {}",
)


def _filled(
    frames: Iterable[str],
    links: Iterable[str],
    labels: dict[str, bool],
    weight: float,
) -> Iterator[Example]:
    for frame, link in product(frames, links):
        yield Example(
            text=frame.format(link),
            labels=labels,
            weight=weight,
            group=f"sentence {frame} {labels['spam']}",
            source="own_contrasts",
        )


def examples() -> list[Example]:
    """Return every link in every frame of its side."""
    return [
        *_filled(PUSHING, PUSHED, SPAM, 1.0),
        *_filled(POINTING, SOURCES, FINE, 2.0),
    ]
