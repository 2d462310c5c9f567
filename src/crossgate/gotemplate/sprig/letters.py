"""Letters and white space as Go's unicode package has them, where Python's str differs."""

# unicode.IsSpace: White_Space, without the separators U+001C to U+001F that Python strips too.
SPACES = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


def to_upper(text: str) -> str:
    """strings.ToUpper: letter by letter, so that ß stays."""
    return text.upper() if text.isascii() else "".join([upper_letter(letter) for letter in text])


def to_lower(text: str) -> str:
    """strings.ToLower: letter by letter, without a final sigma."""
    return text.lower() if text.isascii() else "".join([lower_letter(letter) for letter in text])


def upper_letter(letter: str) -> str:
    """unicode.ToUpper."""
    upper = letter.upper()
    if len(upper) == 1:
        return upper
    title = letter.title()
    return title if len(title) == 1 else letter


def lower_letter(letter: str) -> str:
    """unicode.ToLower."""
    return letter.lower()[:1] or letter


def title_letter(letter: str) -> str:
    """unicode.ToTitle."""
    title = letter.title()
    return title if len(title) == 1 else letter


def title(text: str) -> str:
    """strings.Title: the first letter of each word."""
    out, before = [], " "
    for letter in text:
        out.append(title_letter(letter) if _separates(before) else letter)
        before = letter
    return "".join(out)


def _separates(letter: str) -> bool:
    if letter.isascii():
        return not (letter.isalnum() or letter == "_")
    if letter.isalpha() or letter.isdecimal():
        return False
    return letter in SPACES


def untitle(text: str) -> str:
    """goutils.Uncapitalize: the first letter of each word small."""
    out, begins = [], True
    for letter in text:
        if letter in SPACES:
            begins = True
            out.append(letter)
        else:
            out.append(lower_letter(letter) if begins else letter)
            begins = False
    return "".join(out)


def swapcase(text: str) -> str:
    """goutils.SwapCase: a small letter at a word's beginning becomes a title letter."""
    out, after_space = [], True
    for letter in text:
        if letter.isupper() or letter.istitle():
            out.append(lower_letter(letter))
            after_space = False
        elif letter.islower() and letter.isalpha():
            out.append(title_letter(letter) if after_space else upper_letter(letter))
            after_space = False
        else:
            out.append(letter)
            after_space = letter in SPACES
    return "".join(out)
