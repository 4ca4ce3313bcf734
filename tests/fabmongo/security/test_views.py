"""The pages of security in a browser: signing in and out, one's own password and name."""

import re

import pytest
from flask import session

from app.fabmongo.security.models import User
from app.fabmongo.security.views import local_path

NEW = "a brook and two hills"


def test_signing_in_leads_to_the_page_asked_for(browser, user):
    asked = browser.get("/plain/page?x=1")
    assert asked.status_code == 302
    done = browser.sign_in("somsri", query="?" + asked.location.partition("?")[2])
    assert done.location == "/plain/page?x=1"
    assert browser.get("/plain/page").status_code == 200
    assert browser.get("/login/?next=/plain/page").location == "/plain/page"


def test_a_failure_shows_the_same_page_whoever_it_is(browser, new_browser, app, user):
    known = browser.sign_in("somsri", "a wrong password")
    unknown = new_browser(app).sign_in("sombat", "a wrong password")
    pages = [re.sub(r'(name="csrf_token".*?value)="[^"]+"', r"\1", page.text) for page in (known, unknown)]
    assert pages[0] == pages[1].replace("sombat", "somsri")
    assert "เข้าสู่ระบบไม่สำเร็จ" in known.text and 'value="somsri"' in known.text
    assert "a wrong password" not in known.text


def test_the_failure_is_told_in_english_too(browser, user):
    browser.get("/lang/en")
    assert "You were not signed in." in browser.sign_in("somsri", "a wrong password").text


@pytest.mark.parametrize("token", [None, "forged"])
def test_signing_in_needs_the_form_s_token(browser, user, password, token):
    form = {"username": "somsri", "password": password} | ({"csrf_token": token} if token else {})
    browser.get("/login/")
    browser.client.post("/login/", data=form)
    assert browser.get("/plain/page").status_code == 302
    assert User.objects.get(pk=user.pk).login_count == 0


def test_the_session_is_new_after_signing_in_but_the_language_stays(browser, user):
    browser.get("/lang/en")
    with browser.client.session_transaction() as before:
        before["planted"] = "by somebody else"
    browser.sign_in("somsri")
    with browser.client.session_transaction() as after:
        assert "planted" not in after and "csrf_token" not in after
        assert after["locale"] == "en"


def test_a_copied_cookie_is_worth_nothing_after_signing_out(browser, new_browser, app, user):
    browser.sign_in("somsri")
    cookie = browser.client.get_cookie("session")
    thief = new_browser(app)
    thief.client.set_cookie("session", cookie.value)
    assert thief.get("/plain/page").status_code == 200
    browser.post("/logout/", "/resetmypassword/form")
    thief.client.set_cookie("session", cookie.value)
    assert thief.get("/plain/page").status_code == 302


def test_signing_out_needs_the_button(browser, user):
    browser.sign_in("somsri")
    assert browser.get("/logout/").location == "/"
    browser.client.post("/logout/")
    assert browser.get("/plain/page").status_code == 200
    assert browser.post("/logout/", "/resetmypassword/form").location == "/login/"
    assert browser.get("/plain/page").status_code == 302


@pytest.mark.parametrize(
    "url, path",
    [
        ("/plain/page", "/plain/page"),
        ("/plain/page?a=1&b=2", "/plain/page?a=1&b=2"),
        ("http://localhost/plain/page?a=1", "/plain/page?a=1"),
        ("http://localhost/plain/page#x", "/plain/page"),
        ("/", "/"),
        ("", None),
        ("page", None),
        ("//evil.example/plain/page", None),
        ("///evil.example", None),
        ("/\\evil.example", None),
        ("\\\\evil.example", None),
        ("/%5Cevil.example", None),
        ("http://evil.example/plain/page", None),
        ("http://localhost.evil.example/plain/page", None),
        ("http://localhost@evil.example/plain/page", None),
        ("https:evil.example", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("/plain/page\r\nSet-Cookie: a=b", None),
        ("\t//evil.example", None),
        ("/login/", None),
        ("/logout/", None),
        ("/nothing/here", None),
        ("http://[", None),
    ],
)
def test_next_leads_to_pages_of_this_site_only(app, url, path):
    with app.test_request_context("/login/"):
        assert local_path(url) == path


def test_an_odd_next_leads_home(browser, user):
    assert browser.sign_in("somsri", query="?next=//evil.example").location == "/"


def test_a_new_password_ends_the_other_sessions(app, browser, new_browser, user, password):
    other = new_browser(app)
    browser.sign_in("somsri"), other.sign_in("somsri")
    done = browser.post(
        "/resetmypassword/form", current_password=password, password=NEW, conf_password=NEW
    )
    assert done.location == "/"
    assert browser.get("/plain/page").status_code == 200
    assert other.get("/plain/page").status_code == 302
    assert other.sign_in("somsri", password).status_code == 200  # the form again
    assert other.sign_in("somsri", NEW).status_code == 302


@pytest.mark.parametrize(
    "fields, text",
    [
        ({"current_password": "a wrong password"}, "รหัสผ่านปัจจุบันไม่ถูกต้อง"),
        ({"password": "short", "conf_password": "short"}, "อย่างน้อย 12"),
        ({"conf_password": "another"}, "ไม่ตรงกัน"),
        ({"password": "two words and a river", "conf_password": "two words and a river"}, "ไม่เหมือนรหัสผ่านปัจจุบัน"),
    ],
)
def test_a_new_password_is_refused_with_the_reason(browser, user, password, fields, text):
    browser.sign_in("somsri")
    form = {"current_password": password, "password": NEW, "conf_password": NEW} | fields
    page = browser.post("/resetmypassword/form", **form)
    assert page.status_code == 200 and text in page.text
    assert NEW not in page.text
    assert User.objects.get(pk=user.pk).password == user.password


def test_an_issued_password_must_be_changed_first(app, browser, user):
    with app.app_context():
        password = app.appbuilder.sm.issue_password(user)
    browser.sign_in("somsri", password)
    for path in ("/plain/page", "/", "/myinfo/form"):
        assert browser.get(path).location == "/resetmypassword/form"
    assert browser.get("/static/appbuilder/css/ab.css").status_code == 200
    browser.post("/resetmypassword/form", current_password=password, password=NEW, conf_password=NEW)
    assert browser.get("/plain/page").status_code == 200


def test_issuing_a_password_inside_a_request_needs_the_right_to_change_the_person(app, user):
    from app.fabmongo.errors import OutOfScope
    from app.fabmongo.scope import Area, acting_as

    class Somebody:
        def __init__(self, level):
            self.area = Area(level)

    with app.test_request_context("/"):
        for actor in (Somebody("lao"), None):
            with acting_as(actor), pytest.raises(OutOfScope):
                app.appbuilder.sm.issue_password(user)
        with acting_as(Somebody("country")):
            assert app.appbuilder.sm.issue_password(user)


def test_one_s_own_name(browser, user):
    browser.sign_in("somsri")
    assert 'value="First"' in browser.get("/myinfo/form").text
    browser.post("/myinfo/form", first_name=" New ", last_name="Name", username="admin", active="")
    changed = User.objects.get(pk=user.pk)
    assert (changed.get_full_name(), changed.username, changed.active) == ("New Name", "somsri", True)


def test_a_blank_name_is_refused_on_the_form(browser, user):
    browser.sign_in("somsri")
    assert browser.post("/myinfo/form", first_name=" ", last_name="Name").status_code < 500
    assert User.objects.get(pk=user.pk).first_name == "First"


@pytest.mark.parametrize("path", ["/resetmypassword/form", "/myinfo/form"])
def test_personal_pages_need_a_person(browser, path):
    assert browser.get(path).location.startswith("/login/")


def test_no_other_view_of_security_is_registered(app):
    names = {type(view).__name__ for view in app.appbuilder.baseviews}
    security = {"SignInView", "MyPasswordView", "MyInfoView"}
    fab = {"IndexView", "UtilView", "LocaleView", "MenuApi"}
    assert names == security | fab | {"PlainView", "OtherView"}


def test_no_page_of_security_is_kept_by_the_browser(browser):
    assert "no-store" in browser.get("/login/").headers["Cache-Control"]


def test_a_session_is_not_permanent(app, user):
    with app.test_request_context("/"):
        assert not session.permanent
