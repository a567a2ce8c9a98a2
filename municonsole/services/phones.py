"""Telephone numbers: as somebody says them, and as they are stored (E.164)."""

from __future__ import annotations

import re
from typing import Final

from municonsole.domain.errors import InvalidInput
from municonsole.domain.text import clean_line

_SPOKEN: Final = re.compile(r"\+?[0-9()./\s-]*[0-9][0-9()./\s-]*")
_SOUTH_AFRICA: Final = 27


def e164(spoken: str) -> str:
    """A number in any South African spelling, or another country's with `+`, as E.164: `+27821234567`.

    Raises InvalidInput, which quotes nothing of the number.
    """
    import phonenumbers  # 50 ms, which no start should pay

    text = clean_line(spoken).strip()
    if not _SPOKEN.fullmatch(text):
        raise InvalidInput("a phone number is written in digits: 082 123 4567, or +27 82 123 4567")
    digits = re.sub(r"\D", "", text)
    if digits.startswith(str(_SOUTH_AFRICA)) and len(digits) == 11:
        text = f"+{digits}"  # the country's code without the sign
    try:
        number = phonenumbers.parse(text, "ZA")
    except phonenumbers.NumberParseException:
        raise InvalidInput("this is no phone number; is a digit missing?") from None
    national = len(phonenumbers.national_significant_number(number))
    if number.country_code == _SOUTH_AFRICA and national != 9:
        raise InvalidInput(
            f"a South African number has ten digits with its leading 0, and here are {national + 1}"
        )
    if not phonenumbers.is_possible_number(number):
        raise InvalidInput("a number of that country is longer or shorter; is a digit missing?")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def spoken(number: str) -> str:
    """A stored number as one reads it out: `082 123 4567`; what is no E.164 number as it is."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if parsed.country_code == _SOUTH_AFRICA
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(parsed, style)
