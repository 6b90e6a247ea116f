"""What roles and acts are called on screen."""

from kit.i18n import Sentence, say
from kit.roles import Role

ROLE_WORDS: dict[str, Sentence] = {
    Role.VENDOR: say("Người bán hàng"),
    Role.TEAM: say("Tổ công nghệ số"),
    Role.CLERK: say("Nhân viên bưu cục"),
    Role.CARRIER: say("Bưu tá"),
    Role.BOARD: say("Ban quản lý chợ"),
    Role.ADMIN: say("Quản trị của tỉnh"),
}
ACT_WORDS: dict[str, Sentence] = {
    "profile_changed": say("Sửa tên hoặc ngôn ngữ"),
    "people_looked_up": say("Tra cứu người dùng"),
    "person_blocked": say("Khoá người dùng"),
    "person_unblocked": say("Mở khoá người dùng"),
    "role_granted": say("Trao quyền"),
    "role_withdrawn": say("Rút quyền"),
    "session_revoked": say("Đăng xuất một thiết bị"),
    "signed_out_everywhere": say("Đăng xuất mọi thiết bị"),
    "token_made": say("Tạo mã truy cập"),
    "token_revoked": say("Thu hồi mã truy cập"),
    # The acts of the packages above, by their words only: nothing of theirs is imported.
    "listing_put_up": say("Đăng hàng"),
    "order_given_back": say("Trả lại tiền thừa"),
    "lot_added": say("Nhập lô hàng"),
    "window_set": say("Nhận đặt trước"),
    "window_ended": say("Thôi nhận đặt trước"),
    "listing_changed": say("Sửa hàng"),
    "shelf_changed": say("Sửa giá hoặc số lượng"),
    "listing_hidden": say("Ẩn hàng"),
    "listing_offered": say("Gửi duyệt hàng"),
    "photo_added": say("Thêm ảnh hàng"),
    "listing_approved": say("Duyệt hàng lên chợ"),
    "listing_returned": say("Trả hàng về để sửa"),
    "listing_certified": say("Ghi chứng nhận OCOP"),
    "certificate_submitted": say("Gửi chứng nhận OCOP"),
    "certificate_confirmed": say("Xác nhận chứng nhận OCOP"),
    "certificate_returned": say("Trả lại chứng nhận OCOP"),
    "certificate_ended": say("Chấm dứt chứng nhận OCOP"),
    "certificate_document_read": say("Xem ảnh chứng nhận"),
    "sheet_sent": say("Gửi bảng hàng"),
    "sheet_confirmed": say("Nhập bảng hàng"),
    "vendor_came_aboard": say("Lên chợ bán hàng"),
    "account_change_asked": say("Xin đổi tài khoản nhận tiền"),
    "account_added": say("Thêm tài khoản nhận tiền"),
    "account_made_default": say("Chọn tài khoản nhận tiền"),
    "account_removed": say("Bỏ tài khoản nhận tiền"),
    "bank_added": say("Thêm ngân hàng"),
    "bank_changed": say("Sửa ngân hàng"),
    "identity_submitted": say("Gửi hồ sơ người bán"),
    "identity_verified": say("Xác minh người bán"),
    "identity_returned": say("Trả hồ sơ người bán"),
    "identity_paper_seen": say("Xem ảnh giấy tờ"),
    "personal_number_shown": say("Xem số định danh"),
    "vendor_suspended": say("Tạm dừng quầy"),
    "vendor_resumed": say("Cho quầy bán trở lại"),
    "selling_paused": say("Ẩn hàng vì chưa xác minh"),
    "market_opened": say("Mở chợ"),
    "market_changed": say("Sửa thông tin chợ"),
    "trader_invited": say("Mời tiểu thương"),
    "traders_imported": say("Gửi danh sách tiểu thương"),
    "stall_photo_changed": say("Đổi ảnh quầy"),
    "plate_printed": say("In biển QR"),
    "plate_report_closed": say("Xử lý biển QR bị báo"),
    "order_packed": say("Gói xong đơn hàng"),
    "order_read": say("Xem đơn hàng"),
    "notice_attached": say("Gắn báo có vào khoản tiền"),
    "notice_set_aside": say("Để riêng báo có"),
    "payment_resolved": say("Giải quyết khoản tiền"),
    "phones_read": say("Xem số điện thoại người nhận"),
    "parcel_read": say("Xem bưu gửi"),
    "label_read": say("Xem nhãn bưu gửi"),
    "parcel_moved": say("Chuyển bước bưu gửi"),
    "dead_letter_sent": say("Gửi lại việc bị kẹt"),
}

# The first that fits, since nearly every browser also calls itself Chrome, Safari and Mozilla.
BROWSERS = {
    "Zalo": "Zalo",
    "coc_coc": "Cốc Cốc",
    "SamsungBrowser": "Samsung Internet",
    "Edg": "Edge",
    "OPR/": "Opera",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Macintosh": "Mac",
    "Linux": "Linux",
}


def device_words(browser: str) -> Sentence:
    """What a User-Agent header stands for, in words its owner knows."""
    name = next((words for mark, words in BROWSERS.items() if mark in browser), "")
    system = next((words for mark, words in SYSTEMS.items() if mark in browser), "")
    if name and system:
        return say("{browser} trên {system}", browser=name, system=system)
    return say("{it}", it=name or system) if name or system else say("Thiết bị không rõ loại")


def role_words(role: str) -> Sentence:
    """A role's name for people; an unknown one stays as it is."""
    return ROLE_WORDS.get(role, say("{it}", it=role))


def act_words(action: str) -> Sentence:
    """An act's name for people; acts of other packages may have none and stay as they were written."""
    return ACT_WORDS.get(action, say("{it}", it=action))
