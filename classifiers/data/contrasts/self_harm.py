"""Comments of people who may harm themselves, and harmless ones in the same words.

All sentences are ours. A taunt ("go and hang yourself") is hostility: it stands in
`contrasts/hostility.py`, and says nothing about its author's own danger.
"""

from __future__ import annotations

from collections.abc import Iterator

from classifiers.data.contrasts.templates import SOURCE, Kind
from classifiers.data.datasets import Example

#: A person in danger is harmful to nobody else.
AT_RISK = {
    "self_harm": True,
    "toxicity": False,
    "insult": False,
    "identity_attack": False,
    "threat": False,
    "spam": False,
}
SAFE = AT_RISK | {"self_harm": False}
WEIGHT = 2.0

_RISK_WORDS = {
    "when": ("tonight", "tomorrow", "this weekend", "soon", "after the holidays"),
    "way": (
        *("take all my pills", "jump off the bridge", "hang myself", "cut my wrists"),
        *("step in front of a train", "drive into a wall", "end it", "kill myself"),
    ),
    "loss": (
        *("they took my job", "she left", "my son died", "the diagnosis"),
        *("the debts", "the divorce", "they evicted us", "last winter"),
    ),
    "people": ("my family", "everyone", "my kids", "my wife", "you all"),
}
AT_RISK_ENGLISH = Kind(
    name="people who may harm themselves",
    labels=AT_RISK,
    weight=WEIGHT,
    words=_RISK_WORDS,
    templates=(
        "I am going to {way} {when}.",
        "Since {loss} I just want to {way}.",
        "I can't go on any more. {when} I will {way}.",
        "{people} would be better off without me.",
        "Since {loss} I don't want to live any more.",
        "This is goodbye. I will {way} {when}.",
        "Nobody would even notice if I were to {way}.",
        "I think about how to {way} every night since {loss}.",
        "I have written letters to {people}. I'm so tired of being alive.",
        "What's the point? I've decided to {way}.",
        "I wish I could fall asleep and never wake up again.",
        "I already tried to {way} once, and next time I won't fail.",
        "I've been cutting again, ever since {loss}.",
        "I hurt myself because it's the only thing I feel since {loss}.",
        "There's no way out for me. {people} will understand one day.",
        "I want to die. Please, somebody tell me why I shouldn't.",
        "suicide is all I think of since {loss}",
        "I don't see a reason to be here {when}. Tell {people} I'm sorry.",
        "I have the pills here in front of me.",
        "everyone hates me and I want to disappear forever",
    ),
)
SAFE_ENGLISH = Kind(
    name="idioms and reports of death",
    labels=SAFE,
    weight=WEIGHT,
    words={
        "thing": ("this traffic", "that referee", "another meeting", "the heat"),
        "joke": ("that headline", "your comment", "the cartoon", "his excuse"),
        "place": ("Leeds", "the station", "the old bridge", "our county"),
        "food": ("a decent coffee", "that cake", "a cold beer", "chocolate"),
    },
    templates=(
        "{thing} is killing me.",
        "{thing} makes me want to bang my head against the wall.",
        "I nearly died laughing at {joke}.",
        "I would die for {food}.",
        "{joke} killed me, I'm dead.",
        "If I have to sit through {thing} again I'll throw myself out of the window, ha.",
        "The man who jumped at {place} left two children. So sad.",
        "Suicides at {place} have risen, says the report. The helpline needs money.",
        "My brother took his life near {place} ten years ago. Please call the helpline.",
        "Political suicide, that's what the vote in {place} was.",
        "The council of {place} is killing itself with these taxes.",
        "Cutting the budget in {place} will hurt all of us.",
        "I shot myself in the foot with that bet on {place}.",
        "I could have kicked myself when I missed {joke}.",
        "Assisted dying should be legal, and {place} should vote on it.",
        "We hang the washing out, and {thing} ruins it.",
        "I want to disappear to a beach and forget {thing}.",
        "I'm done with {thing}. Goodbye, see you in spring.",
        "So tired of {thing}.",
        "I can't take any more of {thing}, I'm switching it off.",
    ),
)
# Language → sentences of people at risk, and harmless ones in like words.
_SENTENCES = {
    "de": (
        (
            *("Ich will nicht mehr leben.", "Heute Nacht bringe ich mich um."),
            *(
                "Ohne mich wären alle besser dran.",
                "Ich springe morgen von der Brücke.",
            ),
            *("Ich halte es nicht mehr aus, ich mache Schluss mit allem.",),
            *("Ich ritze mich wieder, seit sie weg ist.", "Ich möchte sterben."),
            *("Ich habe die Tabletten schon hier liegen.",),
        ),
        (
            *("Ich habe mich totgelacht.", "Dieser Verkehr bringt mich um."),
            *("Ohne mich gewinnt ihr nie!", "Er sprang von der Brücke ins Wasser."),
            *("Ich halte diese Hitze nicht mehr aus.", "Politischer Selbstmord."),
            *("Für ein Eis könnte ich sterben.", "Die Tabletten helfen gegen Fieber."),
        ),
    ),
    "fr": (
        (
            *("Je ne veux plus vivre.", "Ce soir je vais me tuer."),
            *("Tout le monde serait mieux sans moi.", "Je vais me jeter du pont."),
            *("Je n'en peux plus, je veux mourir.", "Je me scarifie encore."),
            *("J'ai les comprimés devant moi.", "Je pense au suicide chaque nuit."),
        ),
        (
            *("Je suis mort de rire.", "Cette chaleur me tue."),
            *("Sans moi, vous perdrez.", "Il s'est jeté à l'eau sans réfléchir."),
            *("Je n'en peux plus de ces embouteillages.", "Un suicide politique."),
            *("Je mourrais pour un bon café.", "Ces comprimés sont trop chers."),
        ),
    ),
    "es": (
        (
            *("Ya no quiero vivir.", "Esta noche me voy a matar."),
            *("Todos estarían mejor sin mí.", "Me voy a tirar del puente."),
            *("No puedo más, quiero morirme.", "Me corto otra vez los brazos."),
            *("Tengo las pastillas delante.", "Cada noche pienso en el suicidio."),
        ),
        (
            *("Me muero de risa.", "Este calor me mata."),
            *("Sin mí no ganáis.", "Se tiró a la piscina sin pensarlo."),
            *("No puedo más con este tráfico.", "Un suicidio político."),
            *("Mataría por un buen café.", "Las pastillas están carísimas."),
        ),
    ),
    "pt": (
        (
            *("Não quero mais viver.", "Hoje à noite vou me matar."),
            *("Todos estariam melhor sem mim.", "Vou me jogar da ponte."),
            *("Não aguento mais, quero morrer.", "Voltei a me cortar."),
            *("Estou com os comprimidos na mão.", "Penso em suicídio toda noite."),
        ),
        (
            *("Morri de rir.", "Este calor está me matando."),
            *("Sem mim vocês perdem.", "Ele se jogou na piscina."),
            *("Não aguento mais este trânsito.", "Foi suicídio político."),
            *("Eu mataria por um café.", "Os comprimidos ficaram caros."),
        ),
    ),
    "it": (
        (
            *("Non voglio più vivere.", "Stanotte mi ammazzo."),
            *("Starebbero tutti meglio senza di me.", "Mi butto dal ponte."),
            *("Non ce la faccio più, voglio morire.", "Ho ripreso a tagliarmi."),
            *("Ho le pastiglie qui davanti.", "Ogni notte penso al suicidio."),
        ),
        (
            *("Sono morto dal ridere.", "Questo caldo mi uccide."),
            *("Senza di me perdete.", "Si è buttato in acqua."),
            *("Non ce la faccio più con questo traffico.", "Un suicidio politico."),
            *("Ucciderei per un caffè.", "Le pastiglie costano troppo."),
        ),
    ),
    "nl": (
        (
            *("Ik wil niet meer leven.", "Vannacht maak ik er een eind aan."),
            *("Iedereen is beter af zonder mij.", "Ik spring van de brug."),
            *("Ik kan niet meer, ik wil dood.", "Ik snijd mezelf weer."),
            *("Ik heb de pillen hier liggen.", "Elke nacht denk ik aan zelfmoord."),
        ),
        (
            *("Ik lach me dood.", "Deze hitte wordt mijn dood."),
            *("Zonder mij winnen jullie nooit.", "Hij sprong in het water."),
            *("Ik kan niet meer tegen dit verkeer.", "Politieke zelfmoord."),
            *("Ik zou een moord doen voor koffie.", "De pillen zijn te duur."),
        ),
    ),
    "pl": (
        (
            *("Nie chcę już żyć.", "Dziś w nocy się zabiję."),
            *("Wszystkim byłoby lepiej beze mnie.", "Skoczę z mostu."),
            *("Już nie mogę, chcę umrzeć.", "Znowu się tnę."),
            *("Mam już tabletki przed sobą.", "Co noc myślę o samobójstwie."),
        ),
        (
            *("Umarłem ze śmiechu.", "Ten upał mnie zabija."),
            *("Beze mnie przegracie.", "Skoczył do wody bez namysłu."),
            *("Nie mogę już znieść tych korków.", "Polityczne samobójstwo."),
            *("Zabiłbym za dobrą kawę.", "Tabletki są za drogie."),
        ),
    ),
}
# Language → what people say of themselves on any day: of texts in the first person, those
# above are half of people at risk.
_EVERYDAY = {
    "de": (
        *("Ich {plan}.", "Ja, ich {plan}.", "Ich {plan}, wie jedes Jahr."),
        *("Also ich {plan}.", "Und ich {plan}, bis dahin!"),
    ),
    "fr": (
        *("Je {plan}.", "Oui, je {plan}.", "Je {plan}, comme chaque année."),
        *("Moi, je {plan}.", "Et je {plan}, d'ici là !"),
    ),
    "es": (
        *("Yo {plan}.", "Sí, {plan}.", "Yo {plan}, como cada año."),
        *("Pues yo {plan}.", "¡Y hasta entonces {plan}!"),
    ),
    "pt": (
        *("Eu {plan}.", "Sim, eu {plan}.", "Eu {plan}, como todo ano."),
        *("Pois eu {plan}.", "E até lá {plan}!"),
    ),
    "it": (
        *("Io {plan}.", "Sì, {plan}.", "Io {plan}, come ogni anno."),
        *("Beh, io {plan}.", "E fino ad allora {plan}!"),
    ),
    "nl": (
        *("Ik {plan}.", "Ja, ik {plan}.", "Ik {plan}, net als elk jaar."),
        *("Nou, ik {plan}.", "En ik {plan}, tot dan!"),
    ),
    "pl": (
        *("{plan}.", "Tak, {plan}.", "{plan}, jak co roku."),
        *("A ja {plan}.", "I do tego czasu {plan}!"),
    ),
}
_PLANS = {
    "de": (
        *("komme zur Sitzung", "bestelle noch zwei Bücher", "fahre mit dem Rad"),
        *("wohne am Ufer", "nehme morgen den Bus", "habe den Artikel gelesen"),
        *("bleibe heute zu Hause", "schreibe dem Rat", "bin dafür", "warte noch ab"),
    ),
    "fr": (
        *("viendrai à la réunion", "commande encore deux livres", "roule à vélo"),
        *("vis près du quai", "prends le bus demain", "viens de lire l'article"),
        *("reste chez moi ce soir", "vais écrire au conseil", "suis pour", "vais voir"),
    ),
    "es": (
        *("voy a la reunión", "pido dos libros más", "voy en bici al trabajo"),
        *("vivo junto al muelle", "tomo el autobús mañana", "he leído el artículo"),
        *("me quedo en casa", "voy a escribir al alcalde", "estoy a favor", "espero"),
    ),
    "pt": (
        *("vou à reunião", "encomendo mais dois livros", "ando de bicicleta"),
        *("moro perto do cais", "pego o ônibus amanhã", "li o artigo inteiro"),
        *("fico em casa hoje", "vou escrever à câmara", "sou a favor", "vou esperar"),
    ),
    "it": (
        *("vengo alla riunione", "ordino altri due libri", "vado in bicicletta"),
        *("abito vicino al molo", "prendo l'autobus domani", "ho letto l'articolo"),
        *("resto a casa stasera", "scrivo al comune", "sono a favore", "aspetto"),
    ),
    "nl": (
        *("kom naar de vergadering", "bestel nog twee boeken", "fiets naar mijn werk"),
        *("woon aan de kade", "neem morgen de bus", "heb het artikel gelezen"),
        *("blijf vandaag thuis", "schrijf de gemeente", "ben voor", "wacht nog even"),
    ),
    "pl": (
        *("przyjdę na zebranie", "zamawiam jeszcze dwie książki", "jeżdżę rowerem"),
        *("mieszkam nad rzeką", "jutro jadę autobusem", "czytałam cały artykuł"),
        *("zostaję dziś w domu", "napiszę do rady", "jestem za", "jeszcze poczekam"),
    ),
}
KINDS = (
    AT_RISK_ENGLISH,
    SAFE_ENGLISH,
    *(
        Kind(
            name=f"people on any day ({code})",
            labels=SAFE,
            words={"plan": _PLANS[code]},
            templates=templates,
        )
        for code, templates in _EVERYDAY.items()
    ),
    *(
        kind
        for code, (at_risk, safe) in _SENTENCES.items()
        for kind in (
            Kind(
                name=f"people who may harm themselves ({code})",
                labels=AT_RISK,
                weight=WEIGHT,
                words={},
                templates=at_risk,
            ),
            Kind(
                name=f"idioms of death ({code})",
                labels=SAFE,
                weight=WEIGHT,
                words={},
                templates=safe,
            ),
        )
    ),
)

# Language → the plainest sentences of people at risk, and harmless ones with their words.
_PLAIN = {
    "en": (
        (
            *("I want to kill myself", "I want to die", "I will kill myself tonight"),
            *("I'm going to kill myself", "I am going to end my life", "i wanna die"),
            *("I'm suicidal", "I want to end it all", "I can't live like this anymore"),
            *("I am thinking about suicide", "I tried to kill myself last year"),
            *(
                "I don't want to be alive",
                "I want to hurt myself",
                "I cut myself again",
            ),
            *("life is not worth living any more", "I wish I was dead", "kms tonight"),
            *("I overdosed and nobody came", "goodbye, I won't be here tomorrow"),
        ),
        (
            *("I want to kill this weed", "I will kill that wasp", "I want to live"),
            *("he said he wanted to die", "the killer ended his life in prison"),
            *("suicide prevention saves lives", "I want to end this debate"),
            *("I can't live without cheese", "the plant will die without water"),
            *("I cut myself a slice of bread", "I hurt my knee playing football"),
            *("goodbye, see you tomorrow", "the party is dead", "kill the lights"),
            *("you should kill yourself", "go and die", "they want to kill us all"),
        ),
    ),
    "de": (
        ("ich will sterben", "ich bring mich um", "ich will mich umbringen"),
        ("bring dich um", "er wollte sterben", "ich will leben"),
    ),
    "fr": (
        ("je veux mourir", "je vais me suicider", "je veux me tuer"),
        ("va mourir", "il voulait mourir", "je veux vivre"),
    ),
    "es": (
        ("quiero morir", "me quiero matar", "voy a suicidarme"),
        ("muérete", "él quería morir", "quiero vivir"),
    ),
    "pt": (
        ("quero morrer", "quero me matar", "vou me suicidar"),
        ("morre logo", "ele queria morrer", "quero viver"),
    ),
    "it": (
        ("voglio morire", "voglio uccidermi", "mi suicido"),
        ("muori", "voleva morire", "voglio vivere"),
    ),
    "nl": (
        ("ik wil dood", "ik maak mezelf van kant", "ik wil zelfmoord plegen"),
        ("ga dood", "hij wilde sterven", "ik wil leven"),
    ),
    "pl": (
        ("chcę umrzeć", "chcę się zabić", "zabiję się"),
        ("zdechnij", "on chciał umrzeć", "chcę żyć"),
    ),
    "ru": (
        ("я хочу умереть", "я хочу покончить с собой", "я убью себя"),
        ("сдохни", "он хотел умереть", "я хочу жить"),
    ),
    "ko": (("죽고 싶어", "자살하고 싶다"), ("죽어라", "배고파 죽겠다")),
    "ja": (("死にたい", "自殺したい"), ("死ね", "笑い死にした")),
    "zh": (("我想死", "我想自杀", "我不想活了"), ("去死吧", "笑死我了", "我想活着")),
    "ar": (("أريد أن أموت", "سأنتحر الليلة"), ("مت من الضحك", "أريد أن أعيش")),
    "tr": (("ölmek istiyorum", "intihar edeceğim"), ("geber", "gülmekten öldüm")),
}
#: How much a plain sentence counts: they are few, and the clearest.
PLAIN_WEIGHT = 4.0


def examples() -> Iterator[Example]:
    """Yield the plainest sentences; all of them are trained on."""
    for at_risk, safe in _PLAIN.values():
        for texts, is_at_risk in ((at_risk, True), (safe, False)):
            for text in texts:
                yield Example(
                    text=text,
                    labels={"self_harm": is_at_risk},
                    weight=PLAIN_WEIGHT,
                    group=f"plain {text}",
                    source=SOURCE,
                )
