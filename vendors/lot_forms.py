"""What a seller writes about a harvest lot, and about goods sold ahead of their harvest."""

from datetime import date, timedelta

from kit.forms import Form, day, text, whole
from kit.i18n import say
from vendors.services.ahead import Window
from vendors.services.listings import STOCK_MAX
from vendors.services.stock.lots import LotContent

AHEAD_DAYS_MAX = 366


class LotForm(Form):
    """A harvest lot."""

    harvested_on: date = day(missing=say("Cần ngày thu hoạch hoặc ngày làm ra lô này."))
    best_before: date | None = day(required=False)
    plot: str = text(
        max_length=160, min_length=2, missing=say("Cần nơi thu hoạch, ví dụ «đồi chè nhà, xóm Nam Đồng».")
    )
    quantity: int = whole(least=1, most=STOCK_MAX)
    variant: int | None = whole(least=1, most=2**53, required=False)

    def check(self) -> None:
        """Nothing is past its best before it was harvested."""
        if self.best_before and self.best_before < self.harvested_on:
            self.wrong("best_before", say("Hạn dùng phải sau ngày thu hoạch hoặc sản xuất."))

    def check_days(self, today: date) -> None:
        """Nothing is harvested tomorrow, nothing is put on the shelf past its best."""
        if "harvested_on" not in self.errors and self.harvested_on and self.harvested_on > today:
            self.wrong(
                "harvested_on", say("Ngày này chưa tới. Hàng chưa thu hoạch thì nhận đặt trước ở dưới.")
            )
        if self.best_before and self.best_before < today:
            self.wrong("best_before", say("Hạn dùng này đã qua, hàng quá hạn không được bán."))

    def content(self) -> LotContent:
        """The form as the service takes it."""
        return LotContent(self.harvested_on, self.best_before, self.plot, self.quantity, self.variant)


class WindowForm(Form):
    """The window of goods sold ahead of their harvest."""

    preorder_from: date = day(missing=say("Cần ngày bắt đầu nhận đặt trước."))
    preorder_to: date = day(missing=say("Cần ngày thôi nhận đặt trước."))
    ships_from: date = day(missing=say("Cần ngày sớm nhất gửi hàng đi."))
    ships_to: date = day(missing=say("Cần ngày muộn nhất gửi hàng đi."))

    def check(self) -> None:
        """The days follow each other."""
        if self.preorder_to < self.preorder_from:
            self.wrong("preorder_to", say("Ngày thôi nhận phải sau ngày bắt đầu nhận."))
        elif self.ships_from < self.preorder_to:
            self.wrong(
                "ships_from", say("Thôi nhận đặt trước rồi mới gửi hàng. Ngày gửi phải sau ngày thôi nhận.")
            )
        elif self.ships_to < self.ships_from:
            self.wrong("ships_to", say("Ngày gửi muộn nhất phải sau ngày gửi sớm nhất."))

    def check_days(self, today: date) -> None:
        """The harvest lies ahead, and not further than a year."""
        if not self.ok:
            return
        if self.ships_from <= today:
            self.wrong("ships_from", say("Ngày này đã tới, hàng có rồi thì bán như thường."))
        elif self.ships_to > today + timedelta(days=AHEAD_DAYS_MAX):
            self.wrong("ships_to", say("Chỉ nhận đặt trước trong vòng một năm. Hãy xem lại năm."))

    def window(self) -> Window:
        """The form as the service takes it."""
        return Window(self.preorder_from, self.preorder_to, self.ships_from, self.ships_to)
