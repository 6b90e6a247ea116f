"""What a listing's state may become, and what each state is called."""

from kit.errors import Conflict
from kit.i18n import Sentence, say
from vendors.models import Listing, ListingState

MAY_BECOME: dict[ListingState, frozenset[ListingState]] = {
    ListingState.DRAFT: frozenset({ListingState.SUBMITTED}),
    ListingState.SUBMITTED: frozenset(
        {ListingState.ON_SALE, ListingState.RETURNED, ListingState.HIDDEN, ListingState.TAKEN_DOWN}
    ),
    ListingState.RETURNED: frozenset({ListingState.SUBMITTED, ListingState.HIDDEN, ListingState.TAKEN_DOWN}),
    ListingState.ON_SALE: frozenset(
        {ListingState.SUBMITTED, ListingState.RETURNED, ListingState.HIDDEN, ListingState.TAKEN_DOWN}
    ),
    ListingState.HIDDEN: frozenset({ListingState.SUBMITTED, ListingState.TAKEN_DOWN}),
    # Only lifting the take-down (vendors/services/moderation/acts.py) leads out, back to where the goods were.
    ListingState.TAKEN_DOWN: frozenset(),
}
NAMES: dict[ListingState, Sentence] = {
    ListingState.DRAFT: say("Đang viết"),
    ListingState.SUBMITTED: say("Chờ duyệt"),
    ListingState.RETURNED: say("Cần sửa"),
    ListingState.ON_SALE: say("Đang bán"),
    ListingState.HIDDEN: say("Đã cất"),
    ListingState.TAKEN_DOWN: say("Bị gỡ"),
}
TONES: dict[ListingState, str] = {
    ListingState.DRAFT: "quiet",
    ListingState.SUBMITTED: "waiting",
    ListingState.RETURNED: "bad",
    ListingState.ON_SALE: "good",
    ListingState.HIDDEN: "quiet",
    ListingState.TAKEN_DOWN: "bad",
}


def become(listing: Listing, state: ListingState) -> None:
    """Sets the state in memory if the table allows it. Raises Conflict otherwise."""
    if state not in MAY_BECOME[listing.state]:
        raise Conflict(
            say(
                "Hàng này đang ở trạng thái «{state}» nên không làm được việc đó.", state=NAMES[listing.state]
            )
        )
    listing.state = state
