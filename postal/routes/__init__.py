"""The post's pages: work lists, scanning, one parcel, its label, and public tracking."""

from starlette.routing import BaseRoute

from kit.roles import Role
from kit.web.formdata import MEBIBYTE, FormLimits
from kit.web.routing import ANYONE, get, post, roles
from postal.routes import (
    areas,
    batches,
    claims,
    hooks,
    kept,
    outside,
    prices,
    problems,
    sending,
    statement_columns,
    statements,
)
from postal.routes.hand_overs import (
    hand_over_close,
    hand_over_create,
    hand_over_index,
    hand_over_receive,
    hand_over_show,
    line_create,
    line_remove,
    manifest_show,
)
from postal.routes.labels import label_create, label_pdf_show
from postal.routes.lists import assign_create, book_show, delivery_index, pickup_index
from postal.routes.offices import point_change, point_edit, point_index
from postal.routes.parcels import act_create, act_new, label_show, parcel_show, work_show
from postal.routes.rounds import (
    door_create,
    door_new,
    order_create,
    proof_show,
    round_show,
    stop_index,
)
from postal.routes.scans import scan_create, scan_new
from postal.routes.watching import (
    debrief_agree,
    debrief_create,
    debrief_index,
    debrief_show,
    doubt_reopen,
    doubt_settle,
    watch_show,
)

STAFF = roles(Role.CLERK, Role.CARRIER, Role.ADMIN)
DESK = roles(Role.CLERK, Role.ADMIN)
PHOTO = FormLimits(files_max=1, body_max_bytes=13 * MEBIBYTE)
PROOFS = FormLimits(files_max=2, body_max_bytes=25 * MEBIBYTE)

ROUTES: list[BaseRoute] = [
    *hooks.ROUTES,
    *kept.ROUTES,
    *problems.ROUTES,
    *areas.ROUTES,
    *outside.ROUTES,
    *sending.ROUTES,
    *statements.ROUTES,
    *statement_columns.ROUTES,
    *claims.ROUTES,
    *batches.ROUTES,
    *prices.ROUTES,
    get("/post", pickup_index, who=STAFF, name="postal:pickup_index"),
    post("/post/pickups/carrier", assign_create, who=DESK, name="postal:assign_create"),
    post("/post/labels", label_create, who=STAFF, name="postal:label_create"),
    get("/post/deliveries", delivery_index, who=STAFF, name="postal:delivery_index"),
    get("/post/book", book_show, who=STAFF, name="postal:book_show"),
    get("/post/scan", scan_new, who=STAFF, name="postal:scan_new"),
    post("/post/scan", scan_create, who=STAFF, name="postal:scan_create", limits=PHOTO),
    get("/post/parcels/{code}", work_show, who=STAFF, name="postal:work_show"),
    get("/post/parcels/{code}/acts/new", act_new, who=STAFF, name="postal:act_new"),
    post("/post/parcels/{code}/acts", act_create, who=STAFF, name="postal:act_create"),
    get("/post/parcels/{code}/label.pdf", label_pdf_show, who=STAFF, name="postal:label_pdf_show"),
    get("/post/parcels/{code}/label", label_show, who=STAFF, name="postal:label_show"),
    get("/post/round", round_show, who=STAFF, name="postal:round_show"),
    get("/post/round/stops", stop_index, who=STAFF, name="postal:stop_index"),
    post("/post/round/order", order_create, who=STAFF, name="postal:order_create"),
    post("/post/round/acts", door_create, who=STAFF, name="postal:door_create", limits=PROOFS),
    get("/post/parcels/{code}/door", door_new, who=STAFF, name="postal:door_new"),
    get("/post/parcels/{code}/proofs/{id:int}", proof_show, who=STAFF, name="postal:proof_show"),
    get("/post/hand-overs", hand_over_index, who=STAFF, name="postal:hand_over_index"),
    post("/post/hand-overs", hand_over_create, who=STAFF, name="postal:hand_over_create"),
    get("/post/hand-overs/{id:int}", hand_over_show, who=STAFF, name="postal:hand_over_show"),
    post("/post/hand-overs/{id:int}/lines", line_create, who=STAFF, name="postal:line_create"),
    post("/post/hand-overs/{id:int}/removals", line_remove, who=STAFF, name="postal:line_remove"),
    post("/post/hand-overs/{id:int}/closing", hand_over_close, who=STAFF, name="postal:hand_over_close"),
    post("/post/hand-overs/{id:int}/receipt", hand_over_receive, who=STAFF, name="postal:hand_over_receive"),
    get("/post/hand-overs/{id:int}/manifest.pdf", manifest_show, who=STAFF, name="postal:manifest_show"),
    get("/post/watch", watch_show, who=DESK, name="postal:watch_show"),
    post("/post/doubts/{id:int}", doubt_settle, who=DESK, name="postal:doubt_settle"),
    post("/post/doubts/{id:int}/reopening", doubt_reopen, who=DESK, name="postal:doubt_reopen"),
    get("/post/debriefs", debrief_index, who=DESK, name="postal:debrief_index"),
    post("/post/debriefs", debrief_create, who=DESK, name="postal:debrief_create"),
    post("/post/debriefs/agreement", debrief_agree, who=STAFF, name="postal:debrief_agree"),
    get("/post/debriefs/{person_id:int}", debrief_show, who=DESK, name="postal:debrief_show"),
    get("/post/offices/{id:int}", point_edit, who=DESK, name="postal:point_edit"),
    post("/post/offices/{id:int}", point_change, who=DESK, name="postal:point_change"),
    get("/post-offices", point_index, who=ANYONE, name="postal:point_index"),
    get("/parcels/{code}", parcel_show, who=ANYONE, name="postal:parcel_show"),
]
