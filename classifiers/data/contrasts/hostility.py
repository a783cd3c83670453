"""Hostility without the usual words: wishes, hints, contempt, and slang.

All sentences are ours. Those of `contrasts/harmless.py` stand beside them.
"""

from __future__ import annotations

from classifiers.data.contrasts.templates import Kind

HOSTILE = {"toxicity": True, "spam": False}
INSULTING = HOSTILE | {"insult": True, "threat": False}
THREATENING = HOSTILE | {"threat": True}
HATEFUL = HOSTILE | {"identity_attack": True}
SEXUAL = HOSTILE | {"sexually_explicit": True, "threat": False}
#: Contempt and hints have few words of their own.
WEIGHT = 2.0

_FATES = {
    "fate": (
        *("walk in front of a train", "swallow a bottle of pills", "hang yourself"),
        *(
            "take a long bath with the toaster",
            "drive into a wall",
            "drink drain cleaner",
        ),
        *(
            "step off a roof",
            "jump from the tower",
            "end yourself",
            "choke on your lunch",
        ),
        *("put your head in the oven", "drown in the harbour", "eat rat poison"),
    ),
    "third": (
        *("gets cancer", "dies alone", "burns in hell", "gets run over", "suffocates"),
        *("rots in a cell", "never wakes up", "has a stroke", "chokes on it"),
    ),
    "whom": (
        "you",
        "the author",
        "this mayor",
        "that judge",
        "the whole council",
        "he",
    ),
}
WISHES = Kind(
    name="death wishes and self-harm taunts",
    labels=THREATENING,
    weight=WEIGHT,
    words=_FATES,
    templates=(
        "Why don't you just {fate}?",
        "Go and {fate}.",
        "Please {fate}, nobody will miss you.",
        "{fate} already.",
        "You should {fate}, the world will thank you.",
        "Be so kind and {fate}.",
        "Some people ought to {fate}. I mean you.",
        "I hope {whom} {third}.",
        "May {whom} {third}, the sooner the better.",
        "Have you tried to {fate}? It would help us all.",
        "I will open a bottle of champagne when {whom} {third}.",
        "Let's all pray that {whom} {third}.",
        "If only {whom} would {fate}.",
        "The best thing for this town: {whom} {third}.",
        "kys and {fate}",
        "Would it kill you to {fate}? Hopefully.",
        "unalive yourself, {fate}",
        "Not even your mother would cry if you were to {fate}.",
    ),
)
_HINTS = {
    "known": (
        *("where you park your car", "what time you leave the office", "your street"),
        *("the kindergarten of your little ones", "where your daughter plays football"),
        *("which bus your wife takes", "your house number", "where your mother lives"),
    ),
    "bad": (
        *(
            "accidents",
            "fires",
            "falls down the stairs",
            "brake failures",
            "bad things",
        ),
        *("car crashes", "broken windows", "sudden illnesses"),
    ),
    "soon": ("soon", "one of these nights", "before the summer", "when it gets dark"),
    "name": ("Peters", "Mr Mayor", "councillor", "Ms Holt", "reporter", "young lady"),
    "tool": ("a rope", "a shovel", "petrol", "my rifle", "a baseball bat", "the acid"),
}
HINTS = Kind(
    name="veiled threats",
    labels=THREATENING,
    weight=WEIGHT,
    words=_HINTS,
    templates=(
        "I found out {known}. Enjoy your evening, {name}.",
        "It would be a pity if {bad} happened to your family.",
        "We all know {known}, don't we, {name}?",
        "Lock your doors, {name}. We will meet {soon}.",
        "Be careful on your way home, {name}, {bad} do happen.",
        "Nice house you have, {name}. It would burn well.",
        "{name}, you will regret this {soon}.",
        "I have {tool} ready for you, {name}.",
        "Somebody will pay you a visit {soon}, {name}, and it won't be the postman.",
        "They will find {name} in the river {soon}.",
        "People like {name} tend to have {bad}.",
        "The gallows are too good for {name}, {tool} will do.",
        "I wonder whether {name} knows that I know {known}.",
        "Keep looking over your shoulder, {name}.",
        "The bullet with your name on it is waiting, {name}.",
        "Tick tock, {name}. Not long now.",
        "We remember names, {name}, and {known}.",
        "Someone ought to bring {tool} to the next meeting and sort {name} out.",
    ),
)
_SCORN = {
    "art": (
        *("thinking", "reading", "arithmetic", "spelling", "being a parent", "logic"),
        *("adult conversation", "journalism", "honesty", "basic hygiene"),
    ),
    "who": ("you", "this author", "the editor", "our councillor", "people like you"),
    "thing": (
        *("a houseplant", "a bag of sand", "a brick", "my goldfish", "a wet sponge"),
        *("a doorknob", "a stale bun", "the bottom of a well"),
    ),
    "kin": (
        "your parents",
        "your teachers",
        "your children",
        "your wife",
        "your mother",
    ),
}
SCORN = Kind(
    name="polite contempt",
    labels=INSULTING,
    weight=WEIGHT,
    words=_SCORN,
    templates=(
        "I see that {art} was never your strength, dear.",
        "Bless your heart, {art} must be so hard for you.",
        "I would explain it to you, but I have met {thing} with a better grasp of it.",
        "It must be restful to have so little going on upstairs.",
        "I feel sorry for {kin}, they must have hoped for so much more.",
        "Not everybody is made for {art}. You are made for none of it.",
        "You have the charm and the wit of {thing}.",
        "One has to admire {who} for writing at all with so little to work with.",
        "Did {kin} drop you often?",
        "The village is looking for you, it wants its fool back.",
        "{who} should be kept away from children, pets and keyboards.",
        "Nature was not generous when it handed out brains to {who}.",
        "We would all be better off if {kin} had stayed childless.",
        "I have scraped better things than {who} off my shoe.",
        "Everyone brings joy to this forum: you do it by leaving.",
        "With you gone, the average intelligence here would double.",
        "If ignorance is bliss, {who} must be the happiest creature alive.",
        "I would call {who} a tool, but tools are useful.",
        "It is brave of {who} to show the world how little {art} is needed to get a job.",
        "So {thing} can learn to type after all, well done.",
    ),
)
_GROUPS = {
    "group": (
        *("Jews", "Muslims", "immigrants", "gypsies", "refugees", "Africans", "gays"),
        *("Mexicans", "Arabs", "foreigners", "blacks", "trans people", "Asians"),
    ),
    "vermin": (
        *(
            "a plague",
            "a cancer",
            "parasites",
            "vermin",
            "a disease",
            "locusts",
            "weeds",
        ),
        *("an invasion", "a flood of filth", "animals", "poison for our children"),
    ),
    "place": ("this town", "our country", "Europe", "the West", "our schools"),
}
HATE = Kind(
    name="hatred of groups and dogwhistles",
    labels=HATEFUL,
    weight=WEIGHT,
    words=_GROUPS,
    templates=(
        "{group} are {vermin} and {place} has to be cleaned.",
        "{place} was better before the {group} came.",
        "Whenever money disappears you will find {group} behind it.",
        "Round the {group} up and throw away the key.",
        "They want to replace us with {group}, just look at {place}.",
        "{group} don't belong in {place}, they breed like rats.",
        "Guess who owns the banks and the papers. Hint: {group}.",
        "The only good {group} are the ones who left {place}.",
        "Remigration now, every last one of the {group}.",
        "No {group}, no crime. Do the maths.",
        "Look up the statistics on {group} and then tell me we are all equal.",
        "I would not let {group} near my children.",
        "({group}) again, (((they))) always are.",
        "{group} run everything, wake up, sheep.",
        "Send the {group} back where they came from.",
        "Our grandfathers knew how to deal with {group}.",
        "You can take {group} out of the jungle but you know the rest.",
        "We don't want {group} in {place}, period. Blood and soil.",
        "Day of the rope is coming for {group}.",
        "It is not a coincidence that {group} look like that, evolution stopped.",
    ),
)
_PICTURES = {
    "foul": ("💩", "🖕", "🐷", "🤡", "🐍", "🗑️", "🤮", "🐀", "🐒", "🪳", "🐖", "💩💩"),
    "kill": ("🔫", "🔪", "⚰️", "💣", "🪓", "☠️"),
    "lust": ("🍆", "🍑", "💦", "👅", "🍆💦", "🍑🍆"),
    "who": ("you", "this author", "the mayor", "your mother", "that reporter", "u"),
}
PICTURES = Kind(
    name="abuse in emoji",
    labels=INSULTING,
    weight=WEIGHT,
    words=_PICTURES,
    templates=(
        "{who} are nothing but {foul}",
        "{who} = {foul}",
        "what a {foul} {who} are",
        "{foul} {foul} {foul} for {who}",
        "{who} belong in the {foul}",
        "eat {foul}",
        "full of {foul} like always, {who}",
        "get lost {foul}",
        "{who} look like a {foul}",
        "shut up {foul}",
        "{foul} you",
        "listen to that {foul} talk",
    ),
)
PICTURED_LUST = Kind(
    name="sexual harassment",
    labels=SEXUAL,
    weight=WEIGHT,
    words=_PICTURES
    | {
        "part": ("legs", "boobs", "ass", "body", "lips", "tits", "bum", "curves"),
        "woman": ("the councillor", "the presenter", "the author", "this girl", "her"),
    },
    templates=(
        "send me pics baby {lust}",
        "look at the {part} on {woman}, I would not say no",
        "I want to {lust} you all night",
        "show us your {part}, honey",
        "what {part}, I need {woman} in my bed",
        "come over tonight {lust} {lust}",
        "bend over, sweetheart {lust}",
        "I know what I would do with {woman} and her {part}",
        "wanna see my {lust}?",
        "nobody listens to {woman}, we are all looking at her {part}",
    ),
)
_SLANG = {
    "who": (
        "mayor",
        "loser",
        "you clown",
        "old man",
        "karen",
        "bro",
        "libtard",
        "boomer",
    ),
    "noun": (
        *("incel", "simp", "cuck", "libtard", "karen", "snowflake", "npc", "soyboy"),
        *("bootlicker", "shill", "chud", "tankie", "fascist pig", "troglodyte", "mutt"),
        *("lapdog of the rich", "stooge", "puppet", "rat", "parasite"),
    ),
    "short": (
        "kys",
        "stfu",
        "gtfo",
        "foad",
        "kms but you first",
        "die mad",
        "gfy",
        "kysn",
    ),
}
SLANG = Kind(
    name="slang and plain insults",
    labels=INSULTING,
    weight=WEIGHT,
    words=_SLANG,
    templates=(
        "{short}",
        "{short} {who}",
        "{short}!!!",
        "just {short}",
        "omg {short} {noun}",
        "you {noun}",
        "cry more you {noun}",
        "cope harder, {noun}",
        "this so called paper is a {noun}",
        "touch some grass, {noun}",
        "nobody asked you, {noun}",
        "ratio + {noun} + {short}",
        "the minister is a {noun} of the industry",
        "{who}, {short}",
        "imagine being such a {noun}",
        "ok {noun}, {short}",
    ),
)
KINDS = (WISHES, HINTS, SCORN, HATE, PICTURES, PICTURED_LUST, SLANG)
