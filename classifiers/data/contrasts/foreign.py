"""Short insults and short kindness in fifteen languages."""

from __future__ import annotations

from classifiers.data.contrasts.speech import NONE
from classifiers.data.contrasts.templates import Kind

RUDE = {"toxicity": True, "insult": True, "spam": False}
#: Code → sentences with a place for an insult, insults, and kind words.
_SPEECH: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "fr": (
        (
            "{word}",
            "espèce de {word}",
            "sale {word}",
            "ta gueule {word}",
            "t'es qu'un {word}",
        ),
        ("salaud", "enculé", "con", "débile", "ordure", "salope", "abruti", "crétin"),
        ("merci", "bonjour", "bravo", "très bien", "félicitations", "bonne nuit"),
    ),
    "es": (
        ("{word}", "eres un {word}", "cállate {word}", "puto {word}", "vaya {word}"),
        (
            "idiota",
            "gilipollas",
            "imbécil",
            "pendejo",
            "hijo de puta",
            "maricón",
            "zorra",
        ),
        ("gracias", "muy bien", "buenos días", "felicidades", "qué bonito"),
    ),
    "pt": (
        (
            "{word}",
            "seu {word}",
            "cala a boca {word}",
            "que {word}",
            "vai à merda {word}",
        ),
        ("filho da puta", "otário", "babaca", "cretino", "vagabundo", "burro", "viado"),
        ("obrigado", "bom dia", "parabéns", "muito bom", "que lindo"),
    ),
    "it": (
        ("{word}", "sei uno {word}", "pezzo di {word}", "zitto {word}", "che {word}"),
        (
            "stronzo",
            "coglione",
            "merda",
            "bastardo",
            "puttana",
            "cretino",
            "vaffanculo",
        ),
        ("grazie", "buongiorno", "bravissimo", "che bello", "auguri"),
    ),
    "de": (
        (
            "{word}",
            "du {word}",
            "halt's Maul {word}",
            "so ein {word}",
            "verpiss dich {word}",
        ),
        ("Arschloch", "Wichser", "Hurensohn", "Missgeburt", "Drecksau", "Vollidiot"),
        ("danke", "guten Morgen", "sehr schön", "alles Gute", "gut gemacht"),
    ),
    "nl": (
        (
            "{word}",
            "jij {word}",
            "hou je bek {word}",
            "wat een {word}",
            "rot op {word}",
        ),
        ("klootzak", "eikel", "hoer", "kankerlijer", "trut", "lul", "mongool"),
        ("bedankt", "goedemorgen", "heel mooi", "gefeliciteerd", "goed zo"),
    ),
    "pl": (
        (
            "{word}",
            "ty {word}",
            "zamknij się {word}",
            "co za {word}",
            "spierdalaj {word}",
        ),
        ("chuj", "debil", "skurwysyn", "dziwka", "pojeb", "gnój", "szmata"),
        ("dziękuję", "dzień dobry", "brawo", "bardzo ładne", "gratulacje"),
    ),
    "cs": (
        (
            "{word}",
            "ty {word}",
            "drž hubu {word}",
            "jsi {word}",
            "běž do prdele {word}",
        ),
        ("kretén", "kokot", "čurák", "děvka", "debil", "zmrd", "kráva blbá"),
        ("děkuji", "dobrý den", "výborně", "moc pěkné", "gratuluji"),
    ),
    "tr": (
        (
            "{word}",
            "sen {word}",
            "kapa çeneni {word}",
            "siktir git {word}",
            "ne {word} ama",
        ),
        ("orospu çocuğu", "aptal", "şerefsiz", "göt", "piç", "gerizekalı", "ibne"),
        ("teşekkürler", "günaydın", "çok güzel", "tebrikler", "aferin"),
    ),
    "sv": (
        (
            "{word}",
            "din {word}",
            "håll käften {word}",
            "vilken {word}",
            "dra åt helvete {word}",
        ),
        ("jävla idiot", "fitta", "hora", "kukhuvud", "svin", "rövhål", "as"),
        ("tack", "god morgon", "mycket bra", "grattis", "så fint"),
    ),
    "ro": (
        (
            "{word}",
            "ești un {word}",
            "taci {word}",
            "ce {word}",
            "du-te dracului {word}",
        ),
        ("prost", "idiotule", "curvă", "bou", "cretin", "jeg", "nenorocit"),
        ("mulțumesc", "bună ziua", "foarte bine", "felicitări", "frumos"),
    ),
    "hu": (
        (
            "{word}",
            "te {word}",
            "fogd be {word}",
            "micsoda {word}",
            "menj a picsába {word}",
        ),
        ("köcsög", "geci", "barom", "kurva anyád", "hülye", "faszfej", "állat"),
        ("köszönöm", "jó reggelt", "nagyon szép", "gratulálok", "szuper"),
    ),
    "fi": (
        (
            "{word}",
            "sinä {word}",
            "turpa kiinni {word}",
            "mikä {word}",
            "painu helvettiin {word}",
        ),
        ("kusipää", "huora", "idiootti", "mulkku", "paskiainen", "ääliö", "vittu"),
        ("kiitos", "hyvää huomenta", "oikein hyvä", "onneksi olkoon", "hienoa"),
    ),
    "id": (
        ("{word}", "dasar {word}", "diam {word}", "kamu {word}", "pergi sana {word}"),
        ("anjing", "bangsat", "goblok", "tolol", "bajingan", "babi", "kontol"),
        ("terima kasih", "selamat pagi", "bagus sekali", "selamat", "indah"),
    ),
    "hr": (
        ("{word}", "ti si {word}", "začepi {word}", "kakav {word}", "odjebi {word}"),
        ("kreten", "govno", "peder", "kučkin sin", "glupan", "smeće", "stoka"),
        ("hvala", "dobar dan", "odlično", "čestitam", "lijepo"),
    ),
}
KINDS = tuple(
    kind
    for code, (frames, insults, kindness) in _SPEECH.items()
    for kind in (
        Kind(
            name=f"short insults ({code})",
            labels=RUDE,
            weight=2.0,
            words={"word": insults},
            templates=frames,
        ),
        Kind(
            name=f"short kindness ({code})",
            labels=NONE,
            weight=2.0,
            words={"word": kindness},
            templates=("{word}", "{word}!", "{word}, {word}", "{word} :)"),
        ),
    )
)
