"""Numbers as the page's language writes them."""

from django import template

from annotation.numerals import digits

register = template.Library()
register.filter("digits", digits)
