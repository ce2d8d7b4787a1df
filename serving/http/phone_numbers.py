"""Phone numbers in one form, however they are written."""

_COUNTRY = "IN"
"""Where a number without a country is."""


def normalised(phone: str) -> str:
    """Write a phone number with its country and nothing but digits (E.164).

    Raises
    ------
    ValueError
        When it is no phone number.

    Examples
    --------
    >>> [normalised(each) for each in ("98200 11111", "09820011111", "919820011111", "+91-98200-11111")]
    ['+919820011111', '+919820011111', '+919820011111', '+919820011111']
    """
    # Its tables cost a tenth of a second: no slice without phone numbers pays for them.
    from phonenumbers import (
        NumberParseException,
        PhoneNumberFormat,
        format_number,
        is_possible_number,
        parse,
    )

    try:
        number = parse(phone, _COUNTRY)
    except NumberParseException:
        raise ValueError(f"'{phone}' is not a phone number; write it as +919812345678") from None
    indian = number.country_code == 91
    if not is_possible_number(number) or (indian and len(str(number.national_number)) != 10):
        raise ValueError(f"'{phone}' has too few or too many digits; write it as +919812345678")
    return str(format_number(number, PhoneNumberFormat.E164))


def spellings(phone: str) -> tuple[str, ...]:
    """Return the ways in which earlier versions may have stored a normalised number.

    Examples
    --------
    >>> spellings("+919820011111")
    ('+919820011111', '919820011111', '9820011111', '09820011111')
    """
    if not phone.startswith("+91"):
        return (phone, phone.removeprefix("+"))
    own = phone.removeprefix("+91")
    return (phone, f"91{own}", own, f"0{own}")
