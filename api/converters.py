"""Ids and names in addresses, as strict as the schema says."""

from django.urls import register_converter

LONGEST_NAME = 100


class Id:
    """1 to 18 digits without a leading zero: every database holds it."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


class Name:
    regex = "[^/\x00]{1,100}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Id, "id")
register_converter(Name, "name")
