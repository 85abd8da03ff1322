"""Times in Hindi, which has no short words for before and after noon; the rest is Django's."""

TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j F Y, H:i"
SHORT_DATETIME_FORMAT = "d-m-Y, H:i"
NUMBER_GROUPING = (3, 2, 0)
