"""The post's pages: work lists, scanning, one parcel, its label, and public tracking."""

from starlette.routing import BaseRoute

from kit.roles import Role
from kit.web.formdata import MEBIBYTE, FormLimits
from kit.web.routing import ANYONE, get, post, roles
from postal.routes import hooks
from postal.routes.lists import book_show, delivery_index, pickup_index
from postal.routes.parcels import act_create, act_new, label_show, parcel_show, work_show
from postal.routes.scans import scan_create, scan_new

STAFF = roles(Role.CLERK, Role.CARRIER, Role.ADMIN)
PHOTO = FormLimits(files_max=1, body_max_bytes=13 * MEBIBYTE)

ROUTES: list[BaseRoute] = [
    *hooks.ROUTES,
    get("/post", pickup_index, who=STAFF, name="postal:pickup_index"),
    get("/post/deliveries", delivery_index, who=STAFF, name="postal:delivery_index"),
    get("/post/book", book_show, who=STAFF, name="postal:book_show"),
    get("/post/scan", scan_new, who=STAFF, name="postal:scan_new"),
    post("/post/scan", scan_create, who=STAFF, name="postal:scan_create", limits=PHOTO),
    get("/post/parcels/{code}", work_show, who=STAFF, name="postal:work_show"),
    get("/post/parcels/{code}/acts/new", act_new, who=STAFF, name="postal:act_new"),
    post("/post/parcels/{code}/acts", act_create, who=STAFF, name="postal:act_create"),
    get("/post/parcels/{code}/label", label_show, who=STAFF, name="postal:label_show"),
    get("/parcels/{code}", parcel_show, who=ANYONE, name="postal:parcel_show"),
]
