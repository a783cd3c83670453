"""Sentences of our own in which the same words are harmless and harmful.

The same words stand in fine and in foul sentences: hatred of traffic jams and of
people, insults said and denied, threats and promises, oaths of joy and of contempt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from classifiers.data.datasets import HARMS, Example

NONE = dict.fromkeys(HARMS, False) | {"spam": False}
INSULTED = {"toxicity": True, "insult": True, "threat": False, "spam": False}
THREATENED = {"toxicity": True, "threat": True, "spam": False}
#: Rude about a thing: no person is meant.
SWORN = {
    "profanity": True,
    "insult": False,
    "identity_attack": False,
    "threat": False,
    "severe_toxicity": False,
    "spam": False,
}
FRIENDLY = SWORN | {"toxicity": False}

THINGS = (
    *("traffic jams", "Mondays", "cold coffee", "adverts", "mushrooms", "wet socks"),
    *("long queues", "these pop-ups", "spiders", "tax forms", "mosquitoes", "ties"),
    *("slow trains", "loud phones", "potholes", "snow in April", "olives", "spoilers"),
    *("plastic bags", "parking fees", "empty batteries", "fake news", "leaf blowers"),
)
HATED_THINGS = (
    "I hate {}",
    "I really hate {}",
    "God, I hate {}",
    "everybody hates {}",
    "I can't stand {}",
    "I despise {} with all my heart",
    "{} make me sick",
    "{} are disgusting",
    "{} are the worst",
    "{} should be banned",
    "get rid of all {}",
    "death to {}",
    "I would burn all {} if I could",
    "nobody needs {}",
    "{} are a plague",
    "{} ruin everything",
    "kill the {} already",
    "what a stupid idea, {}",
)
SWORN_THINGS = (
    "fuck {}",
    "fucking {} again",
    "damn {}",
    "{} are bullshit",
    "I am so fucking tired of {}",
    "{} suck",
    "what the hell is it with {}",
    "oh shit, {}",
)
PEOPLE = (
    *("you", "you all", "people like you", "your whole family", "him", "her"),
    *("that man", "my boss", "the author", "this woman", "your kind", "them all"),
)
HATED_PEOPLE = (
    "I hate {}",
    "I really hate {}",
    "God, I hate {}",
    "I can't stand {}, what a waste of air",
    "I despise {} with all my heart",
    "fuck {}",
    "to hell with {}",
)

INSULTS = (
    *("an idiot", "a moron", "a fool", "a liar", "a coward", "a clown", "a loser"),
    *("an imbecile", "a jerk", "a hypocrite", "a troll", "a pig", "a crook", "a rat"),
    *("a scumbag", "a bastard", "an asshole", "a bitch", "a disgrace", "a nobody"),
    *("stupid", "pathetic", "dumb", "ignorant", "brainless", "disgusting", "insane"),
    *("worthless", "a monster", "a retard", "a racist pig", "an ignorant fool"),
)
DENIED = (
    "you are not {}",
    "You're not {}",
    "I am not {}",
    "he is not {}",
    "she isn't {}",
    "you are not {}, you are only mistaken",
    "I don't think you are {}",
    "I do not believe that she is {}",
    "I never said you were {}",
    "nobody called you {}",
    "nobody says that he is {}",
    "please don't call him {}",
    "it hurts to be called {}",
    "he was called {} for no reason",
    "one need not be {} to get this wrong",
    "I was {} to believe it, my mistake",
    "nobody likes to be called {}",
    "calling somebody {} is no argument",
    "that does not make you {}",
    "do you think I am {}?",
)
SAID = (
    "you are {}",
    "You're {}",
    "you are such {}",
    "he is {}",
    "she is {}",
    "you really are {}",
    "you are {}, not a hero",
    "I always said you were {}",
    "everybody knows that you are {}",
    "only {} would write this",
    "the author is {}",
    "what are you, {}?",
    "this mayor is {}",
    "not only are you wrong, you are {}",
    "don't tell me you are not {}",
    "stop being {}",
)
ABOUT_WORDS = (
    "calling people {}s helps nobody",
    "please stop using the word {}",
    'the word "{}" has no place in this discussion',
    'he shouted "{}" at the referee and was sent off',
    "she was called a {} at school and cried",
    '"you {}" is not an argument',
    "the court fined him for calling an officer a {}",
    "I was wrong, and I felt like a {}",
    "why do you have to say {} all the time?",
    "where does the word {} come from?",
)
WORDS = (
    *("idiot", "moron", "fool", "liar", "coward", "clown", "loser", "imbecile"),
    *("jerk", "bastard", "asshole", "bitch", "scumbag", "retard", "whore", "pig"),
)

THREATENING = (
    "I am going to {}",
    "I will {}",
    "I'll {}",
    "I'm gonna {}",
    "I swear I will {}",
    "one day I will {}",
    "wait until I {}",
    "we are coming to {}",
    "somebody should {}",
    "I hope that someone will {}",
    "next time I see you I will {}",
    "keep talking and I will {}",
    "I know where you live and I will {}",
    "my friends and I will {}",
)
HARMING = (
    *("kill you", "find you and break your legs", "break your neck", "stab you"),
    *("cut your throat", "burn your house down", "beat you to death", "shoot you"),
    *("smash your face in", "put a bullet in your head", "strangle you", "hang you"),
    *("knock your teeth out", "come to your house and hurt you", "make you bleed"),
    *("hunt you down", "run you over", "rip your head off", "bury you alive"),
    *("blow up your office", "set your car on fire", "hurt your children", "drown you"),
    *("punch you in the face", "murder your family", "kick your head in", "end you"),
    *("find you and kill you", "make you suffer", "throw acid in your face"),
)
KINDNESS = (
    *("call you", "find you and bring you the book", "break your record", "help you"),
    *("cut your grass", "repaint your house", "beat you at chess", "thank you"),
    *("put a note in your letterbox", "shoot you an e-mail", "send you the link"),
    *("come to your house for dinner", "make you laugh", "read your article again"),
    *("find you a better source", "give you a lift", "hang a picture", "kill time"),
    *("visit your office", "set your clock back", "help your children", "join you"),
    *("write to the council", "burn you a copy", "run a marathon", "vote for you"),
    *("end this debate", "bury the hatchet", "take you at your word", "quote you"),
)
DOOM = (
    "you should be {}",
    "people like you should be {}",
    "they should all be {}",
    "I hope you get {}",
    "he deserves to be {}",
    "the editor deserves to be {}",
)
DOOMED = (
    *("shot", "hanged", "killed", "stabbed", "beaten to death", "burned alive"),
    *("executed", "run over", "strangled", "tortured", "lynched", "drowned", "raped"),
)
SPARED = (
    *("heard", "thanked", "elected", "read", "invited", "paid", "praised", "quoted"),
    *("better informed", "asked first", "treated fairly", "promoted", "rewarded"),
)
THREATS = (
    *("watch your back", "I hope you die", "you deserve to die", "die slowly"),
    *("you will pay for this with your blood", "your days are numbered", "drop dead"),
    *("you're dead meat", "sleep with one eye open", "I know where your kids play"),
    *("I hope you and your family die in a fire", "go kill yourself", "kill yourself"),
    *("say that to my face and you won't walk again", "someone will end your life"),
    *("you won't live to see Christmas", "a bullet is too good for you"),
    *("hope you get hit by a bus", "I want to see you bleed", "go hang yourself"),
)
HARMLESS = (
    *("watch your step on the ice", "I hope you win", "you deserve a medal"),
    *("you will pay for this with your taxes", "your days off are numbered"),
    *("the bus was dead slow", "sleep well", "I know where your kids go to school"),
    *("my grandmother died last year", "he was killed in a car crash in May"),
    *("the police shot a man downtown", "three people were stabbed, says the report"),
    *("this traffic will kill us one day", "my feet are killing me", "I died laughing"),
    *("the murder was never solved", "smoking kills", "they killed the bill"),
    *("the joke nearly killed me", "what a bloody good match", "shoot, I forgot it"),
    *("you made my day", "you are right", "you are wrong about the budget"),
    *("you are an expert on this", "you are a good writer", "what a lovely picture"),
    *("shut up and take my money", "crazy good article", "a stupidly simple recipe"),
)

JOYFUL = (
    "that was {} brilliant",
    "this is {} great",
    "I {} love this town",
    "what a {} beautiful day",
    "we {} won",
    "you are {} amazing",
    "{} good work, everybody",
    "thank you so {} much",
    "best {} article of the week",
    "so {} proud of our team",
    "the pie was {} delicious",
    "I am {} exhausted today",
)
OATHS = ("fucking", "motherfucking", "fuckin")
#: Oaths that newspapers print.
MILD_OATHS = ("damn", "bloody", "goddamn", "freaking", "effing", "darn")
GLAD = (
    *("holy shit, what a goal", "oh shit, I forgot", "this shit is delicious"),
    *(
        "no shit, Sherlock",
        "fuck yeah, we made it",
        "shit happens, better luck next time",
    ),
    *("you lucky bastard, enjoy the holiday", "I laughed my ass off", "what the fuck"),
)
MILDLY_GLAD = (
    *("hell yes, congratulations", "damn, that is a good song", "oh crap, I forgot"),
    *("badass guitar solo", "hell of a game", "well I'll be damned, they fixed it"),
    *("holy crap, that was close", "my kick-ass grandmother turns ninety"),
)


def _filled(
    frames: Iterable[str],
    words: Iterable[str],
    labels: Mapping[str, bool],
    weight: float = 1.0,
) -> Iterator[Example]:
    for frame, word in product(frames, words):
        yield Example(
            text=frame.format(word),
            labels=labels,
            weight=weight,
            group=f"sentence {frame}" if "{}" in frame else None,
            source="own_contrasts",
        )


def examples() -> list[Example]:
    """Return the sentences, about as many fine ones as foul ones."""
    alone = ("",)
    return [
        *_filled(HATED_THINGS, THINGS, NONE),
        *_filled(SWORN_THINGS, THINGS, SWORN),
        *_filled(HATED_PEOPLE, PEOPLE, {"toxicity": True, "spam": False}, 2.0),
        *_filled(DENIED, INSULTS, NONE, 8.0),
        *_filled(SAID, INSULTS, INSULTED, 2.0),
        *_filled(ABOUT_WORDS, WORDS, NONE, 0.5),
        *_filled(THREATENING, HARMING, THREATENED),
        *_filled(THREATENING, KINDNESS, NONE),
        *_filled(DOOM, DOOMED, THREATENED),
        *_filled(DOOM, SPARED, NONE),
        *_filled(THREATS, alone, THREATENED, 3.0),
        *_filled(HARMLESS, alone, NONE, 3.0),
        *_filled(JOYFUL, OATHS, FRIENDLY, 0.5),
        *_filled(JOYFUL, MILD_OATHS, NONE, 1.0),
        *_filled(GLAD, alone, FRIENDLY, 1.0),
        *_filled(MILDLY_GLAD, alone, NONE, 2.0),
    ]
