"""Codes of languages: whether one is a code at all, and the nearest where it is not.

The two-letter codes of ISO 639-1 with their English names, as registered since 2002, and the
three-letter ones of languages without two letters that speech services offer. A list of our own,
because all it has to do is to catch `eng`, `jp` and `english` before they are paid for; no library
answers more than that without a database of eight thousand languages.
"""

from collections.abc import Collection
from difflib import get_close_matches

_NAMES = """
aa Afar|ab Abkhazian|ae Avestan|af Afrikaans|ak Akan|am Amharic|an Aragonese|ar Arabic|as Assamese
av Avaric|ay Aymara|az Azerbaijani|ba Bashkir|be Belarusian|bg Bulgarian|bi Bislama|bm Bambara|bn Bengali
bo Tibetan|br Breton|bs Bosnian|ca Catalan|ce Chechen|ch Chamorro|co Corsican|cr Cree|cs Czech
cu Church Slavic|cv Chuvash|cy Welsh|da Danish|de German|dv Divehi|dz Dzongkha|ee Ewe|el Greek|en English
eo Esperanto|es Spanish|et Estonian|eu Basque|fa Persian|ff Fulah|fi Finnish|fj Fijian|fo Faroese
fr French|fy Western Frisian|ga Irish|gd Scottish Gaelic|gl Galician|gn Guarani|gu Gujarati|gv Manx
ha Hausa|he Hebrew|hi Hindi|ho Hiri Motu|hr Croatian|ht Haitian|hu Hungarian|hy Armenian|hz Herero
ia Interlingua|id Indonesian|ie Interlingue|ig Igbo|ii Sichuan Yi|ik Inupiaq|io Ido|is Icelandic
it Italian|iu Inuktitut|ja Japanese|jv Javanese|ka Georgian|kg Kongo|ki Kikuyu|kj Kuanyama|kk Kazakh
kl Kalaallisut|km Khmer|kn Kannada|ko Korean|kr Kanuri|ks Kashmiri|ku Kurdish|kv Komi|kw Cornish
ky Kirghiz|la Latin|lb Luxembourgish|lg Ganda|li Limburgan|ln Lingala|lo Lao|lt Lithuanian
lu Luba-Katanga|lv Latvian|mg Malagasy|mh Marshallese|mi Maori|mk Macedonian|ml Malayalam|mn Mongolian
mr Marathi|ms Malay|mt Maltese|my Burmese|na Nauru|nb Norwegian Bokmal|nd North Ndebele|ne Nepali
ng Ndonga|nl Dutch|nn Norwegian Nynorsk|no Norwegian|nr South Ndebele|nv Navajo|ny Chichewa|oc Occitan
oj Ojibwa|om Oromo|or Oriya|os Ossetian|pa Punjabi|pi Pali|pl Polish|ps Pashto|pt Portuguese|qu Quechua
rm Romansh|rn Rundi|ro Romanian|ru Russian|rw Kinyarwanda|sa Sanskrit|sc Sardinian|sd Sindhi
se Northern Sami|sg Sango|si Sinhala|sk Slovak|sl Slovenian|sm Samoan|sn Shona|so Somali|sq Albanian
sr Serbian|ss Swati|st Southern Sotho|su Sundanese|sv Swedish|sw Swahili|ta Tamil|te Telugu|tg Tajik
th Thai|ti Tigrinya|tk Turkmen|tl Tagalog|tn Tswana|to Tonga|tr Turkish|ts Tsonga|tt Tatar|tw Twi
ty Tahitian|ug Uighur|uk Ukrainian|ur Urdu|uz Uzbek|ve Venda|vi Vietnamese|vo Volapuk|wa Walloon|wo Wolof
xh Xhosa|yi Yiddish|yo Yoruba|za Zhuang|zh Chinese|zu Zulu|ceb Cebuano|fil Filipino|haw Hawaiian
yue Cantonese
"""

NAMES = {
    code: name
    for code, _, name in (each.partition(" ") for row in _NAMES.split("\n") for each in row.split("|"))
    if code
}
"""English names by code."""

_COUNTRIES = {
    "jp": "ja", "cn": "zh", "ua": "uk", "gr": "el", "dk": "da", "cz": "cs", "us": "en", "gb": "en",
    "rs": "sr", "vn": "vi", "il": "he", "iw": "he", "jw": "jv", "in": "hi", "ir": "fa", "al": "sq",
    "dut": "nl", "deu": "de", "zho": "zh", "esp": "es", "nor": "no", "swe": "sv", "spa": "es", "nld": "nl",
    "fra": "fr", "ces": "cs", "ell": "el", "fas": "fa", "mandarin": "zh", "brazilian": "pt",
    "castilian": "es",
}  # fmt: skip
"""Countries, three-letter codes and old codes that people write for the language."""


def problem(code: str, offered: Collection[str] = ()) -> str | None:
    """What is wrong with a language's code such as `en` or `pt-BR`, with the nearest one; None if nothing.

    Only the language is looked at: which regions a service knows is not published.

    Args:
        code: as it was typed.
        offered: the codes that the service takes, where it publishes them.
    """
    language = code.partition("-")[0].lower()
    if language in NAMES:
        return None
    dashed = code.replace("_", "-")
    if dashed != code and problem(dashed) is None:
        return f"{code!r} is no language's code; did you mean {dashed!r}?"
    found = _nearest(language) if language.strip() else None
    if offered and found not in offered:
        return None  # the list of those that are offered tells more
    hint = f"; did you mean {found!r} ({NAMES[found]})?" if found else ""
    return f"{code!r} is no language's code{hint or '.'} Codes have two letters, such as en, es, de"


def _nearest(word: str) -> str | None:
    """The code that a misspelt or foreign one means most likely."""
    if word in _COUNTRIES:
        return _COUNTRIES[word]
    names = {name.lower(): code for code, name in NAMES.items()}
    starting = [code for name, code in names.items() if name.startswith(word)]
    if starting:
        return starting[0]
    close = get_close_matches(word, [*names, *NAMES], n=1, cutoff=0.5)
    return names.get(close[0], close[0]) if close else None
