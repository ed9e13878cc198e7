"""5/2/2027 is in May for some readers of English and in February for most: not guessed at."""

DATE_INPUT_FORMATS = ["%d %B %Y", "%d %b %Y", "%B %d, %Y", "%B %d %Y", "%b %d, %Y", "%b %d %Y"]
DATETIME_INPUT_FORMATS = [f"{day} %H:%M" for day in DATE_INPUT_FORMATS]
