"""Advertising without a link, and harmless comments about the same subjects.

All products, people, and numbers are made up.
"""

from __future__ import annotations

from classifiers.data.contrasts.templates import Kind
from classifiers.data.datasets import HARMS

SPAM = {"spam": True}
FINE = dict.fromkeys(HARMS, False) | {"spam": False}
#: Advertising counts little as a source; here it has no other texts beside it.
WEIGHT = 4.0

_ADVERTISED = {
    "praise": (
        *(
            "What a great article!",
            "Such a well written piece.",
            "Very informative post.",
        ),
        *("Thanks for shedding light on this topic.", "Wonderful insights here."),
        *("This is a truly refreshing perspective.", "I love how balanced this is."),
        *("Great read, as always.", "A timely and important discussion."),
    ),
    "bridge": (
        *(
            "Talking of which,",
            "On a related subject,",
            "In my own case,",
            "Personally,",
        ),
        *("If anyone is looking for help,", "For those struggling with this,"),
        *("It reminds me of how", "By the way,", "As a busy parent,"),
    ),
    "product": (
        *("BrightPath Planner", "NovaSleep", "GreenLeaf Drops", "ClearView Lenses"),
        *("SafeHarbor Wallet", "MindEase", "KetoPrime", "HomeHero App", "SkillRocket"),
        *("PureGlow Serum", "DateSpark", "FlowDesk", "JointCare Plus", "VapeLounge"),
        *("SolarMax panels", "LendQuick", "TradePilot", "EssayOwl", "FitTrack Pro"),
    ),
    "claim": (
        *("turned everything around", "completely transformed my routine"),
        *("made all the difference for my family", "gave me my confidence back"),
        *("helped me save hundreds every month", "is worth every penny"),
        *("exceeded all my expectations", "made me smile again"),
        *("has something for every taste", "delivers results within weeks"),
    ),
    "topic": (
        *("productivity", "sleep", "retirement", "loneliness", "back pain", "debt"),
        *("weight loss", "remote work", "inflation", "energy bills", "anxiety"),
    ),
}
MACHINE_WRITTEN = Kind(
    name="machine-written advertising",
    labels=SPAM,
    weight=WEIGHT,
    words=_ADVERTISED,
    templates=(
        "{praise} {bridge} {product} {claim}.",
        "{praise} I recently discovered {product}, and it {claim}.",
        "{praise} With {product} I finally got {topic} under control, ten out of ten.",
        "I had given up on {topic}. Then a friend showed me {product}, which {claim}!",
        "{praise} When it comes to {topic}, {product} {claim}, and I highly recommend it to everyone.",
        "After reading this I tried {product} for {topic}. Within a month it {claim}. Truly amazing!",
        "So many people face {topic} today. {bridge} {product} {claim}.",
        "{praise} Since we started with {product}, {topic} is no longer an issue at home.",
        "I appreciate this discussion of {topic}. {product} {claim} and their support team is fantastic.",
        "{bridge} giving {product} a chance is a wonderful first step out of {topic}.",
        "{praise} My whole team switched to {product} and it {claim}.",
        "If {topic} keeps you up at night, {product} {claim}. You can thank me later!",
        "{praise} {product} {claim}, and new customers get a free trial.",
        "Interesting thoughts on {topic}! Have you considered {product}? It {claim}.",
        "I was sceptical at first, but {product} {claim}. Give it a try if {topic} is your concern.",
        "{praise} For anybody interested in {topic}, I would suggest checking out {product}.",
    ),
)
_LURES = {
    "hello": (
        *("Hello dear,", "Hello friend,", "Good day,", "Greetings to you,"),
        *("Hello my dear,", "Hi there,", "Dear one,", "Hello beautiful,"),
    ),
    "name": (
        *("Sofia", "Linda", "Mrs Grace", "Amy Chen", "Captain Miller", "Elena", "Ruth"),
        *(
            "Sergeant Cole",
            "Doctor James",
            "Vivian",
            "Anna",
            "Barrister Mark",
            "Mei Ling",
        ),
    ),
    "age": ("24", "27", "31", "33", "38", "42"),
    "place": ("Hong Kong", "Ukraine", "Singapore", "Kabul", "Dubai", "Ghana", "Manila"),
    "app": ("WhatsApp", "Telegram", "Line", "Signal", "Hangouts", "WeChat", "Viber"),
    "handle": ("anna_love24", "lina.88", "mrs-grace1", "+1 000 555 0100", "captmiller"),
    "sum": (
        "2.5 million dollars",
        "8 million euros",
        "a box of gold",
        "450,000 pounds",
    ),
}
STRANGERS = Kind(
    name="pig butchering and advance fees",
    labels=SPAM,
    weight=WEIGHT,
    words=_LURES,
    templates=(
        "{hello} {name} here, {age}, divorced and without children, I want true love. Reach me in {app}: {handle}",
        "{hello} your words touched me. {name} from {place} would like to know you better, do you use {app}?",
        "My late husband left {sum} in {place} and the bank asks for a beneficiary. Trust me, {name}.",
        "{hello} {name} of the peacekeepers in {place} writes to you. We found {sum} and must move it quietly.",
        "{hello} can we be friends? I feel lonely in {place}. Text me on {app} {handle}",
        "I saw your comment, you seem to be a nice person. Contact me on {app}, I have something important to tell you. {name}",
        "{hello} I am an investor in {place} and I can teach you how I earn every day. Message me on {app} {handle}",
        "I am {name}, sick with cancer in {place}, and I want to donate {sum} to you for charity work. Reply me.",
        "Lonely girl of {age} wants to chat tonight, {app} {handle}.",
        "{hello} you have been chosen to receive {sum} from the United Nations compensation fund. Contact {name}.",
        "{hello} nice to meet you here. I am new in town and would love to chat with a mature man. My {app} is {handle}",
        "Please, I need your help to move {sum} out of {place}. You will get thirty percent. {name}",
        "Hi, {name} speaking. I run a small company in {place}. You seem clever, what is your {app}?",
        "My name is {name}, daughter of a late banker in {place}. I inherited {sum} and seek a foreign partner.",
        "{hello} I am {name}. Looking for a sugar baby, I will pay weekly allowance. {app} {handle}",
        "Are you honest and God fearing? {name} from {place} wants to transfer {sum} to your account.",
    ),
)
_WORK = {
    "role": (
        *("data entry clerks", "typists", "drivers", "online assistants", "packers"),
        *(
            "product testers",
            "mystery shoppers",
            "nurses",
            "brand ambassadors",
            "models",
        ),
    ),
    "pay": (
        "300 dollars a day",
        "1,500 a week",
        "50 per hour",
        "weekly pay",
        "daily pay",
    ),
    "fee": ("20", "35 dollars", "50 euros", "a small deposit", "a registration fee"),
    "app": ("WhatsApp", "Telegram", "Signal", "by text", "in private message"),
    "time": ("two hours a day", "in your free time", "from your phone", "from home"),
}
JOBS = Kind(
    name="job offers",
    labels=SPAM,
    weight=WEIGHT,
    words=_WORK,
    templates=(
        "{role} wanted, beginners welcome, {pay}. Answer on {app}.",
        "Urgently needed: {role}. {pay}, work {time}, deposit {fee} for the uniform.",
        "Work {time} and earn {pay}. No experience, no interview. Message me on {app}.",
        "Our company recruits {role} worldwide, {pay}, visa and flight included. Apply {app}.",
        "Earn {pay} {time} liking videos. Write me {app} and start today!",
        "I make {pay} working {time}. Ask me how, only ten places left.",
        "Part-time job for students and mothers: {role}, {pay}. Text me on {app}",
        "Looking for {role} who want {pay}. Training is free, you pay only {fee}.",
        "Hiring now! {role} wanted, {pay}, flexible hours, start immediately.",
        "Make {pay} {time} with this simple method. Serious people only, {app}.",
        "Need extra income? We pay {pay} to {role}. DM me the word START.",
        "My sister earns {pay} {time}, she was out of work for months. Contact her on {app}",
        "Remote vacancies for {role}, {pay}. Send your CV and phone number {app}.",
        "Become your own boss, earn {pay} {time}, limited spots available.",
        "Job offer: {role}, {pay}, no qualification required. Registration costs {fee}.",
        "Get paid {pay} just for posting ads {time}. Inbox me.",
    ),
)
_SERVICES = {
    "paper": (
        *(
            "passports",
            "driving licences",
            "visas",
            "diplomas",
            "ID cards",
            "green cards",
        ),
        *("birth certificates", "IELTS certificates", "vaccine cards", "medical notes"),
    ),
    "account": (
        "PayPal",
        "bank",
        "Instagram",
        "Gmail",
        "crypto exchange",
        "Facebook ads",
    ),
    "city": ("Denver", "London", "Sydney", "Toronto", "Chicago", "Manchester", "Lagos"),
    "trade": (
        *(
            "family solicitor",
            "plumber",
            "dentist",
            "roofing company",
            "moving company",
        ),
        *(
            "accident attorney",
            "locksmith",
            "cleaning service",
            "escort agency",
            "tutor",
        ),
        *("web design agency", "pest control", "SEO expert", "loan broker", "massage"),
    ),
    "wonder": (
        *("Doctor Ozo", "Priest Kala", "Mama Zuri", "Lord Bubuza", "Prophet Ade"),
        *("Agent Zed", "Master Kuma", "Dr. Harry", "Spell Queen Nala"),
    ),
    "good": (
        "bills",
        "banknotes",
        "cards",
        "watches",
        "handbags",
        "cigarettes",
        "pills",
    ),
}
SERVICES = Kind(
    name="services",
    labels=SPAM,
    weight=WEIGHT,
    words=_SERVICES,
    templates=(
        "Genuine {paper} in three days, no questions, we know people in the office.",
        "Failed the test again? We arrange {paper} for any country, pay after delivery.",
        "{trade} near {city} with twenty years of experience, book your visit now.",
        "Looking for a {trade} in {city}? Affordable rates, call today for a free quote.",
        "{account} accounts in bulk, phone verified, warranty one month, best price.",
        "Selling {account} logins with balance, middleman welcome, message me.",
        "Our {good} look and feel like the original, nobody will notice, plain parcel.",
        "Cheap {good} in stock, no prescription, we ship everywhere with tracking.",
        "{wonder} brought my husband back in two days with a love spell. Contact him now.",
        "My marriage was over until {wonder} cast a spell for me. I am so happy!",
        "Poor no more: our temple makes members wealthy within days. Talk to {wonder}.",
        "The secret society of light is accepting new members, {wonder} will initiate you.",
        "Need a loan? We offer business and personal loans at 3% interest, apply to {wonder}.",
        "I lost everything to scammers until {wonder} recovered all my money. Highly recommended hacker!",
        "Hire a hacker: {account} passwords, phone spying, grade changes, credit repair. Contact {wonder}.",
        "{wonder} cured my herpes with herbal medicine, he can cure yours, too.",
        "Number one {trade} near {city}, open day and night, special discount this week.",
        "Trusted {trade} {city}. Licensed, insured, five star reviews.",
        "Order {paper} online, our {paper} pass every scanner.",
        "Quality {good} at wholesale prices, minimum order fifty, message for the price list.",
    ),
)
_TRADERS = {
    "coach": (
        *("Mrs Clara Benson", "Mr Owen Hart", "expert Peterson", "coach Diana Wells"),
        *("Sir Franklin", "Mrs Amelia Stone", "broker Hughes", "Mr Kevin Ross"),
    ),
    "gain": (
        "12k",
        "$8,400",
        "40,000 dollars",
        "3.2 BTC",
        "ten times my deposit",
        "25%",
    ),
    "coin": (
        "Bitcoin",
        "crypto",
        "forex",
        "Ethereum",
        "stocks",
        "gold",
        "binary options",
    ),
    "app": (
        *(
            "WhatsApp",
            "What'sapp",
            "Telegram",
            "Tele gram",
            "T.e.l.e.g.r.a.m",
            "Whats-App",
        ),
        *("W h a t s A p p", "telegrm", "ⓌⓗⓐⓣⓢⒶⓟⓟ", "𝐓𝐞𝐥𝐞𝐠𝐫𝐚𝐦"),
    ),
    "handle": ("@clarabenson_fx", "owenhart22", "+1 000 555 0100", "➕①④⓪⑤⑤⑤⓪①⓪⓪"),
    "week": ("week", "month", "day", "two weeks"),
}
TRADERS = Kind(
    name="crypto and trading contacts",
    labels=SPAM,
    weight=WEIGHT,
    words=_TRADERS,
    templates=(
        "I made {gain} in one {week} trading {coin} with {coach}. Contact on {app} {handle}",
        "Anyone else here with {coach}? My last payout was {gain}!",
        "So you know {coach}, too! She has handled my {coin} account since last year.",
        "Thanks to {coach} I am financially free. {gain} every {week}, reach out on {app} {handle}",
        "Investing in {coin} is the best decision I ever made. {coach} changed my life.",
        "Look for {coach} over at {app} >> {handle}",
        "{coach} is legit, I invested 500 and got {gain} after a {week}.",
        "Daily {coin} tips for beginners, add {handle} in {app}.",
        "Stop working for others. My mentor sends {coin} alerts that win nine times out of ten.",
        "Reach {coach} ✅ {app} ✅ {handle}",
        "I was losing money in {coin} until I met {coach}, now I earn {gain} every {week}.",
        "Free {coin} airdrop today, send one and get two back. {app} {handle}",
        "You need a good account manager like {coach} to profit from {coin}. She is on {app} {handle}",
        "Don't keep your savings in the bank, {coin} pays {gain} a {week}. DM me to learn more.",
        "Recovered my lost {coin} with the help of {coach}. Write {app} {handle}",
        "Join our {coin} group on {app}, {gain} guaranteed per {week}, no risk at all!",
    ),
)
_OWN = {
    "job": (
        "data entry clerk",
        "nurse",
        "driver",
        "typist",
        "packer",
        "model",
        "tester",
    ),
    "coin": ("Bitcoin", "crypto", "the stock market", "gold", "forex trading"),
    "app": ("WhatsApp", "Telegram", "Signal", "Facebook", "Line"),
    "topic": ("productivity", "sleep", "retirement", "loneliness", "back pain", "debt"),
    "trade": ("family solicitor", "plumber", "dentist", "roofer", "locksmith", "tutor"),
    "city": ("Denver", "London", "Sydney", "Toronto", "Chicago", "Manchester", "Lagos"),
    "paper": ("passport", "driving licence", "visa", "diploma", "birth certificate"),
    "product": (
        "the new tram app",
        "their free clinic",
        "the library card",
        "oat milk",
    ),
    "sum": ("300 a week", "50,000 dollars", "4.5 million", "1,500 a month", "12k"),
}
OWN_AFFAIRS = Kind(
    name="comments about jobs, money, and services",
    labels=FINE,
    weight=WEIGHT,
    words=_OWN,
    templates=(
        "My son works as a {job} for {sum} and can't pay the rent in {city}.",
        "I lost {sum} on {coin} and learned my lesson.",
        "Great article on {topic}, thank you. I never understood it before.",
        "The council should hire more people, a {job} can't do it all alone.",
        "{coin} fell again today. Glad that I never touched it.",
        "I waited four months for my {paper}, the office in {city} is a mess.",
        "Our {trade} retired last year and nobody has taken over.",
        "We have a neighbourhood group on {app}, that is how we heard about the fire.",
        "I met my wife online and we have been married for ten years.",
        "What a balanced piece. As someone with {topic} problems I felt understood.",
        "They spent {sum} on a bridge that nobody uses.",
        "I tried {product} last month, it works but the queue is too long.",
        "A widow on our street was cheated out of {sum} by a man who said he was a soldier.",
        "Scammers on {app} promised my aunt {sum}. Please warn your parents.",
        "My {trade} in {city} charged twice as much as two years ago.",
        "How many people in {city} still earn {sum}? The article does not say.",
        "I was out of work for a year before I found a job as a {job}.",
        "The company in the story hires through {app}, no wonder nobody checks papers.",
        "Without a {paper} you can't open an account, so what are they to do?",
        "Thoughtful discussion of {topic}. I disagree on one point, the cost.",
    ),
)
KINDS = (MACHINE_WRITTEN, STRANGERS, JOBS, SERVICES, TRADERS, OWN_AFFAIRS)
