"""What other rooms may want to know of campaigns; sent in the transaction that makes it so."""

from django.dispatch import Signal

campaign_opened = Signal()  # with `campaign`
campaign_closed = Signal()
