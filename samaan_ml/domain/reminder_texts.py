"""Reminders in five languages, a lint that keeps shame and threats out of them, and the UPI link.

Every text names the shop, the exact amount and the due day, offers a way to disagree and a way to stop. The lint
reads what a shop writes itself as well: a word that shames, threatens, names an authority, a third party or
interest does not leave the shop.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args
from urllib.parse import parse_qs, quote, urlsplit

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.ledger import check_amount
from samaan_ml.domain.money import format_rupees

Language = Literal["en", "hi", "mr", "ta", "bn"]
Tone = Literal["before_due", "due", "overdue"]

LANGUAGES: tuple[Language, ...] = get_args(Language)
TONES: tuple[Tone, ...] = get_args(Tone)

_TEXTS: dict[Language, dict[Tone, str]] = {
    "en": {
        "before_due": "Namaste from {shop}. {amount} on your khata falls due on {due}. Thank you.",
        "due": "Namaste from {shop}. {amount} on your khata is due today, {due}. Thank you for your trust.",
        "overdue": "Namaste from {shop}. {amount} on your khata was due on {due}. Please pay when you can, or tell us "
        "which day suits you.",
    },
    "hi": {
        "before_due": "नमस्ते, {shop} की ओर से। आपके खाते के {amount} {due} को देने हैं। धन्यवाद।",
        "due": "नमस्ते, {shop} की ओर से। आपके खाते के {amount} आज, {due} को देने हैं। भरोसे के लिए धन्यवाद।",
        "overdue": "नमस्ते, {shop} की ओर से। आपके खाते के {amount} {due} को देने थे। जब सुविधा हो दे दीजिए, या बताइए "
        "कौन सा दिन ठीक रहेगा।",
    },
    "mr": {
        "before_due": "नमस्कार, {shop} कडून. तुमच्या खात्यातील {amount} {due} रोजी द्यायचे आहेत. धन्यवाद.",
        "due": "नमस्कार, {shop} कडून. तुमच्या खात्यातील {amount} आज, {due} रोजी द्यायचे आहेत. विश्वासाबद्दल धन्यवाद.",
        "overdue": "नमस्कार, {shop} कडून. तुमच्या खात्यातील {amount} {due} रोजी द्यायचे होते. जमेल तेव्हा द्या, किंवा "
        "कोणता दिवस सोयीचा आहे ते सांगा.",
    },
    "ta": {
        "before_due": "வணக்கம். {shop} கடையிலிருந்து எழுதுகிறோம். உங்கள் கணக்கில் {amount} {due} அன்று செலுத்த வேண்டும். நன்றி.",
        "due": "வணக்கம். {shop} கடையிலிருந்து எழுதுகிறோம். உங்கள் கணக்கில் {amount} இன்று, {due}, செலுத்த "
        "வேண்டும். நம்பிக்கைக்கு நன்றி.",
        "overdue": "வணக்கம். {shop} கடையிலிருந்து எழுதுகிறோம். உங்கள் கணக்கில் {amount} {due} அன்று செலுத்த வேண்டியிருந்தது. "
        "முடிந்தபோது செலுத்துங்கள், அல்லது எந்த நாள் வசதி என்று சொல்லுங்கள்.",
    },
    "bn": {
        "before_due": "নমস্কার, {shop} থেকে। আপনার খাতার {amount} {due} তারিখে দেওয়ার কথা। ধন্যবাদ।",
        "due": "নমস্কার, {shop} থেকে। আপনার খাতার {amount} আজ, {due} তারিখে দেওয়ার কথা। ভরসার জন্য ধন্যবাদ।",
        "overdue": "নমস্কার, {shop} থেকে। আপনার খাতার {amount} {due} তারিখে দেওয়ার কথা ছিল। সুবিধামতো দেবেন, অথবা "
        "কোন দিন সুবিধা হবে জানাবেন।",
    },
}
_CLOSING: dict[Language, str] = {
    "en": "If this is not right, tell us. Reply STOP for no more reminders.",
    "hi": "हिसाब में गलती हो तो बताइए। याद दिलाना बंद करने के लिए STOP लिखिए।",
    "mr": "हिशोबात चूक असेल तर सांगा. आठवण बंद करण्यासाठी STOP लिहा.",
    "ta": "கணக்கில் பிழை இருந்தால் சொல்லுங்கள். நினைவூட்டல் வேண்டாம் என்றால் STOP என்று எழுதுங்கள்.",
    "bn": "হিসাবে ভুল থাকলে জানাবেন। আর মনে করিয়ে দেওয়া না চাইলে STOP লিখুন।",
}
BANNED: dict[Language, tuple[str, ...]] = {
    "en": (
        "shame", "defaulter", "thief", "cheat", "fraud", "liar", "police", "court", "lawyer", "legal action", "jail",
        "last warning", "final warning", "or else", "consequences", "tell your family", "tell your neighbours",
        "your employer", "everyone will know", "blacklist", "credit score", "cibil", "interest", "penalty",
        "recovery agent", "seize", "threat", "beggar", "disgrace", "insult",
    ),
    "hi": (
        "शर्म", "बेशर्म", "चोर", "धोखेबाज", "धोखेबाज़", "झूठा", "पुलिस", "कोर्ट", "कचहरी", "वकील", "कानूनी कार्रवाई", "जेल",
        "आखिरी चेतावनी", "अंतिम चेतावनी", "अंजाम", "घरवालों को बता", "पड़ोसियों को बता", "सबको बता", "बदनाम", "ब्याज",
        "जुर्माना", "वसूली", "कुर्की", "भिखारी", "बेइज्जत", "डिफॉल्टर",
    ),
    "mr": (
        "लाज", "निर्लज्ज", "चोर", "फसव", "खोटारड", "पोलीस", "पोलिस", "कोर्ट", "न्यायालय", "वकील", "कायदेशीर कारवाई",
        "तुरुंग", "शेवटचा इशारा", "अंतिम इशारा", "परिणाम भोग", "घरच्यांना सांग", "शेजाऱ्यांना सांग", "सगळ्यांना सांग",
        "बदनाम", "व्याज", "दंड", "वसुली", "जप्ती", "भिकारी", "अपमान", "थकबाकीदार",
    ),
    "ta": (
        "வெட்கம்", "வெட்கக்", "திருட", "மோசடி", "ஏமாற்று", "பொய்யர்", "போலீஸ்", "காவல்துறை", "நீதிமன்ற", "வக்கீல்",
        "வழக்கறிஞர்", "சட்ட நடவடிக்கை", "சிறை", "கடைசி எச்சரிக்கை", "இறுதி எச்சரிக்கை", "விளைவு", "குடும்பத்தாரிடம் சொல்",
        "அண்டை வீட்டாரிடம் சொல்", "எல்லோரிடமும் சொல்", "அவமான", "வட்டி", "அபராத", "வசூல் ஏஜென்ட்", "ஜப்தி", "பிச்சை",
    ),
    "bn": (
        "লজ্জা", "নির্লজ্জ", "চোর", "প্রতারক", "মিথ্যাবাদী", "পুলিশ", "আদালত", "কোর্ট", "উকিল", "আইনি ব্যবস্থা", "জেল",
        "শেষ সতর্ক", "চূড়ান্ত সতর্ক", "পরিণাম", "পরিবারকে জানি", "প্রতিবেশীদের জানি", "সবাইকে জানি", "বদনাম", "সুদ",
        "জরিমানা", "আদায়কারী", "বাজেয়াপ্ত", "ভিখারি", "অপমান", "খেলাপি",
    ),
}  # fmt: skip


def reminder_text(
    language: Language, *, shop_name: str, due_paise: int, due_on: date, today: date, link: str = ""
) -> str:
    """Write a reminder.

    Parameters
    ----------
    language : {"en", "hi", "mr", "ta", "bn"}
        English, Hindi, Marathi, Tamil or Bengali.
    shop_name : str
        As the customer knows it.
    due_paise : int
        What is due, exactly.
    due_on : date
        Its due day.
    today : date
        The shop's day; decides the tone.
    link : str, default=""
        UPI link to append.

    Returns
    -------
    str
        The text, free of banned phrases.

    Raises
    ------
    RuleError
        For an unknown language, nothing due, or a shop name that the lint refuses.

    Examples
    --------
    >>> from datetime import date
    >>> print(reminder_text("en", shop_name="Sharma Kirana", due_paise=45_050, due_on=date(2026, 1, 9),
    ...                     today=date(2026, 1, 9)))
    Namaste from Sharma Kirana. Rs 450.50 on your khata is due today, 09-01-2026. Thank you for your trust.
    If this is not right, tell us. Reply STOP for no more reminders.
    """
    if language not in _TEXTS:
        raise RuleError(f"no reminders in '{language}'; use one of {', '.join(LANGUAGES)}", field="language")
    if due_paise <= 0:
        raise RuleError("nothing is due; no reminder is sent", field="due_paise")
    tone: Tone = "before_due" if today < due_on else "due" if today == due_on else "overdue"
    lines = [
        _TEXTS[language][tone].format(
            shop=shop_name, amount=format_rupees(due_paise), due=f"{due_on:%d-%m-%Y}"
        ),
        _CLOSING[language],
        link,
    ]
    text = "\n".join(line for line in lines if line)
    check_text(text)
    return text


def banned_phrases(text: str) -> tuple[str, ...]:
    """Return the phrases of any of the five languages that may not leave the shop.

    All languages are searched, since shops mix them; Latin phrases match whole words, the others anywhere.

    Examples
    --------
    >>> banned_phrases("Pay now or else we call the POLICE")
    ('police', 'or else')
    """
    plain = _plain(text)
    words = f" {' '.join(''.join(c if c.isalnum() else ' ' for c in plain).split())} "
    found = []
    for language, phrases in BANNED.items():
        for phrase in phrases:
            wanted = _plain(phrase)
            if (f" {wanted} " in words or f" {wanted}s " in words) if language == "en" else wanted in plain:
                found.append(phrase)
    return tuple(dict.fromkeys(found))


def check_text(text: str) -> str:
    """Return the text if it may be sent.

    Raises
    ------
    RuleError
        Naming the first phrase that shames, threatens or names what a shop does not do.
    """
    found = banned_phrases(text)
    if found:
        raise RuleError(f"a reminder may not say '{found[0]}'; put it kindly", field="text")
    return text


@dataclass(frozen=True, slots=True)
class UpiRequest:
    """A request for payment by UPI.

    Parameters
    ----------
    payee_address : str
        The shop's UPI id, such as "shop@bank".
    payee_name : str
        The shop's name.
    amount_paise : int
        Exactly what is asked for.
    note : str, default=""
        Shown to the payer.
    reference : str, default=""
        Comes back with the payment, so that it can be matched.

    Raises
    ------
    RuleError
        If the address is none or the amount not positive whole paise.
    """

    payee_address: str
    payee_name: str
    amount_paise: int
    note: str = ""
    reference: str = ""

    def __post_init__(self) -> None:
        """Refuse what no UPI app would take."""
        name, _, bank = self.payee_address.partition("@")
        allowed = all(c.isascii() and (c.isalnum() or c in ".-_") for c in name + bank)
        if not (name and bank and allowed):
            raise RuleError(f"'{self.payee_address}' is not a UPI id like shop@bank", field="payee_address")
        check_amount(self.amount_paise)
        if len(self.reference) > 35 or not self.reference.isascii():
            raise RuleError("'reference' takes at most 35 plain characters", field="reference")

    def link(self) -> str:
        """Return the deep link of NPCI's UPI linking specification.

        Examples
        --------
        >>> UpiRequest("shop@upi", "Sharma Kirana", 45_050, reference="c1-20260109").link()
        'upi://pay?pa=shop%40upi&pn=Sharma%20Kirana&am=450.50&cu=INR&tr=c1-20260109'
        """
        rupees, paise = divmod(self.amount_paise, 100)
        fields = {
            "pa": self.payee_address,
            "pn": self.payee_name,
            "am": f"{rupees}.{paise:02d}",
            "cu": "INR",
            "tn": self.note,
            "tr": self.reference,
        }
        return "upi://pay?" + "&".join(
            f"{key}={quote(value, safe='')}" for key, value in fields.items() if value
        )


def read_upi_link(link: str) -> UpiRequest:
    """Read a link back.

    Raises
    ------
    RuleError
        If it is not a UPI payment link in rupees with an exact amount.
    """
    parts = urlsplit(link)
    fields = {key: values[0] for key, values in parse_qs(parts.query).items()}
    rupees, dot, paise = fields.get("am", "").partition(".")
    exact = (
        rupees.isascii()
        and rupees.isdigit()
        and dot
        and len(paise) == 2
        and paise.isascii()
        and paise.isdigit()
    )
    if parts.scheme != "upi" or parts.netloc != "pay" or fields.get("cu") != "INR" or not exact:
        raise RuleError("this is not a UPI payment link in rupees with an exact amount", field="link")
    return UpiRequest(
        fields.get("pa", ""), fields.get("pn", ""), int(rupees) * 100 + int(paise), fields.get("tn", ""),
        fields.get("tr", ""),
    )  # fmt: skip


def _plain(text: str) -> str:
    """Fold case and the several ways to write one letter."""
    return unicodedata.normalize("NFKC", text).casefold()
