"""Advertising of our own writing, and harmless comments that use the same words.

The spam of public sets is of a few kinds, and none of their harmless texts carries
markup: a scorer learns that markup is spam, and has not met what a neighbor sells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from classifiers.data.datasets import HARMS, Example

SPAM = {"spam": True}
HAM = {"spam": False}
FINE = dict.fromkeys(HARMS, False) | HAM

EARNING = (
    "Work from home and earn {} a week, contact me on whatsapp",
    "I make {} every month from my laptop, ask me how",
    "My cousin earns {} an hour online, the link is in my profile",
    "Earn {} daily with this simple trick, no experience needed",
    "I invested with Mrs Olga and got {} back in seven days, write to her on telegram",
    "Turn a small deposit into {} with crypto trading, inbox me now",
    "Part-time job, {} per day, work with your phone only, text this number",
    "Claim your free gift card worth {} here before it ends",
    "Start your own business today and make {} in your first month",
    "I was broke, now I have {} thanks to this man, reach him by e-mail",
    "Get a loan of {} at 3 % interest, apply now, no credit check",
    "You have won {}! Send your name and bank details to collect the prize",
)
SUMS = ("5000", "$900", "$2,500", "£400", "3000 euros", "200 dollars", "10k", "€750")

CHANNELS = (
    "Check out my channel for {}",
    "check out my new video about {} please",
    "Subscribe to my channel, I post {} every week",
    "hey guys, I just started making videos about {}, give me a chance",
    "Please like and share my page about {}",
    "If you like {}, visit my channel and leave a like",
    "sub to me and I sub back, I do {}",
    "I know everybody hates this kind of comment, but I make {}, take a look",
    "follow me on instagram for {}",
    "Come watch my live stream tonight, {} and more",
    "My brother makes {}, he deserves more subscribers, click his name",
    "thumbs up so that people can see my {}",
    "new here, 100 subscribers is my dream, {} on my channel",
    "Listen to my new track and tell me what you think, also {}",
)
TOPICS = (
    *("gaming", "cover songs", "make-up", "cooking", "football tricks", "rap"),
    *("travel", "funny pranks", "remixes", "piano music", "cars", "minecraft"),
    *("fitness", "dance", "guitar lessons", "magic tricks"),
)

SELLING = (
    "Buy {} at the best price, free shipping worldwide",
    "{} for sale, order today and save 50 %",
    "We offer {} at low prices, call us now for a free quote",
    "Visit our shop for {}, discount code SAVE20",
    "Looking for {}? We are the number one in town, contact us today",
    "Our company sells {}, satisfaction guaranteed or your money back",
    "Limited offer: {} for only 19.99, don't miss it",
    "I found a great site for {}, click here",
    "Best {} online, fast delivery, no prescription, no questions",
    "We have just launched our new {}, sign up for early access",
    "Use my referral code to get 20 dollars off {}",
    "DM me if you want {}, cheap and original",
    "Need {}? Send me a message, I have the best deals",
    "Hi everyone, we're a small startup and would love you to try our {}",
    "I built an app that helps you with {}, it is on the app store, feedback welcome",
    "Introducing {}: made for people like you. Shop now.",
    "Get {} delivered to your door. First month free. Cancel any time.",
    "Discover why thousands of customers trust us for {}",
    "Tired of bad {}? Switch to us today and feel the difference",
    "Join our free webinar on {} and learn the secrets of the experts",
)
GOODS = (
    *("replica watches", "pills", "handbags", "essay writing", "web hosting"),
    *("SEO services", "backlinks", "running shoes", "followers", "plumbing"),
    *("carpet cleaning", "insurance", "solar panels", "mattresses", "meal kits"),
    *("headphones", "razors", "crypto signals", "T-shirts", "credit repair"),
    *("cheap flights", "casino games", "weight loss tea", "website design"),
    *("language lessons", "coffee beans", "a budgeting tool", "pet food"),
)
PRAISE = (
    "Great post! I also wrote about {} on my blog, have a look",
    "Very informative article, thanks for sharing, visit my site about {}",
    "Nice blog, here is my web page: {}",
    "I like your website, do you want to exchange links? Mine is about {}",
    "I am happy to read this useful information, feel free to surf to my page on {}",
    "Wonderful write-up, my homepage has more on {}",
)
HELPERS = (
    "Doctor Ade brought my husband back with his spell, contact him on this e-mail",
    "This hacker recovered all of my lost bitcoin, message him on telegram",
    "I was cured by herbs of a doctor I met online, whatsapp him now",
    "Hot singles in your area are waiting for you, join free",
    "I am a lonely girl looking for a man, my pics are here",
    "Adult videos and live cams, click the link in my name",
    "Congratulations, you were chosen, click here to claim your new phone",
    "Your account will be closed, confirm your password at this link",
    "Meet beautiful women tonight, no sign-up needed",
    "Free movies and live matches in HD, watch here",
    "Download the cracked version for free from my site",
    "We write your homework, essays and theses, cheap and fast",
    "Rank first on Google, our SEO team works for you, first report free",
    "Join my telegram group for free signals, 95 % accuracy",
    "Vote for me in the contest, the link is in my bio",
    "Please sign and share my petition, link on my profile, thank you",
)

ADVERTS = (
    "We're hiring drivers in your city, flexible hours, apply through our site today",
    "I wrote an e-book on how to quit smoking, it is half price this week",
    "After two years of work our new budgeting app is live, we would love your support",
    "My Kickstarter for a folding lamp ends on Friday, every dollar helps",
    "Our podcast about true crime is out every Monday, subscribe wherever you listen",
    "Sign up for my newsletter and get ten free recipes in your inbox",
    "Tutoring in maths and physics, first lesson free, message me for prices",
    "House for sale by owner, three rooms, big garden, call after six",
    "Anyone want a discount on protein powder? My code gives you 15 % off",
    "I switched to this VPN last month and never looked back, use my link for a deal",
    "We build websites for small firms from 99 a month, drop us a line",
    "New album out on Friday, pre-order now on all platforms",
    "I paint pets from photos, commissions are open, prices in my profile",
    "Take our two-minute survey and win a tablet",
    "Our online course teaches you to code in six weeks, enrol before Sunday",
    "Got a spare room? List it with us and earn while you travel",
    "I sell handmade soap and candles, see my shop for the winter collection",
    "Best bookmaker bonus of the year, deposit 10 and play with 50",
    "Spin the wheel and win real cash, free spins for new players",
    "Airdrop is live! Connect your wallet and claim 500 tokens before they are gone",
    "My trading bot made 40 % last month, only ten seats left, write to me",
    "Lost your crypto? Our recovery experts got mine back in 24 hours",
    "Lonely? Chat with singles near you, registration is free",
    "Lose ten kilos in two weeks with this one tea, doctors hate it",
    "Cheap generic pills, shipped in plain packaging, no questions asked",
    "Genuine passports, driving licences and diplomas, delivered in a week",
    "Followers, likes and views from 2 dollars, instant start",
    "Guest posts on high authority sites, permanent dofollow links, ask for the list",
    "Need an essay by tomorrow? Our writers have degrees from top universities",
    "The new flavour of our cold brew is here, find it in a store near you",
    "Business owners: get more calls with our local marketing package",
    "I do readings and love spells, results in three days, WhatsApp only",
    "Investors wanted for a growing restaurant chain, guaranteed 12 % a year",
    "Book your flight and hotel with us and save up to 60 %",
    "We clean gutters and roofs, licensed and insured, free estimate",
    "Switch your car insurance in five minutes, people save 300 on average",
    "Become your own boss: join my team and sell products everybody loves",
    "Check my story for the giveaway, tag three friends to enter",
    "Upgrade your morning with our bamboo toothbrush, two for one until midnight",
    "As a certified coach I help busy mothers find balance, book a free call",
    "Watch all the matches live in HD, no buffering, first month for 1 dollar",
    "Selling two tickets for Saturday, good seats, below the price, text me",
    "We're a family-run farm and deliver vegetable boxes, order by Wednesday",
    "Hi, I am a young rapper from a small town, please give my first single a chance",
    "Just uploaded part two on my channel, go and have a look before it gets deleted",
    "Subscribe and I will subscribe back, let us all grow together",
    "Can we get me to 1000 subscribers by Christmas? It would mean the world",
    "I dropped a cover of this song, tell me if it is better than the original",
)

PLAIN = (
    "2 billion views, and I still don't get it",
    "I came back just to check the views",
    "Who is still watching this after ten years?",
    "This video has more views than there are people in my country",
    "The most watched video ever is a cat, what a world",
    "like if you remember this from school",
    "the comments here are better than the song",
    "so many likes, and I gave one too",
    "I subscribed because of this video, no regrets",
    "my little brother dances to this every day",
    "why is everybody asking for subscribers in the comments?",
    "can people please stop posting their channels here",
    "she has such a beautiful voice",
    "Over 90 million views in a month, that is crazy",
    "The beat drops at 2:15 and I drop my phone",
    "First time I heard this I cried",
    "I get an error on the third step, did you change the version?",
    "Worked for me after I restarted the server, thank you!",
    "Your second example has a typo, it should be a comma.",
    "I made this last night with less sugar and the kids loved it.",
    "How long do you leave the dough in the fridge?",
    "@Tom: I agree, but the old bridge was safer.",
    "@Maria you are right, I misread the date.",
    "We stayed in that hotel in May, the view is as good as in your picture.",
    "I have read this blog for years and never commented, but this one hit home.",
    "Congratulations on the baby, Anna! Best wishes from all of us.",
    "Does this also work with the older model?",
    "I disagree with point four, and here is why: the sample was tiny.",
    "Thanks for the correction, I have fixed it in the text.",
    "Hi Ben, long time no see, are you coming to the meeting in June?",
    "Interesting. I had the same problem and gave up.",
    "I tried to sign up for the newsletter, but the form does not work.",
    "This is why I stopped buying from them.",
    "My phone company raised the price again without telling me.",
    "They should offer a discount after that mess.",
    "I won't click on a link that I don't know.",
    "Is this app really free, or do they sell my data?",
    "The advert before the video was longer than the video.",
    "I saw the same job advertised for half the pay.",
    "Buying a house is a gamble, selling one is a second job.",
    "Thank you for this careful article.",
    "I don't agree with the mayor, but the numbers are right.",
    "Nice article, thanks.",
    "Great post!",
    "My sister works from home and likes it.",
    "I earn less than 2000 a month and still pay more tax than they do.",
    "The link in the third paragraph is broken.",
    "I watched the video twice and still don't understand the goal.",
    "The council's channel shows the meetings, and nobody watches.",
    "I subscribed to this paper for ten years; now I am thinking of leaving.",
    "Why would anyone buy a house at these prices?",
    "The shop on the corner closed because of the rent.",
    "Bitcoin is a bubble, if you ask me.",
    "Please contact your member of parliament about this.",
    "Call me old-fashioned, but I like paper tickets.",
    "We need cheap trains, not cheap flights.",
    "Free school meals would cost 40 million a year.",
    "My insurance went up by 20 % and nobody can tell me why.",
    "Is there a video of the whole interview?",
    "This song still gives me chills, I was there in 1985.",
    "Who else is here after the film?",
    "The second verse is the best part.",
    "lol that face at 1:23",
    "I love this song so much",
    "how does this have so few views?",
    "The company made a loss, yet the boss got a bonus of 2 million.",
    "I bought one of these last year and it broke after a week.",
    "Has anybody tried this? Is it worth the money?",
    "I use the free version and it is good enough for me.",
    "Can you recommend a good plumber? Ours never calls back.",
    "You can read the report on the ministry's website.",
    "According to the statistics office, wages rose by 3 % in May.",
    "We sell tickets at the door, said the theatre; they did not.",
    "My blog is older than this newspaper's website.",
    "I wrote to the editor about this, no answer so far.",
    "He won the lottery and lost it all within a year.",
    "The bank closed my account without a word.",
    "Credit where it is due: the buses were on time.",
    "Loans at 9 % interest are why young people can't buy homes.",
    "Pills will not fix what is wrong with our hospitals.",
    "Click bait headline, good article.",
    "Follow the money and you will see who wants that road.",
    "Sign the petition or don't, but come to the meeting on Monday.",
    "I work part-time because child care costs more than I earn.",
    "She deserves more than a small prize for her work.",
    "The casino was a bad idea from the start.",
    "My doctor sent me to three other doctors.",
    "Try the bakery behind the station, their bread is the best.",
    "Our street has been waiting for fast internet since 2015.",
    "If you like jazz, the festival in June is worth the trip.",
    "Share the road, people; cyclists pay taxes too.",
    "I would pay for this app if it had no adverts.",
    "The discount was fake: they raised the price a week before.",
    "Thanks for sharing your story.",
    "Very informative, thank you.",
    "I like your column, but today you missed the point.",
    "What a match! Best game of the season.",
    "Does anyone know when the library opens again?",
    "The new design of this site is hard to read on a phone.",
    "I got my second shot on Friday and felt fine.",
)
#: Ways to mark up a word, a sentence and a source that commenters really use.
MARKED = (
    "<b>{first}</b> {rest}",
    "<i>{first}</i> {rest}",
    "<em>{first} {rest}</em>",
    "<strong>{first}</strong> {rest}",
    "<p>{first} {rest}</p>",
    "<blockquote>{first} {rest}</blockquote> I could not agree more.",
    "{first} {rest}<br>Have a nice day.<br/>",
    "{first} {rest} <i>Really.</i>",
    "&gt; {first} {rest} Well said!",
    "{first} {rest} &amp; so on &#39;as they say&#39;",
    "{first} {rest} http://www.gazette.example/2019/05/council",
    '{first} {rest} <a href="https://example.org/report.pdf">the report</a>',
    "{first} {rest} https://www.ministry.example/statistics",
)


def _filled(
    frames: Iterable[str], words: Iterable[str], weight: float
) -> Iterator[Example]:
    for frame, word in product(frames, words):
        yield Example(
            text=frame.format(word),
            labels=SPAM,
            weight=weight,
            group=f"sentence {frame}" if "{}" in frame else None,
            source="own_contrasts",
        )


def _harmless() -> Iterator[Example]:
    for sentence in PLAIN:
        first, _, rest = sentence.partition(" ")
        for frame in ("{first} {rest}", *MARKED):
            yield Example(
                text=frame.format(first=first, rest=rest),
                labels=FINE,
                weight=5.0 if frame == "{first} {rest}" else 2.0,
                group=f"sentence {sentence}",
                source="own_contrasts",
            )


def examples() -> list[Example]:
    """Return the sentences; a frame is filled with each of its words."""
    return [
        *_filled(EARNING, SUMS, 2.0),
        *_filled(CHANNELS, TOPICS, 2.0),
        *_filled(SELLING, GOODS, 1.0),
        *_filled(PRAISE, TOPICS, 1.0),
        *_filled(HELPERS, ("",), 10.0),
        *_filled(ADVERTS, ("",), 10.0),
        *_harmless(),
    ]
