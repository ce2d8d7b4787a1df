"""Which item of the shop's catalogue a printed description means: scripts, spellings, brands, pack sizes.

A description becomes a set of sound words: Devanagari is written in Latin letters, spellings of one sound are made
one (cheeni, chini, चीनी), and known words of the trade are folded into one (sugar = chini). Packs are compared as
quantities: another pack is another item, however alike the names.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from samaan_ml.bills._duplicates import similarity
from samaan_ml.bills._numbers import parse_quantity
from samaan_ml.domain.digits import fold_digits

AUTOMATIC = 0.82
_CLEAR_LEAD = 0.08

_CONSONANTS = dict(
    zip(
        "कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसहळ",
        [
            "k",
            "kh",
            "g",
            "gh",
            "n",
            "ch",
            "chh",
            "j",
            "jh",
            "n",
            "t",
            "th",
            "d",
            "dh",
            "n",
            "t",
            "th",
            "d",
            "dh",
            "n",
            "p",
            "ph",
            "b",
            "bh",
            "m",
            "y",
            "r",
            "l",
            "v",
            "sh",
            "sh",
            "s",
            "h",
            "l",
        ],
        strict=True,
    )
)
_VOWELS = dict(zip("अआइईउऊएऐओऔऋ", ["a", "aa", "i", "ee", "u", "oo", "e", "ai", "o", "au", "ri"], strict=True))
_SIGNS = dict(zip("ािीुूेैोौृ", ["aa", "i", "ee", "u", "oo", "e", "ai", "o", "au", "ri"], strict=True))
_NUKTA = {"क": "q", "ख": "kh", "ग": "g", "ज": "z", "ड": "r", "ढ": "rh", "फ": "f"}

_SAME: tuple[str, ...] = (
    "sugar chini cheeni shakkar khand sakhar",
    "salt namak noon mith",
    "rice chawal chaval tandul",
    "flour atta aata gehu wheatflour",
    "maida refinedflour",
    "besan gramflour",
    "semolina sooji suji rava rawa",
    "milk doodh dudh",
    "curd dahi yogurt",
    "butter makhan makkhan",
    "tea chai chaipatti chay",
    "oil tel",
    "mustard sarson sarso rai",
    "groundnut moongphali mungfali peanut shengdana",
    "pulse dal daal dhal",
    "toor tur arhar tuvar",
    "chickpea chana channa",
    "moong mung",
    "urad udad",
    "masoor masur",
    "turmeric haldi",
    "chilli chili mirch mirchi chilly",
    "coriander dhania dhaniya",
    "cumin jeera zeera jira",
    "soap sabun saabun",
    "egg anda ande",
    "potato aloo alu batata",
    "onion pyaz pyaaz kanda",
    "bread pav dabalroti",
    "biscuit biskut biscuits",
    "jaggery gud gur",
    "water pani",
    "matchbox machis maachis",
    "incense agarbatti agarbati",
    "spice masala masale",
    "noodle noodles maggi",
)
_STOP = {
    "of",
    "the",
    "and",
    "pkt",
    "packet",
    "pack",
    "pcs",
    "pc",
    "nos",
    "no",
    "rs",
    "mrp",
    "new",
    "loose",
    "khula",
    "pouch",
    "bottle",
    "box",
    "jar",
}
_PACK = re.compile(
    r"(?<![\w.])(\d+(?:\.\d+)?)\s*(kgs?|kilo|किलो|gms?|gram|g|ग्राम|ltrs?|lt|litre|l|लीटर|ml|मिली)(?![a-z])(?:\s*[x×*]\s*(\d{1,3}))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """An item of the shop as far as matching needs it.

    Parameters
    ----------
    item_id, name : str
        The item.
    aliases : tuple of str, default=()
        Other names, in any script.
    """

    item_id: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemMatch:
    """A catalogue item that a description may mean.

    Parameters
    ----------
    item_id : str
        The item.
    score : float
        Similarity, 0 to 1.
    same_pack : bool
        False where both name a pack and the packs differ.
    automatic : bool
        Whether it may be taken without asking: learned, or very like, of the same pack and clearly ahead.
    reason : {"learned", "name", "alias"}
        What it was matched by.
    """

    item_id: str
    score: float
    same_pack: bool
    automatic: bool
    reason: str


def match_item(
    description: str,
    catalogue: Sequence[CatalogueItem],
    learned: Mapping[str, str] | None = None,
    limit: int = 3,
) -> tuple[ItemMatch, ...]:
    """Find the catalogue items that a printed description may mean, the likeliest first.

    Parameters
    ----------
    description : str
        As printed.
    catalogue : sequence of CatalogueItem
        The shop's items.
    learned : mapping of str to str or None, default=None
        What the shop chose before: `alias_key(description)` to item id.
    limit : int, default=3
        Most matches returned.

    Examples
    --------
    >>> names = {"s1": "Sugar 1 kg", "s5": "Sugar 5 kg", "t": "Tata Salt 1 kg"}
    >>> shop = [CatalogueItem(item_id, name) for item_id, name in names.items()]
    >>> match_item("चीनी 1 किलो", shop)[0].item_id
    's1'
    >>> [match.automatic for match in match_item("Sugar 2 kg", shop)]
    [False, False, False]
    """
    chosen = (learned or {}).get(alias_key(description))
    found = []
    for item in catalogue:
        if item.item_id == chosen:
            found.append(ItemMatch(item.item_id, 1.0, same_pack=True, automatic=True, reason="learned"))
            continue
        scores = [(_score(description, name), place) for place, name in enumerate((item.name, *item.aliases))]
        score, place = max(scores, key=lambda pair: pair[0])
        same = _same_pack(description, item)
        found.append(
            ItemMatch(item.item_id, score, same, automatic=False, reason="alias" if place else "name")
        )
    found.sort(key=lambda match: (-match.score, not match.same_pack, match.item_id))
    return _with_decision(found[:limit])


def _with_decision(found: list[ItemMatch]) -> tuple[ItemMatch, ...]:
    """Let the first match be taken without asking where it is good and clearly ahead."""
    if not found or found[0].automatic or any(match.automatic for match in found):
        return tuple(found)
    first = found[0]
    lead = first.score - max((match.score for match in found[1:]), default=0.0)
    if first.score >= AUTOMATIC and first.same_pack and lead >= _CLEAR_LEAD:
        first = ItemMatch(first.item_id, first.score, first.same_pack, automatic=True, reason=first.reason)
    return (first, *found[1:])


def alias_key(description: str) -> str:
    """Return the key under which a shop's choice for a description is remembered.

    Examples
    --------
    >>> alias_key("CHEENI  1kg") == alias_key("चीनी 1 किलो")
    True
    >>> alias_key("Sugar 1 kg") == alias_key("Sugar 5 kg")
    False
    """
    pack = pack_of(description)
    words = sorted(_sound_words(description))
    return " ".join(words) + ("" if pack is None else f" {pack[0]}{pack[1]}x{pack[2]}")


def pack_of(text: str) -> tuple[int, str, int] | None:
    """Return the pack that a name states: milli-units, base unit and pieces.

    Examples
    --------
    >>> pack_of("Amul Milk 500ml x 2")
    (500, 'l', 2)
    """
    found = _PACK.search(fold_digits(unicodedata.normalize("NFC", text)).lower())
    if found is None:
        return None
    unit = {"लीटर": "l", "मिली": "ml"}.get(found[2], found[2])
    quantity = parse_quantity(f"{found[1]} {unit}")
    if quantity is None or quantity.unit is None:
        return None
    base = "kg" if quantity.unit in {"kg", "g"} else "l"
    return quantity.milli, base, int(found[3] or 1)


def _same_pack(description: str, item: CatalogueItem) -> bool:
    """Return whether a description's pack is the item's, where it names one at all."""
    pack = pack_of(description)
    packs = {pack_of(name) for name in (item.name, *item.aliases)} - {None}
    return pack is None or not packs or pack in packs


def _score(description: str, name: str) -> float:
    """Compare two names: sound words with their lengths as weights, packs as quantities."""
    one, other = _sound_words(description), _sound_words(name)
    if not one or not other:
        return 0.0
    forth = _covered(one, other)
    back = _covered(other, one)
    score = 0.0 if forth + back == 0 else 2 * forth * back / (forth + back)
    packs = pack_of(description), pack_of(name)
    if None not in packs:
        return score * (1.0 if packs[0] == packs[1] else 0.6)
    return score * (1.0 if packs == (None, None) else 0.92)


def _covered(words: frozenset[str], by: frozenset[str]) -> float:
    """Return the share of some words, weighted by length, that others cover."""
    whole = sum(map(len, words))
    return sum(len(word) * _best(word, by) for word in words) / whole


def _best(word: str, words: frozenset[str]) -> float:
    """Return how well the best of some words fits one; short words must fit wholly."""
    if word in words:
        return 1.0
    best = max((similarity(word, other) for other in words), default=0.0)
    return best if best >= 0.6 and len(word) > 3 else 0.0


@lru_cache(maxsize=16_384)
def _sound_words(text: str) -> frozenset[str]:
    """Turn a name into the set of its sound words, packs left out."""
    folded = fold_digits(unicodedata.normalize("NFC", text)).lower()
    latin = transliterate(_PACK.sub(" ", folded))
    words = re.findall(r"[a-z]+|\d+", latin)
    kept = [word for word in words if word not in _STOP and (len(word) > 1 or word.isdigit())]
    return frozenset(_canonical(sound_of(word)) for word in kept or words)


def transliterate(text: str) -> str:
    """Write Devanagari in Latin letters as shops do; other text stays.

    Examples
    --------
    >>> transliterate("चीनी"), transliterate("नमक")
    ('cheenee', 'namak')
    """
    out: list[str] = []
    letters = unicodedata.normalize("NFD", text)
    for place, letter in enumerate(letters):
        following = letters[place + 1 : place + 2]
        if letter in _CONSONANTS:
            after = letters[place + 2 : place + 3] if following == "़" else following
            out.append(_NUKTA.get(letter, _CONSONANTS[letter]) if following == "़" else _CONSONANTS[letter])
            ends = not after or not ("\u0900" <= after <= "\u097f")
            out.append("" if ends or after in _SIGNS or after == "्" else "a")
        elif letter in _VOWELS or letter in _SIGNS:
            out.append(_VOWELS.get(letter) or _SIGNS[letter])
        elif letter in "ंँ":
            out.append("n")
        elif letter not in "़्ः":
            out.append(letter)
    return "".join(out)


_SOUNDS = (
    (r"ph", "f"),
    (r"ck|q", "k"),
    (r"sh|ch+h?", lambda m: "s" if m[0] == "sh" else "c"),
    (r"([kgjtdpb])h", r"\1"),
    (r"ee|ie|ii|y$|ea", "i"),
    (r"oo|uu|ou", "u"),
    (r"aa+", "a"),
    (r"ai|ay|ei", "e"),
    (r"au|ow", "o"),
    (r"w", "v"),
    (r"z", "j"),
    (r"x", "ks"),
    (r"(.)\1+", r"\1"),
    (r"(?<=..)(?:a|e|es|s)$", ""),
)


def sound_of(word: str) -> str:
    """Reduce a Latin word to how it sounds, so that spellings of one word meet.

    Examples
    --------
    >>> sound_of("cheeni") == sound_of("chini") == sound_of(transliterate("चीनी"))
    True
    """
    if word.isdigit():
        return word
    for pattern, replacement in _SOUNDS:
        word = re.sub(pattern, replacement, word)
    return word


def _canonical(sound: str) -> str:
    """Fold words of the trade that mean one thing into one."""
    return _same_sounds().get(sound, sound)


@lru_cache(maxsize=1)
def _same_sounds() -> dict[str, str]:
    """Map the sounds of the trade's words to the first of their group."""
    return {sound_of(word): sound_of(group.split()[0]) for group in _SAME for word in group.split()}
