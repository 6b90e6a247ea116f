"""The bar of pages on which a member of a digital team works for somebody: for whom, until when, and its addresses."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HelpedSeller:
    """For whom a page is filled in; `ends_on` is the last day of the consent."""

    household_id: int
    name: str
    ends_on: str

    @property
    def home_url(self) -> str:
        """The household's page."""
        return f"/team/households/{self.household_id}"

    @property
    def goods_url(self) -> str:
        """The household's goods."""
        return f"/team/for/{self.household_id}/listings"

    def goods_place(self, code: str = "") -> str:
        """Where the form of goods is sent."""
        return f"{self.goods_url}/{code}" if code else self.goods_url
