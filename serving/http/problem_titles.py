"""The titles of problems in the languages of the shops; English stands with each error itself."""

from collections.abc import Mapping

_CODES = (
    *(
        "invalid_input",
        "unauthenticated",
        "mfa_required",
        "forbidden",
        "shop_claim_missing",
        "approval_required",
    ),
    *(
        "approval_refused",
        "not_found",
        "conflict",
        "already_exists",
        "idempotency_key_reused",
        "id_reused",
        "feed_gone",
    ),
    *("out_of_stock", "stock_changed", "credit_limit_exceeded", "stale_version", "too_many_requests"),
    *("service_unavailable", "store_unavailable", "predictor_unavailable", "malformed_request"),
    *("method_not_allowed", "body_too_large", "http_error"),
    *("malformed_json", "rule_broken", "internal_error", "session_revoked"),
)

_TEXTS = {
    "hi": """
एक मान सही नहीं है
पहले साइन इन करें
अपने ऑथेंटिकेटर ऐप का कोड डालें
इसकी अनुमति नहीं है
यह टोकन किसी दुकान का नहीं है
इसके लिए मालिक की मंज़ूरी चाहिए
यह मंज़ूरी इस काम की नहीं है
नहीं मिला
अनुरोध मौजूदा स्थिति से मेल नहीं खाता
यह पहले से मौजूद है
यह Idempotency-Key दूसरे अनुरोध में लग चुकी है
यह आईडी किसी और चीज़ की है
इतने पुराने बदलाव अब नहीं मिलते
स्टॉक काफ़ी नहीं है
स्टॉक अपेक्षा से अलग है
उधार की सीमा पार हो जाएगी
आपके देखने के बाद यह बदल गया
बहुत ज़्यादा अनुरोध
सेवा का एक हिस्सा उपलब्ध नहीं है
डेटा भंडार उपलब्ध नहीं है
मॉडल उपलब्ध नहीं है
अनुरोध पढ़ा नहीं जा सका
इस पते पर यह तरीका नहीं चलता
भेजा गया डेटा बहुत बड़ा है
अनुरोध अस्वीकार किया गया
भेजा गया डेटा JSON नहीं है
दुकान का एक नियम टूटता है
हमारी ओर से कुछ गड़बड़ हुई
यह फ़ोन साइन आउट किया गया
""",
    "hi-Latn": """
Ek value sahi nahin hai
Pehle sign in karein
Apne authenticator app ka code daalein
Iski anumati nahin hai
Yeh token kisi dukaan ka nahin hai
Iske liye maalik ki manzoori chahiye
Yeh manzoori is kaam ki nahin hai
Nahin mila
Request maujooda sthiti se mel nahin khaati
Yeh pehle se maujood hai
Yeh Idempotency-Key doosri request mein lag chuki hai
Yeh id kisi aur cheez ki hai
Itne puraane badlaav ab nahin milte
Stock kaafi nahin hai
Stock ummeed se alag hai
Udhaar ki seema paar ho jaayegi
Aapke dekhne ke baad yeh badal gaya
Bahut zyaada request
Seva ka ek hissa uplabdh nahin hai
Data bhandaar uplabdh nahin hai
Model uplabdh nahin hai
Request padhi nahin ja saki
Is pate par yeh tareeka nahin chalta
Bheja gaya data bahut bada hai
Request asweekaar ki gayi
Bheja gaya data JSON nahin hai
Dukaan ka ek niyam tootta hai
Hamaari taraf se kuchh gadbad hui
Yeh phone sign out kiya gaya
""",
    "bn": """
একটি মান সঠিক নয়
আগে সাইন ইন করুন
আপনার অথেন্টিকেটর অ্যাপের কোড দিন
এর অনুমতি নেই
এই টোকেন কোনো দোকানের নয়
এর জন্য মালিকের অনুমোদন চাই
এই অনুমোদন এই কাজের জন্য নয়
পাওয়া যায়নি
অনুরোধটি বর্তমান অবস্থার সঙ্গে মেলে না
এটি আগে থেকেই আছে
এই Idempotency-Key অন্য অনুরোধে ব্যবহার হয়েছে
এই আইডি অন্য কিছুর
এত পুরোনো পরিবর্তন আর নেই
যথেষ্ট স্টক নেই
স্টক প্রত্যাশার থেকে আলাদা
ধারের সীমা পেরিয়ে যাবে
আপনি দেখার পরে এটি বদলে গেছে
খুব বেশি অনুরোধ
পরিষেবার একটি অংশ পাওয়া যাচ্ছে না
ডেটা ভাণ্ডার পাওয়া যাচ্ছে না
মডেল পাওয়া যাচ্ছে না
অনুরোধটি পড়া গেল না
এই ঠিকানায় এই পদ্ধতি চলে না
পাঠানো ডেটা খুব বড়
অনুরোধটি গ্রহণ করা হয়নি
পাঠানো ডেটা JSON নয়
দোকানের একটি নিয়ম ভাঙছে
আমাদের দিকে কিছু ভুল হয়েছে
এই ফোন সাইন আউট করা হয়েছে
""",
    "gu": """
એક મૂલ્ય સાચું નથી
પહેલાં સાઇન ઇન કરો
તમારી ઓથેન્ટિકેટર એપનો કોડ નાખો
આની પરવાનગી નથી
આ ટોકન કોઈ દુકાનનું નથી
આ માટે માલિકની મંજૂરી જોઈએ
આ મંજૂરી આ કામ માટે નથી
મળ્યું નહીં
વિનંતી હાલની સ્થિતિ સાથે બંધબેસતી નથી
આ પહેલેથી જ છે
આ Idempotency-Key બીજી વિનંતીમાં વપરાઈ ગઈ છે
આ આઈડી બીજી વસ્તુની છે
આટલા જૂના ફેરફાર હવે મળતા નથી
સ્ટોક પૂરતો નથી
સ્ટોક અપેક્ષા કરતાં જુદો છે
ઉધારની મર્યાદા વટાવાઈ જશે
તમે જોયા પછી આ બદલાયું છે
ઘણી બધી વિનંતીઓ
સેવાનો એક ભાગ ઉપલબ્ધ નથી
ડેટા ભંડાર ઉપલબ્ધ નથી
મોડેલ ઉપલબ્ધ નથી
વિનંતી વાંચી શકાઈ નહીં
આ સરનામે આ રીત ચાલતી નથી
મોકલેલો ડેટા ઘણો મોટો છે
વિનંતી નકારાઈ
મોકલેલો ડેટા JSON નથી
દુકાનનો એક નિયમ તૂટે છે
અમારી બાજુએ કંઈક ખોટું થયું
આ ફોન સાઇન આઉટ કર્યો
""",
    "kn": """
ಒಂದು ಮೌಲ್ಯ ಸರಿಯಿಲ್ಲ
ಮೊದಲು ಸೈನ್ ಇನ್ ಮಾಡಿ
ನಿಮ್ಮ ಅಥೆಂಟಿಕೇಟರ್ ಆ್ಯಪ್‌ನ ಕೋಡ್ ನಮೂದಿಸಿ
ಇದಕ್ಕೆ ಅನುಮತಿ ಇಲ್ಲ
ಈ ಟೋಕನ್ ಯಾವ ಅಂಗಡಿಯದೂ ಅಲ್ಲ
ಇದಕ್ಕೆ ಮಾಲೀಕರ ಒಪ್ಪಿಗೆ ಬೇಕು
ಈ ಒಪ್ಪಿಗೆ ಈ ಕೆಲಸಕ್ಕಲ್ಲ
ಸಿಗಲಿಲ್ಲ
ವಿನಂತಿ ಈಗಿನ ಸ್ಥಿತಿಗೆ ಹೊಂದುವುದಿಲ್ಲ
ಇದು ಈಗಾಗಲೇ ಇದೆ
ಈ Idempotency-Key ಬೇರೆ ವಿನಂತಿಯಲ್ಲಿ ಬಳಕೆಯಾಗಿದೆ
ಈ ಐಡಿ ಬೇರೆಯದಕ್ಕೆ ಸೇರಿದೆ
ಇಷ್ಟು ಹಳೆಯ ಬದಲಾವಣೆಗಳು ಈಗ ಸಿಗುವುದಿಲ್ಲ
ಸಾಕಷ್ಟು ದಾಸ್ತಾನು ಇಲ್ಲ
ದಾಸ್ತಾನು ನಿರೀಕ್ಷೆಗಿಂತ ಬೇರೆಯಾಗಿದೆ
ಸಾಲದ ಮಿತಿ ಮೀರುತ್ತದೆ
ನೀವು ನೋಡಿದ ನಂತರ ಇದು ಬದಲಾಗಿದೆ
ವಿನಂತಿಗಳು ತುಂಬಾ ಹೆಚ್ಚಾಗಿವೆ
ಸೇವೆಯ ಒಂದು ಭಾಗ ಲಭ್ಯವಿಲ್ಲ
ಡೇಟಾ ಸಂಗ್ರಹ ಲಭ್ಯವಿಲ್ಲ
ಮಾದರಿ ಲಭ್ಯವಿಲ್ಲ
ವಿನಂತಿಯನ್ನು ಓದಲು ಆಗಲಿಲ್ಲ
ಈ ವಿಳಾಸದಲ್ಲಿ ಈ ವಿಧಾನ ನಡೆಯುವುದಿಲ್ಲ
ಕಳುಹಿಸಿದ ಡೇಟಾ ತುಂಬಾ ದೊಡ್ಡದು
ವಿನಂತಿಯನ್ನು ನಿರಾಕರಿಸಲಾಗಿದೆ
ಕಳುಹಿಸಿದ ಡೇಟಾ JSON ಅಲ್ಲ
ಅಂಗಡಿಯ ಒಂದು ನಿಯಮ ಮುರಿಯುತ್ತದೆ
ನಮ್ಮ ಕಡೆ ಏನೋ ತಪ್ಪಾಗಿದೆ
ಈ ಫೋನ್ ಸೈನ್ ಔಟ್ ಆಗಿದೆ
""",
    "mr": """
एक मूल्य बरोबर नाही
आधी साइन इन करा
तुमच्या ऑथेंटिकेटर ॲपचा कोड टाका
याची परवानगी नाही
हे टोकन कोणत्याही दुकानाचे नाही
यासाठी मालकाची मंजुरी हवी
ही मंजुरी या कामासाठी नाही
सापडले नाही
विनंती सध्याच्या स्थितीशी जुळत नाही
हे आधीपासूनच आहे
ही Idempotency-Key दुसऱ्या विनंतीसाठी वापरली आहे
ही आयडी दुसऱ्या गोष्टीची आहे
इतके जुने बदल आता मिळत नाहीत
साठा पुरेसा नाही
साठा अपेक्षेपेक्षा वेगळा आहे
उधारीची मर्यादा ओलांडली जाईल
तुम्ही पाहिल्यानंतर हे बदलले आहे
खूप जास्त विनंत्या
सेवेचा एक भाग उपलब्ध नाही
डेटा साठवण उपलब्ध नाही
मॉडेल उपलब्ध नाही
विनंती वाचता आली नाही
या पत्त्यावर ही पद्धत चालत नाही
पाठवलेला डेटा खूप मोठा आहे
विनंती नाकारली
पाठवलेला डेटा JSON नाही
दुकानाचा एक नियम मोडतो
आमच्याकडून काहीतरी चूक झाली
हा फोन साइन आउट केला
""",
    "ta": """
ஒரு மதிப்பு சரியில்லை
முதலில் உள்நுழையவும்
உங்கள் அங்கீகரிப்பு செயலியின் குறியீட்டை உள்ளிடவும்
இதற்கு அனுமதி இல்லை
இந்த டோக்கன் எந்தக் கடைக்கும் உரியதல்ல
இதற்கு உரிமையாளரின் ஒப்புதல் தேவை
இந்த ஒப்புதல் இந்த வேலைக்கானதல்ல
கிடைக்கவில்லை
கோரிக்கை தற்போதைய நிலைக்குப் பொருந்தவில்லை
இது ஏற்கனவே உள்ளது
இந்த Idempotency-Key வேறு கோரிக்கையில் பயன்பட்டுள்ளது
இந்த ஐடி வேறொன்றுக்கு உரியது
இவ்வளவு பழைய மாற்றங்கள் இப்போது இல்லை
போதிய இருப்பு இல்லை
இருப்பு எதிர்பார்த்ததிலிருந்து வேறாக உள்ளது
கடன் வரம்பு மீறப்படும்
நீங்கள் பார்த்த பிறகு இது மாறியுள்ளது
மிக அதிகமான கோரிக்கைகள்
சேவையின் ஒரு பகுதி கிடைக்கவில்லை
தரவுக் களஞ்சியம் கிடைக்கவில்லை
மாதிரி கிடைக்கவில்லை
கோரிக்கையைப் படிக்க முடியவில்லை
இந்த முகவரியில் இந்த முறை செல்லாது
அனுப்பிய தரவு மிகப் பெரியது
கோரிக்கை மறுக்கப்பட்டது
அனுப்பிய தரவு JSON அல்ல
கடையின் ஒரு விதி மீறப்படுகிறது
எங்கள் பக்கம் ஏதோ தவறு நடந்தது
இந்த ஃபோன் வெளியேற்றப்பட்டது
""",
    "te": """
ఒక విలువ సరిగా లేదు
ముందుగా సైన్ ఇన్ చేయండి
మీ ఆథెంటికేటర్ యాప్ కోడ్ నమోదు చేయండి
దీనికి అనుమతి లేదు
ఈ టోకెన్ ఏ దుకాణానిదీ కాదు
దీనికి యజమాని ఆమోదం కావాలి
ఈ ఆమోదం ఈ పనికి కాదు
దొరకలేదు
అభ్యర్థన ప్రస్తుత స్థితికి సరిపోదు
ఇది ఇప్పటికే ఉంది
ఈ Idempotency-Key వేరే అభ్యర్థనకు వాడారు
ఈ ఐడి వేరే దానిది
ఇంత పాత మార్పులు ఇప్పుడు లేవు
సరిపడా సరుకు లేదు
సరుకు అనుకున్నదానికి వేరుగా ఉంది
అప్పు పరిమితి దాటుతుంది
మీరు చూసిన తర్వాత ఇది మారింది
అభ్యర్థనలు చాలా ఎక్కువ
సేవలో ఒక భాగం అందుబాటులో లేదు
డేటా నిల్వ అందుబాటులో లేదు
మోడల్ అందుబాటులో లేదు
అభ్యర్థన చదవలేకపోయాం
ఈ చిరునామాలో ఈ పద్ధతి పనిచేయదు
పంపిన డేటా చాలా పెద్దది
అభ్యర్థన తిరస్కరించబడింది
పంపిన డేటా JSON కాదు
దుకాణం నియమం ఒకటి ఉల్లంఘించబడింది
మా వైపు ఏదో పొరపాటు జరిగింది
ఈ ఫోన్ సైన్ అవుట్ అయింది
""",
}

TITLES: Mapping[str, Mapping[str, str]] = {
    language: dict(zip(_CODES, text.strip().splitlines(), strict=True)) for language, text in _TEXTS.items()
}
"""Titles by language and code."""


def language_of(accept_language: str | None) -> str:
    """Choose the language that a caller likes best of those there are; English where there is none.

    Examples
    --------
    >>> language_of("fr, ta;q=0.8, en;q=0.5"), language_of("hi-IN"), language_of("hi-latn"), language_of(None)
    ('ta', 'hi', 'hi-Latn', 'en')
    >>> language_of("hi;q=0, en"), language_of("*"), language_of("nonsense;q=x")
    ('en', 'en', 'en')
    """
    known = {"en": "en", **{language.lower(): language for language in TITLES}}
    best, best_weight = "en", 0.0
    for part in (accept_language or "").split(",")[:20]:
        tag, _, rest = part.strip().lower().partition(";")
        weight = _weight(rest.strip())
        found = known.get(tag.strip()) or known.get(tag.strip().partition("-")[0])
        if found is not None and weight > best_weight:
            best, best_weight = found, weight
    return best


def _weight(text: str) -> float:
    """Read `q=0.8`; 1 where nothing is said, 0 where it cannot be read."""
    if not text:
        return 1.0
    name, _, value = text.partition("=")
    try:
        return min(max(float(value), 0.0), 1.0) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0


def title_in(language: str, code: str, english: str) -> str:
    """Return a problem's title in a language, English where that has none."""
    return TITLES.get(language, {}).get(code, english)
