"""Ask several systems at once and watch them answer."""
