"""Which of four languages a text is in, by the little words that only one of them has."""

from common.text import nfc, straight_apostrophes, words

# Words that two of the languages share (Irish "an", Hindi and Marathi "का") are in no list.
_LISTS = {
    "en": "the of and to that for with was are were by from have has it this not at which his her "
    "they you your been their will would there what when who can its than because about",
    "ga": "agus tá bhí sé sí níl atá faoi seo ach chun ag leis siad mé tú nach gur raibh na le ar "
    "sa san ní cén cad muid sinn aige aici acu orm ort agat bhfuil beidh bíonn dá gach chuig",
    "hi": "है हैं और नहीं में के को से था थी थे यह वह वे इस उस गया गई किया लिए लिये भी जो तक साथ "
    "क्या कौन कहाँ मैं आप हम उसने उन्होंने इसके उनके अपने करने रहा रही रहे सकता सकते",
    "mr": "आहे आहेत आणि नाही नाहीत होतं ते ती हे मध्ये त्या त्याने तिने त्यांनी म्हणून पण मी आम्ही "
    "तुम्ही झाला झाली झाले केला केली केले असते असतो असे असा कोणती कोणता काय साठी आपण येते जाते "
    "होतो त्याला तिला माझे माझा माझी आणखी किंवा कसे तेव्हा",
}
COMMON_WORDS = {language: frozenset(listed.split()) for language, listed in _LISTS.items()}
_LANGUAGES = {
    word: [name for name, listed in COMMON_WORDS.items() if word in listed]
    for listed in COMMON_WORDS.values()
    for word in listed
}
FEWEST_WORDS = 2


def primary(language: str) -> str:
    """The language of a BCP 47 tag, without region or script: mr-IN is mr."""
    return language.replace("_", "-").split("-")[0].lower()


def telling_words(text: str) -> dict[str, int]:
    """How many words of the text only en, ga, hi or mr has, for each of the four."""
    found = dict.fromkeys(COMMON_WORDS, 0)
    for word in words(straight_apostrophes(nfc(text)).casefold()):
        for language in _LANGUAGES.get(word, ()):
            found[language] += 1
    return found


def guess_language(text: str) -> str:
    """en, ga, hi or mr; "" where fewer than two words tell, or no language has twice the others'.

    A guess for finding outputs in the wrong language; names and terse answers give none.
    """
    found = telling_words(text)
    best, second = sorted(found, key=lambda name: -found[name])[:2]
    sure = found[best] >= FEWEST_WORDS and found[best] >= 2 * found[second]
    return best if sure else ""
