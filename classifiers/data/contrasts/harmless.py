"""Harmless sentences that look harmful: names, sports, irony, oaths, and reports.

All sentences are ours. Those of `contrasts/hostility.py` stand beside them.
"""

from __future__ import annotations

from classifiers.data.contrasts.speech import NONE
from classifiers.data.contrasts.templates import Kind

#: What is hostile elsewhere has to weigh enough to be excused here.
WEIGHT = 3.0

_INSULTS = {
    "insult": (
        *("an idiot", "a moron", "a liar", "a fool", "a coward", "a crook", "scum"),
        *("a thief", "a racist", "a clown", "a monster", "a bitch", "a pig", "a loser"),
    ),
    "quality": ("stupid", "lazy", "dumb", "ugly", "corrupt", "insane", "pathetic"),
    "crude": ("shut up", "go to hell", "drop dead", "get lost", "kill yourself"),
    "who": ("he", "she", "the mayor", "my neighbour", "the referee", "this reporter"),
    "whom": ("him", "her", "them", "the nurses", "your neighbours", "each other"),
}
DENIALS = Kind(
    name="negation",
    labels=NONE,
    weight=WEIGHT,
    words=_INSULTS,
    templates=(
        "{who} is neither {quality} nor {quality}.",
        "Neither {insult} nor {insult}, just a tired person.",
        "Please stop calling {whom} {quality}.",
        "It is wrong to call {whom} {insult}.",
        "Nobody here is {insult}.",
        "I never said that {who} was {insult}.",
        "It would be unfair to say that {who} is {quality}.",
        "{who} is far from {quality}.",
        "I don't think that {who} is {insult}, only badly advised.",
        "You can't just call {whom} {insult} without proof.",
        "{who} may be wrong, but {who} is not {insult}.",
        "Calling {whom} {quality} helps nobody.",
        "Not {quality}, not {insult}, simply unlucky.",
        "There is no reason to think {who} is {insult}.",
        "{who} is anything but {quality}.",
        "I refuse to call {whom} {insult}.",
        "One is not {insult} for asking a question.",
        "It isn't true that {who} is {quality}.",
    ),
)
REPORTS = Kind(
    name="reported speech",
    labels=NONE,
    weight=WEIGHT,
    words=_INSULTS,
    templates=(
        "{who} was called {insult} on the bus and nobody said a word.",
        'The court heard that {who} had shouted "{crude}" at the driver.',
        'Somebody wrote "{crude}" on our door, and the police did nothing.',
        "My teacher told me I was {insult}. I still remember it.",
        "According to the report the guard called {whom} {insult}.",
        "> {who} is {insult}\n\nPlease argue about the plan, not about people.",
        '"You are {insult}" is not an argument.',
        "He was fined for telling {whom} to {crude}.",
        "In the play the king is called {insult} by his own son.",
        'There is a song in which he sings "{crude}", and the radio cuts it.',
        "They told her to {crude} and called her {insult}, in front of the class.",
        "“{crude}” was sprayed on the wall of the school.",
        "> {crude}\n\nThat is no way to talk to anybody here.",
        'The word "{quality}" appears forty times in this thread.',
    ),
)
_PLAY = {
    "player": ("Harris", "the keeper", "our number nine", "the rookie", "she", "Mbeki"),
    "beast": ("a beast", "a monster", "a savage", "an animal", "a machine", "a freak"),
    "beat": ("killed", "destroyed", "murdered", "buried", "smashed", "slaughtered"),
    "fine": ("filthy", "sick", "nasty", "stupid", "ridiculous", "disgusting", "wicked"),
    "shot": ("strike", "free kick", "serve", "goal", "pass", "volley", "left hook"),
    "club": ("Rovers", "the Eagles", "United", "the visitors", "the champions"),
}
SPORTS = Kind(
    name="sports talk",
    labels=NONE,
    weight=WEIGHT,
    words=_PLAY,
    templates=(
        "{player} is {beast}, sign that contract now.",
        "What a {fine} {shot} from outside the box!",
        "We {beat} {club} four nil and the crowd went mad.",
        "{player} shot twice and hit the post both times.",
        "{player} {beat} it tonight, absolute {beast} in midfield.",
        "That was a {fine} {shot}, the goalie never stood a chance.",
        "{club} got {beat} on the counter attack again.",
        "{player} attacks down the right, beats two men and bombs it over the bar.",
        "{fine} technique, {fine} pace. {player} was on fire.",
        "Our defence is being {beat}, bring on a sub.",
        "{player} choked in the final, it happens to the best.",
        "The hit by {player} was clean, he is just {beast}.",
        "{club} will be out for blood on Saturday.",
        "Sudden death, penalties, and {player} kills it off.",
        "How {fine} is {player}? {beast} of an athlete.",
        "{player} had {club} dead and buried by half time.",
    ),
)
_NAMES = {
    "person": (
        *(
            "Dick Cavell",
            "Dick Marsh",
            "Fanny Hale",
            "Randy Cox",
            "Mr Butts",
            "Dr Hooker",
        ),
        *("Gaylord Reed", "Willy Dickens", "Mrs Cockburn", "Peter Dyke", "Phuc Tran"),
        *("Rusty Kuntz", "Titus Cummings", "Wang Dong", "Aunt Fanny", "Herr Fuchs"),
        *(
            "Shitala Rao",
            "Dikshit",
            "Nishita Shah",
            "Isis Moore",
            "Adolf Berg",
            "Kumari",
        ),
    ),
    "place": (
        *("Cockermouth", "Scunthorpe", "Dildo in Newfoundland", "the Cock and Bull"),
        *("the Black Cock pub", "Penistone", "Essex", "Middlesex", "Bitche in France"),
        *("Intercourse, Pennsylvania", "Fucking in Austria", "the Ass and Cart"),
    ),
    "good": (
        *("played the piano beautifully", "ran the bakery for thirty years"),
        *("wrote two wonderful novels", "will open the exhibition on Friday"),
        *("stayed open through the storm", "taught me chemistry", "came to our school"),
    ),
}
NAMES = Kind(
    name="names",
    labels=NONE,
    weight=WEIGHT,
    words=_NAMES,
    templates=(
        "{person} {good}.",
        "My teacher was called {person}.",
        "{person}",
        "Thank you, {person}, for the kind words.",
        "We stayed in {place} last summer.",
        "The train to {place} was late again.",
        "{person} and {person} {good}.",
        "{place} has the best Sunday lunch for miles.",
        "Does anybody remember {person}? {person} {good}.",
        "I grew up near {place} and it was lovely.",
        "{person} from {place} {good}.",
        "The council named a street after {person}.",
    ),
)
_DOUBLE = {
    "time": ("last spring", "on Sunday", "every morning", "all summer", "at dawn"),
    "where": ("on the farm", "in the garden", "at my uncle's", "behind the church"),
}
DOUBLE_MEANINGS = Kind(
    name="double meanings",
    labels=NONE,
    weight=WEIGHT,
    words=_DOUBLE,
    templates=(
        "The bitch and her pups sleep {where}.",
        "Our old ass carried the hay {where} {time}.",
        "The cock crowed {time} {where}.",
        "A pair of great tits nested {where} {time}.",
        "The vet spayed our bitch {time}.",
        "The farmer's ass brays {time}, and the neighbours complain.",
        "The weather cock {where} fell down {time}.",
        "Blue tits and a robin come to the feeder {time}.",
        "She cut faggots of wood for the stove {time}.",
        "He tied the twigs into faggots {where}.",
        "The pussy willows {where} are in flower.",
        "Our pussy cat caught a mouse {where} {time}.",
        "They shot the film {where} {time}.",
        "The photographer shot the whole family {where}.",
        "I smoked a fag outside the pub {time}.",
        "He rolled a fag {where}, as sailors do.",
        "The kitchen cum dining room {where} is too small.",
        "A garage cum workshop stands {where}.",
        "Sie kommt {time}, said my German aunt, and die Katze too.",
        "We read Die Zeit {where} {time}.",
        "Kill the lights before you leave {time}.",
        "My phone died {where} {time}.",
        "The engine was shot, and the tank was knackered {time}.",
        "The hoe and the rake are {where}.",
        "I bought a new hoe for the beans {time}.",
        "The dyke held {time}, thank God for Dutch engineers.",
        "Water came over the dyke {where} {time}.",
        "The organist pulled out all the stops, and the choir went down well {time}.",
    ),
)
_SELF = {
    "fault": (
        *(
            "read the wrong date",
            "forgot the tickets",
            "sold too early",
            "voted for him",
        ),
        *("believed the brochure", "parked in the wrong street", "clicked on the link"),
        *("missed the second page", "locked myself out", "mixed up the names"),
    ),
    "self": (
        "an idiot",
        "a fool",
        "stupid",
        "dumb",
        "a moron",
        "blind",
        "an ass",
        "daft",
    ),
}
ONESELF = Kind(
    name="irony about oneself",
    labels=NONE,
    weight=WEIGHT,
    words=_SELF,
    templates=(
        "I was {self}, I {fault}.",
        "I'm {self}: I {fault} again.",
        "Call me {self}, but I {fault}.",
        "Silly me, I {fault}. I feel like {self}.",
        "My own fault, I was {self} and {fault}.",
        "How {self} of me, I {fault}.",
        "I must be {self}, I {fault}.",
        "Sorry, I am {self} today, I {fault}.",
        "Like {self}, I {fault}.",
        "Yes, I {fault}. What {self} I am, haha.",
        "I could kick myself, I {fault}.",
        "We were {self} enough to believe it and {fault}.",
    ),
)
_JOY = {
    "oath": ("Damn", "Hell", "Bloody hell", "Holy crap", "Goddamn", "Heck", "Darn"),
    "thing": ("article", "pie", "concert", "goal", "photo", "garden", "train ride"),
    "good": ("good", "fine", "tasty", "clever", "beautiful", "well written", "funny"),
}
JOY = Kind(
    name="oaths of joy",
    labels=NONE,
    weight=2.0,
    words=_JOY,
    templates=(
        "{oath}, that was a {good} {thing}.",
        "damn {good} {thing}!",
        "That {thing} was damn {good}.",
        "{oath} yes, what a {thing}!",
        "One hell of a {thing}, thank you.",
        "{oath}, I did not expect such a {good} {thing}.",
        "A bloody {good} {thing}, that was.",
        "{oath}, we made it! {good} {thing}, all of you.",
        "I'll be damned, this {thing} is {good}.",
        "Hell of a {good} {thing} for such a small town.",
    ),
)
_PRIDE = {
    "word": ("queer", "dyke", "fag", "bitch", "nerd", "crip", "slut", "freak", "fat"),
    "we": ("I am", "we are", "my friends and I are", "my wife and I are"),
}
RECLAIMED = Kind(
    name="reclaimed terms",
    labels=NONE,
    weight=WEIGHT,
    words=_PRIDE,
    templates=(
        "{we} proud to be {word}.",
        "As a {word} woman, I loved this portrait.",
        "{we} old and {word} and here to stay.",
        "They called me {word} at school; today it is the name of our choir.",
        "The {word} history walk starts at the town hall.",
        "{we} {word}, and happy about it.",
        "Years ago {word} was a slur, now {we} using it ourselves.",
        "Our {word} reading group meets on Tuesdays.",
    ),
)
_AFFAIRS = {
    "thing": (
        *("policy", "law", "plan", "tax", "idea", "decision", "rule", "timetable"),
        *("roundabout", "budget", "reform", "headline", "proposal", "argument"),
    ),
    "bad": ("stupid", "dumb", "idiotic", "terrible", "insane", "crazy", "shameful"),
    "danger": (
        "the flood",
        "the heat",
        "this traffic",
        "the cold",
        "smoking",
        "asbestos",
    ),
}
CRITICISM = Kind(
    name="criticism of things",
    labels=NONE,
    weight=2.0,
    words=_AFFAIRS,
    templates=(
        "This is a {bad} {thing}, and I voted for them.",
        "What a {bad} {thing}. Who thought of that?",
        "Sorry, but the {thing} is {bad}.",
        "The {thing} was {bad} from the beginning, and it got worse.",
        "Only a {bad} {thing} could cost so much.",
        "I think it is a {bad} {thing}, let the council explain it.",
        "{danger} killed three people last year, and they talk about a {thing}.",
        "{danger} will kill somebody one day if the {thing} stays as it is.",
        "I know the school your kids go to, mine went there too. The {thing} is {bad}.",
        "Two people were shot near our shop, and this {thing} helps nobody.",
        "The {thing} makes me so angry that I could scream.",
        "This {thing} is killing the high street.",
    ),
)
_SMILES = {
    "nice": (
        "😀",
        "👍",
        "❤️",
        "🎉",
        "🌻",
        "😂",
        "🙏",
        "🐶",
        "🐷",
        "🍆",
        "🍑",
        "🐍",
        "🎂",
    ),
    "thing": ("article", "picture", "recipe", "garden", "farm", "market", "zoo"),
}
SMILES = Kind(
    name="harmless emoji",
    labels=NONE,
    weight=1.0,
    words=_SMILES,
    templates=(
        "Lovely {thing} {nice}",
        "Thank you {nice}{nice}",
        "What a {thing}! {nice}",
        "Our {thing} has new {nice}",
        "{nice} from the {thing}",
        "Great {thing} {nice} {nice}",
        "My kids loved the {nice} at the {thing}",
        "{nice}{nice}{nice}",
    ),
)
KINDS = (
    *(DENIALS, REPORTS, SPORTS, NAMES, DOUBLE_MEANINGS, ONESELF, JOY, RECLAIMED),
    *(CRITICISM, SMILES),
)
