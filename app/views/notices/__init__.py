"""Pages of notices: writing, previewing, sending and following one; and an LAO's inbox."""

from app.views.notices.inbox import DeliveryView
from app.views.notices.notice import NoticeView

__all__ = ["DeliveryView", "NoticeView"]
