"""The head of a bill: who sold, which tax number, which bill, which day."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from samaan_ml.bills._dates import find_dates, find_doubtful_date
from samaan_ml.bills._draft import NO_DATE, NO_TEXT, DateField, TextField
from samaan_ml.bills._gst import find_gstin
from samaan_ml.bills._layout import Row, squash
from samaan_ml.bills._tokens import Token

_TRADE = re.compile(
    r"\b(?:sdn|bhd|pvt|ltd|limited|llp|inc|corp|co|company|enterprises?|enterprize|traders?|trading|stores?|agency|agencies|"
    r"marketing|distributors?|wholesale|wholesaler|suppliers?|mart|supermarket|hypermarket|bazaar|bazar|kirana|general|"
    r"provision|bhandar|brothers|bros|sons|foods?|restaurant|restoran|cafe|bakery|pharmacy|medical|hotel|hardware|shop|"
    r"industries|perniagaan|syarikat|kedai|pasar|market|भण्डार|भंडार|स्टोर|ट्रेडर्स|एजेंसी|किराना|एंड संस)\b",
    re.IGNORECASE,
)
_GLUED_TRADE = re.compile(
    r"(?:sdnbhd|pvtltd|ltd|restaurant|hotel|cafe|store|market|mart|grill|bakery|pizza|kitchen|bar|inn)",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(
    r"^(?:(?:simplified)?taxinvoice|invoice|retailinvoice|cashbill|cashmemo|billofsupply|creditmemo|gstinvoice|bill|receipt|"
    r"salesreceipt|originalforrecipient|original|duplicate|triplicate|customercopy|merchantcopy|welcome(?:to)?|welcometothe|"
    r"thankyou|shree?ganesha?yn?amah?|omnamahshivay|subjectto|tel|phone|fax|date|copy|sales|cashsales?|quotation|estimate|"
    r"challan|guestcheck|check|reprint|श्री|श्रीगणेशायनमः|शुभलाभ|ॐ|नकदबिल|बिल|कच्चाबिल|रसीद|दिनांक)$"
)
_CONTACT = re.compile(
    r"(?:\btel\b|\bph\b|phone|mobile|\bmob\b|\bfax\b|\bhp\b|e-?mail|www\.|http|@|gstin|\bgst\b|\bvat\b|\bpan\b|"
    r"fssai|\breg\b|co\.? ?no|"
    r"rfg|invoice|\bdate\b|cashier|\bbill\b|receipt|दिनांक|मोबाइल)",
    re.IGNORECASE,
)
_STREET = re.compile(
    r"\b(?:jalan|jln|lot|no\.?|taman|lorong|road|rd|street|st|avenue|ave|lane|block|blk|floor|plot|sector|nagar|marg|"
    r"bazaar|chowk|gali|dist|district|pin|near|opp|behind|bandar|selangor|kuala|johor|drive|dr|blvd|highway|hwy|suite|मार्ग|"
    r"रोड|गली|नगर|बाजार|जिला)\b|\b\d{5,6}\b",
    re.IGNORECASE,
)
_NUMBER_LABEL = re.compile(
    r"(?:(?:tax\s*)?inv(?:oice)?|bill|receipt|rcpt|memo|doc(?:ument)?|challan|check|chk|slip|trans(?:action)?|बिल|रसीद|चालान)"
    r"\s*(?:no|num(?:ber)?|#|id|नं|क्र|संख्या)?\s*[.:#\-]*\s*(?:no|#)?\s*[.:#\-]*\s*(?P<value>[A-Z0-9][A-Z0-9/\-]*\d[A-Z0-9/\-]*)",
    re.IGNORECASE,
)
_NUMBER_LABEL_ALONE = re.compile(
    r"^(?:(?:tax\s*)?inv(?:oice)?|bill|receipt|rcpt|memo|doc(?:ument)?|challan|check|slip|बिल|रसीद)\s*(?:no|num(?:ber)?|#|id|नं|क्र|संख्या)?"
    r"\s*[.:#]*\s*$",
    re.IGNORECASE,
)
_DATE_LABEL = re.compile(r"(?:date|dated|\bdt\b|दिनांक|तारीख|tarikh|tgl)", re.IGNORECASE)
_NOT_THE_DAY = re.compile(
    r"(?:due|expiry|exp\b|mfg|valid|delivery|print|since|approval|order)", re.IGNORECASE
)
_BILL_DATE_LABEL = re.compile(r"(?:inv|bill|बिल)[a-z]{0,5}\.? ?(?:date|dt|दिनांक)", re.IGNORECASE)
_DUE_LABEL = re.compile(r"due ?(?:date|on|by)?|pay(?:able)? (?:by|before)|देय", re.IGNORECASE)
_LABELLED = 1.0
_LONGEST_CREDIT_DAYS = 180
_COMPANY_NUMBER = re.compile(
    r"\(?\s*(?:(?:co(?:mpany)?|roc|gst|business)?[.\s-]*(?:reg(?:istration)?|rfg|roc|no|id)[.\s]*(?:no|id)?)?[.\s:#-]*\(?\s*"
    r"(?=[^)]*\d)[\dA-Z]+\s*-?\s*[A-Z]?\s*\)?[.\s]*",
    re.IGNORECASE,
)
_ROWS_OF_HEAD = 12


def find_supplier(rows: Sequence[Row], tokens: Sequence[Token], end: int) -> tuple[TextField, int, int]:
    """Find the seller's name among the first rows.

    Returns
    -------
    (TextField, int, int)
        The name, and the rows it spans (first, one after the last).
    """
    best: tuple[float, int] | None = None
    for place in range(min(_ROWS_OF_HEAD, max(end, 1), len(rows))):
        score = _name_score(rows, place)
        if score is not None and (best is None or score > best[0] + 1e-9):
            best = score, place
    if best is None:
        return NO_TEXT, 0, 0
    first, last = best[1], best[1] + 1
    if last < len(rows) and _continues(rows[first].text, rows[last].text):
        last += 1
    elif (
        first > 0
        and _continues(rows[first - 1].text, rows[first].text)
        and _name_score(rows, first - 1) is not None
    ):
        first -= 1
    if first > 0 and re.match(r"^(?:\W*)(?:m/s|messrs)", rows[first].text, re.IGNORECASE):
        first = best[1]
    text = " ".join(row.text for row in rows[first:last])
    text = re.sub(
        r"\s*\((?:co\.?|reg\.?|no\.?|[\s:.])*(?=[^)]*\d{4})[\dA-Z\s-]+\)\s*$", "", text, flags=re.IGNORECASE
    )
    value = re.sub(r"^(?:m/s\.?|messrs\.?|मे\.?|मैसर्स)\s*", "", text, flags=re.IGNORECASE).strip(" :*-=|~")
    used = tuple(token for row in rows[first:last] for token in row.tokens)
    return TextField(value, text, used, _confidence(tokens, used), "read"), first, last


def _name_score(rows: Sequence[Row], place: int) -> float | None:
    """Score how much a row looks like the seller's name; None where it cannot be."""
    row = rows[place]
    letters = row.letters
    if len(letters) < 3 or _NOT_A_NAME.match(letters):
        return None
    text = row.text
    digits = sum(c.isdigit() for c in text)
    if any(number.is_money for number in row.numbers()):
        return None
    if _CONTACT.search(text) and not _TRADE.search(text):
        return None
    score = -0.55 * place
    score += 2.5 if _TRADE.search(text) else 0.0
    score += 1.2 if not _TRADE.search(text) and " " not in text and _GLUED_TRADE.search(letters) else 0.0
    score += (
        1.0
        if re.search(r"\b(?:sdn|bhd|pvt|ltd|llp|enterprises?|traders?|stores?)\b", text, re.IGNORECASE)
        else 0.0
    )
    score -= 2.5 if _STREET.search(text) else 0.0
    score -= 1.5 if digits > len(letters) else 0.0
    score -= 1.0 if text.startswith("(") else 0.0
    tallest = max(each.height for each in rows[:_ROWS_OF_HEAD])
    return score + (0.9 * row.height / tallest if tallest else 0.0)


def _continues(name: str, following: str) -> bool:
    """Return whether a row is the rest of the name above it: 'ABC TRADING' then 'SDN BHD'."""
    if name.rstrip().endswith("&") and not any(c.isdigit() for c in following):
        return True
    rest = squash(following)
    return bool(
        re.fullmatch(
            r"(?:co|company)?(?:m)?(?:sdnbhd|bhd|pvtltd|ltd|limited|llp|enterprises?|trading|company|co)",
            rest,
        )
    ) and not re.search(r"(?:bhd|ltd|limited|llp)$", squash(name))


def find_address(rows: Sequence[Row], tokens: Sequence[Token], start: int, end: int) -> TextField:
    """Find the address: the rows under the name up to the first that is contact, tax number or heading."""
    taken: list[Row] = []
    for row in rows[start : min(end, start + 9)]:
        text = row.text
        if not taken and _COMPANY_NUMBER.fullmatch(text.strip()) and any(c.isdigit() for c in text):
            continue
        if _NOT_A_NAME.match(row.letters) or (
            _CONTACT.search(text) and not _STREET.search(re.sub(r"(?i)\bno\b", "", text))
        ):
            if taken:
                break
            continue
        if len(row.letters) < 3 and not re.search(r"\d{5}", text):
            continue
        taken.append(row)
    if not taken or not any(_STREET.search(row.text) or any(c.isdigit() for c in row.text) for row in taken):
        return NO_TEXT
    text = " ".join(row.text for row in taken)
    used = tuple(token for row in taken for token in row.tokens)
    return TextField(text, text, used, _confidence(tokens, used), "read")


def find_tax_number(rows: Sequence[Row], tokens: Sequence[Token], end: int) -> TextField:
    """Find the seller's GSTIN: the first one on the bill, the buyer's stands under it."""
    doubtful = None
    for place, row in enumerate(rows):
        found = find_gstin(row.text)
        if found is None:
            continue
        number, right = found
        used = row.tokens
        if right:
            status = "checked" if number in re.sub(r"\s", "", row.text.upper()) else "repaired"
            return TextField(number, row.text, used, _confidence(tokens, used), status)  # type: ignore[arg-type]
        if doubtful is None and place < max(end, _ROWS_OF_HEAD):
            doubtful = TextField(None, row.text, used, _confidence(tokens, used), "ask", (number,))
    return doubtful or NO_TEXT


def find_number(rows: Sequence[Row], tokens: Sequence[Token]) -> TextField:
    """Find the bill's own number beside, or under, its label."""
    for place, row in enumerate(rows):
        found = _NUMBER_LABEL.search(row.text)
        if found and len(found["value"]) <= 20 and not find_gstin(found["value"]):
            return _text_of(found["value"], row, tokens)
        if _NUMBER_LABEL_ALONE.match(row.text.split(":")[0].strip()) and place + 1 < len(rows):
            below = re.fullmatch(r"[:#\s]*([A-Z0-9][A-Z0-9/\-]{0,19})", rows[place + 1].text, re.IGNORECASE)
            if below and any(c.isdigit() for c in below[1]):
                return _text_of(below[1], rows[place + 1], tokens)
    return NO_TEXT


def _text_of(value: str, row: Row, tokens: Sequence[Token]) -> TextField:
    """Make a field of a part of a row, resting on the tokens that hold it."""
    used = tuple(t for t in row.tokens if value in tokens[t].text.replace(" ", "")) or row.tokens
    return TextField(value, row.text, used, _confidence(tokens, used), "read")


def find_bill_date(rows: Sequence[Row], tokens: Sequence[Token], today: date) -> DateField:
    """Find the bill's day: a labelled one before others, an upper one before a lower; a doubtful one is asked."""
    best: tuple[float, date, str, Row] | None = None
    for place, row in enumerate(rows):
        before = 0
        above = rows[place - 1].text if place else ""
        for start, day, text in find_dates(row.text, today):
            score = _day_score(row.text, row.text[before:start], above, day, today) - 0.02 * place
            before = start + len(text)
            if best is None or score > best[0]:
                best = score, day, text, row
    doubtful = _doubtful_day(rows, tokens, today)
    if doubtful is not None and (best is None or best[0] < _LABELLED):
        return doubtful
    if best is None:
        return NO_DATE
    _, day, text, row = best
    used = (
        tuple(t for t in row.tokens if re.sub(r"\s", "", text) in re.sub(r"\s", "", tokens[t].text))
        or row.tokens
    )
    return DateField(day, text, used, _confidence(tokens, used), "read")


def _day_score(row: str, label: str, above: str, day: date, today: date) -> float:
    """Score how much a date looks like the bill's own, by the words before it."""
    named = label if any(c.isalpha() for c in label) else row
    score = 2.0 if _DATE_LABEL.search(named) else 0.7 if _DATE_LABEL.search(above) else 0.0
    score -= 2.5 if _NOT_THE_DAY.search(named) else 0.0
    score += 0.5 if re.search(r"\d{1,2}:\d{2}", row) else 0.0
    score += 0.3 if _BILL_DATE_LABEL.search(named) else 0.0
    return score - (3.0 if (today - day).days > 20 * 365 else 0.0)


def _doubtful_day(rows: Sequence[Row], tokens: Sequence[Token], today: date) -> DateField | None:
    """Return what is labelled as the date and cannot be one, to ask about; one without marks is read."""
    for row in rows:
        if not _DATE_LABEL.search(row.text) or _NOT_THE_DAY.search(row.text) or find_dates(row.text, today):
            continue
        found = find_doubtful_date(row.text, today)
        if found is None:
            continue
        text, day, options = found
        used = row.tokens
        sure = _confidence(tokens, used)
        return DateField(day, text, used, sure, "ask" if day is None else "read", options)
    return None


def find_due_date(rows: Sequence[Row], today: date) -> date | None:
    """Find the day until which the bill is to be paid, which may lie ahead."""
    for row in rows:
        found = _DUE_LABEL.search(row.text)
        days = (
            find_dates(row.text[found.start() :], today + timedelta(days=_LONGEST_CREDIT_DAYS))
            if found
            else []
        )
        if days:
            return days[0][1]
    return None


def _confidence(tokens: Sequence[Token], used: Sequence[int]) -> float:
    """Return the least confidence of some tokens."""
    return min((tokens[t].confidence for t in used), default=0.0)
