"""Sentences of our own that name groups of people, kindly and with contempt.

Public sets mention some groups mostly to attack them, so a scorer learns that the name
itself is an attack. Here every group stands in the same sentences, fine and foul, and
only what is said about it differs.
"""

from __future__ import annotations

from classifiers.data.datasets import HARMS, Example

#: How a group is named: as one person, as many, as a quality.
GROUPS = (
    ("a woman", "women", "female"),
    ("a man", "men", "male"),
    ("a gay man", "gay people", "gay"),
    ("a lesbian", "lesbians", "lesbian"),
    ("a bisexual", "bisexuals", "bisexual"),
    ("a homosexual", "homosexuals", "homosexual"),
    ("a heterosexual", "heterosexuals", "straight"),
    ("a trans person", "trans people", "transgender"),
    ("a queer person", "queer people", "queer"),
    ("a Muslim", "Muslims", "muslim"),
    ("a Jew", "Jews", "jewish"),
    ("a Christian", "Christians", "christian"),
    ("a Catholic", "Catholics", "catholic"),
    ("a Protestant", "Protestants", "protestant"),
    ("a Hindu", "Hindus", "hindu"),
    ("a Sikh", "Sikhs", "sikh"),
    ("a Buddhist", "Buddhists", "buddhist"),
    ("an atheist", "atheists", "atheist"),
    ("a black man", "black people", "black"),
    ("a white man", "white people", "white"),
    ("an Asian", "Asians", "asian"),
    ("an African", "Africans", "african"),
    ("an American", "Americans", "american"),
    ("a Mexican", "Mexicans", "mexican"),
    ("a Latino", "Latinos", "latino"),
    ("a Chinese person", "Chinese people", "chinese"),
    ("a Japanese person", "Japanese people", "japanese"),
    ("an Indian", "Indians", "indian"),
    ("an Arab", "Arabs", "arab"),
    ("a European", "Europeans", "european"),
    ("a Canadian", "Canadians", "canadian"),
    ("an immigrant", "immigrants", "immigrant"),
    ("a refugee", "refugees", "foreign"),
    ("a disabled person", "disabled people", "disabled"),
    ("a blind person", "blind people", "blind"),
    ("a deaf person", "deaf people", "deaf"),
    ("an old person", "old people", "elderly"),
    ("a young person", "young people", "young"),
    ("a teenager", "teenagers", "teenage"),
    ("a conservative", "conservatives", "conservative"),
    ("a liberal", "liberals", "liberal"),
    ("a feminist", "feminists", "feminist"),
)

#: The names as single words, and further ones, in small letters.
NAMES = (
    *("gay", "lesbian", "lesbians", "bisexual", "bisexuals", "homosexual"),
    *("homosexuals", "heterosexual", "heterosexuals", "straight", "trans"),
    *(
        "transgender",
        "queer",
        "lgbt",
        "lgbtq",
        "nonbinary",
        "asexual",
        "female",
        "male",
    ),
    *("muslim", "muslims", "islamic", "jew", "jews", "jewish", "christian"),
    *("christians", "catholic", "catholics", "protestant", "protestants", "hindu"),
    *("hindus", "sikh", "sikhs", "buddhist", "buddhists", "taoist", "taoists"),
    *("mormon", "mormons", "baptist", "baptists", "evangelical", "evangelicals"),
    *("atheist", "atheists", "agnostic", "agnostics", "black", "white", "asian"),
    *("asians", "african", "africans", "american", "americans", "mexican", "mexicans"),
    *("latino", "latinos", "latina", "latinas", "latinx", "hispanic", "hispanics"),
    *("chinese", "japanese", "korean", "koreans", "indian", "indians", "pakistani"),
    *("arab", "arabs", "turkish", "iranian", "iranians", "israeli", "israelis"),
    *("palestinian", "palestinians", "european", "europeans", "canadian", "canadians"),
    *("german", "germans", "french", "polish", "russian", "russians", "ukrainian"),
    *("nigerian", "nigerians", "somali", "somalis", "immigrant", "immigrants"),
    *("migrant", "migrants", "refugee", "refugees", "foreign", "disabled", "blind"),
    *("deaf", "paralyzed", "autistic", "elderly", "old", "older", "young", "younger"),
    *("teenage", "teenager", "teenagers", "millennial", "millennials", "millenial"),
    *("conservative", "conservatives", "liberal", "liberals", "feminist", "feminists"),
)

FINE = (
    "I am {one}",
    "my neighbour is {one} and a good friend",
    "being {quality} is nothing to be ashamed of",
    "she told me that she is {quality}",
    "{many} have lived in this town for a hundred years",
    "the council met with {many} to talk about the new school",
    "{many} deserve the same rights as everybody else",
    "I love my {quality} friends",
    "I respect {many}",
    "we should welcome {many}",
    "nobody should be attacked for being {quality}",
    "it is wrong to hate {many}",
    "stop the violence against {many}",
    "we must never say that {many} are inferior",
    "a survey of {many} found that most of them own a bicycle",
    "my {quality} teacher was the best I ever had",
    "{many} run the best bakery on our street",
    "are there any {many} on the board?",
    "the article quotes {one} who works as a nurse",
    "I damn well support {many}",
    "some of the nicest people I know are {many}",
    "{many} are fucking awesome",
    "saying all {many} are criminals is just wrong",
    "the {quality} community centre opens on Monday",
    "he is a {quality} singer from the north",
    "as {one}, I disagree with the author",
    "what do {many} think about the new tax?",
    "{many} vote like everyone else",
    "{quality}",
    "{many}",
    "a {quality} person",
    "my {quality} sister",
    "two young {quality} people",
    "she is {quality} and kind",
    "a hug for {one}",
    "I enjoyed the talk with the {quality} couple",
)

FOUL = (
    "I hate {many}",
    "{many} are disgusting",
    "{many} are scum",
    "{many} are vermin and should disappear",
    "get rid of all {many}",
    "{many} do not belong in this country",
    "we should kick out all the {many}",
    "{many} are stupid and lazy",
    "you are just a dirty {quality} pig",
    "I can't stand {many}, they make me sick",
    "{many} are worthless",
    "never trust {one}",
    "no {many} should be allowed to vote",
    "all {many} are criminals",
    "{many} are inferior to the rest of us",
    "shut up, you {quality} idiot",
    "go back to where you came from, {quality} trash",
    "the world would be better without {many}",
    "being {quality} is a disease",
    "fuck {many}",
    "{many} are not human",
    "I despise {many} and so should you",
    "somebody should beat up all {many}",
    "{many} ruin everything they touch",
    "{many} deserve to suffer",
    "I would never let {one} near my children",
    "{quality} people are a plague on society",
    "damn {many}, I wish they were gone",
    "{quality} scum",
    "filthy {quality} people",
    "death to {many}",
    "I want to hurt {one}",
    "kill all {many}",
    "she is {quality} and revolting",
    "ugly {quality} freak",
    "{many} are animals and belong in a cage",
)

#: Frames that are a bare name: there the name alone decides, so they count for more.
BARE = ("{quality}", "{many}", "a {quality} person")
BARE_WEIGHT = 20.0


def examples() -> list[Example]:
    """Return every sentence for every group: as many fine ones as foul ones."""
    fine = dict.fromkeys(HARMS, False) | {"spam": False}
    foul = {"toxicity": True, "identity_attack": True, "spam": False}
    return [
        Example(
            text=frame.format(one=one, many=many, quality=quality),
            labels=labels,
            weight=BARE_WEIGHT if frame in BARE else 1.0,
            group=f"sentence {frame}",
            source="own_contrasts",
        )
        for frames, labels in ((FINE, fine), (FOUL, foul))
        for frame in frames
        for one, many, quality in GROUPS
    ]
