"""Every abstract method about permissions, views and menus, and the roles made from a table."""

import pytest
from flask_login import login_user
from hypothesis import given
from hypothesis import strategies as st

from app.fabmongo.security.models import Permission, PermissionView, Role, ViewMenu, permission_key, split_key
from app.fabmongo.security.roles import merge

NAMES = st.sets(st.sampled_from("abcdef"))
WHOLE = [(".*", ".*")]


def test_a_menu_called_on_keeps_its_name():
    assert split_key(permission_key("menu_access", "Work on Roads")) == ("menu_access", "Work on Roads")


def test_find_add_and_del_permission(sm):
    assert sm.find_permission("can_x") is None
    assert sm.add_permission("can_x").name == sm.add_permission("can_x").name == "can_x"
    assert sm.find_permission("can_x").name == "can_x" and Permission.objects.count() == 1
    sm.add_permission_view_menu("can_x", "V")
    assert sm.del_permission("can_x") is False
    sm.del_permission_view_menu("can_x", "V", cascade=False)
    assert sm.del_permission("can_x") is True
    assert sm.del_permission("can_x") is False


def test_find_add_del_and_get_all_view_menu(sm):
    assert sm.find_view_menu("V") is None
    sm.add_view_menu("V"), sm.add_view_menu("V"), sm.add_view_menu("W")
    assert sm.find_view_menu("V").name == "V"
    assert sorted(row.name for row in sm.get_all_view_menu()) == ["V", "W"]
    sm.add_permission_view_menu("can_x", "V")
    assert [sm.del_view_menu("V"), sm.del_view_menu("W"), sm.del_view_menu("W")] == [False, True, False]


def test_find_and_add_permission_view_menu(sm):
    assert sm.find_permission_view_menu("can_x", "V") is None
    made = sm.add_permission_view_menu("can_x", "V")
    assert sm.add_permission_view_menu("can_x", "V") == made == sm.find_permission_view_menu("can_x", "V")
    assert (made.permission.name, made.view_menu.name, str(made)) == ("can_x", "V", "can_x on V")
    assert sm.add_permission_view_menu("", "V") is sm.add_permission_view_menu("can_x", "") is None
    assert sm.find_permission("can_x") and sm.find_view_menu("V")


def test_find_permissions_view_menu_and_exist_permission_on_views(sm):
    view = sm.add_view_menu("V")
    assert sm.find_permissions_view_menu(view) == []
    sm.add_permission_view_menu("can_x", "V"), sm.add_permission_view_menu("can_x", "W")
    rows = sm.find_permissions_view_menu(view)
    assert [row.view_menu.name for row in rows] == ["V"]
    assert sm.exist_permission_on_views(rows, "can_x") and not sm.exist_permission_on_views(rows, "can_y")
    assert sm.exist_permission_on_view(rows, "can_x", "V") and not sm.exist_permission_on_view(rows, "can_x", "W")


def test_del_permission_view_menu_spares_what_a_role_holds(sm):
    view = sm.add_permission_view_menu("can_x", "V")
    role = sm.add_role("a", [view])
    sm.del_permission_view_menu("can_x", "V")
    assert sm.find_permission_view_menu("can_x", "V") == view
    sm.del_permission_role(role, view)
    sm.del_permission_view_menu("can_x", "V")
    assert sm.find_permission_view_menu("can_x", "V") is sm.find_permission("can_x") is None


def test_permissions_of_roles(sm, role):
    sm.add_role("empty")
    assert [row.key for row in sm.get_db_role_permissions("clerk")] == role.permissions
    assert sm.get_db_role_permissions("nothing") == []
    assert sm.get_role_permissions(role) == {split_key(key) for key in role.permissions}
    found = sm.find_roles_permission_view_menus("menu_access", ["clerk", "empty"])
    assert [row.view_menu.name for row in found] == ["Plain", "Work"]
    assert sm.exist_permission_on_roles("PlainView", "can_page", ["empty", "clerk"])
    assert not sm.exist_permission_on_roles("PlainView", "can_page", ["empty"])


def test_get_user_roles_permissions(sm, user):
    sm.add_role("empty")
    user.roles = [sm.find_role("clerk"), sm.find_role("empty")]
    pairs = sm.get_user_roles_permissions(user)
    assert pairs["empty"] == [] and ("can_page", "PlainView") in pairs["clerk"]
    assert sm.get_user_permissions(user) == set(pairs["clerk"])
    assert sm.get_user_roles(None) == []


def test_add_permissions_view_follows_the_view(sm):
    sm.create_db()
    clerk = sm.add_role("clerk", ["can_old on V"])
    sm.add_permissions_view(["can_old", "can_x"], "V")
    sm.add_permissions_view(["can_x", "can_new"], "V")
    rows = sm.find_permissions_view_menu(sm.find_view_menu("V"))
    assert sorted(row.permission_name for row in rows) == ["can_new", "can_x"]
    assert sm.find_role("Admin").permissions == ["can_x on V", "can_new on V"]
    assert clerk.reload().permissions == []


def test_add_permissions_menu(sm):
    sm.create_db()
    sm.add_permissions_menu("M"), sm.add_permissions_menu("M")
    assert sm.find_role("Admin").permissions == ["menu_access on M"]


def test_fab_registers_each_view_where_it_is_told_to(new_app):
    app = new_app(FAB_UPDATE_PERMS=True)
    with app.app_context():
        assert set(PermissionView.objects.distinct("key")) == app.appbuilder.sm.registered_permissions()


def test_sync_permissions_is_one_bulk_write_a_collection_and_then_none(sm, commands):
    commands.seen.clear()
    done = sm.sync_permissions()
    assert done["added"] == PermissionView.objects.count() > 5
    assert [name for name, _ in commands.seen].count("update") == 3
    commands.seen.clear()
    assert sm.sync_permissions() == {"added": 0, "removed": 0}
    assert {name for name, _ in commands.seen} <= {"distinct"}
    keys = set(PermissionView.objects.distinct("key"))
    assert {"can_page on PlainView", "can_secret on PlainView", "menu_access on Work"} <= keys


def test_sync_permissions_removes_what_vanished_from_the_roles_too(sm):
    sm.add_permission_view_menu("can_page", "GoneView")
    sm.add_role("a", ["can_page on GoneView", "can_page on PlainView"])
    assert sm.sync_permissions()["removed"] == 1
    assert sm.find_role("a").permissions == ["can_page on PlainView"]
    assert ViewMenu.objects(name="GoneView").first() is None


def test_set_role_expands_the_table_and_repeats_without_a_trace(sm):
    sm.sync_permissions()
    role = sm.set_role("a", ("ก", "A"), [("Plain.*", "can_.*"), ("Work", "menu_access")])
    assert role.permissions == ["can_page on PlainView", "can_secret on PlainView", "menu_access on Work"]
    assert role.managed
    again = sm.set_role("a", ("ก", "A"), [("Plain.*", "can_.*"), ("Work", "menu_access")])
    assert again.changed_on == role.changed_on


def test_a_table_matches_whole_names(sm):
    sm.sync_permissions()
    assert sm.set_role("a", ("", ""), [("Plain", "can")]).permissions == []


def test_a_second_init_keeps_the_work_of_an_administrator(sm):
    sm.sync_permissions()
    role = sm.set_role("a", ("ก", "A"), [("PlainView", ".*")])
    role.permissions = ["can_page on OtherView", "can_page on PlainView"]  # one added, one taken
    role.label_th = "ชื่อใหม่"
    role.save()
    assert not role.managed
    role = sm.set_role("a", ("ข", "B"), [("PlainView", ".*"), ("Work", "menu_access")])
    assert role.permissions == ["can_page on OtherView", "can_page on PlainView", "menu_access on Work"]
    assert (role.label_th, role.label_en) == ("ชื่อใหม่", "B")


@given(base=NAMES, now=NAMES, new=NAMES)
def test_a_merge_keeps_what_was_done_by_hand_and_nothing_else(base, now, new):
    merged = set(merge(base, now, new))
    assert now - base <= merged and not (base - now) & merged
    assert merged & base & now == new & base & now
    assert merge(base, base, new) == sorted(new)


def test_security_cleanup(sm, app):
    sm.sync_permissions()
    sm.add_permission_view_menu("can_page", "GoneView")
    sm.security_cleanup(app.appbuilder.baseviews, app.appbuilder.menu)
    assert sm.find_permission_view_menu("can_page", "GoneView") is None
    assert sm.find_permission_view_menu("can_page", "PlainView") is not None


def test_security_converge_moves_roles_to_a_renamed_view(sm, app, monkeypatch):
    view = next(v for v in app.appbuilder.baseviews if type(v).__name__ == "OtherView")
    monkeypatch.setattr(view, "previous_class_permission_name", "OldView")
    sm.add_permission_view_menu("can_page", "OldView")
    role = sm.add_role("a", ["can_page on OldView", "can_page on PlainView"])
    assert sm.security_converge([view], None, dry=True)["add"] == {("OldView", "can_page"): {("OtherView", "can_page")}}
    sm.security_converge([view], None)
    assert role.reload().permissions == ["can_page on OtherView", "can_page on PlainView"]
    assert sm.find_view_menu("OldView") is None


def test_has_access_menu_access_and_is_item_public(sm, app, user):
    with app.test_request_context("/"):
        assert not sm.has_access("can_page", "PlainView") and not sm.is_item_public("can_page", "PlainView")
        assert sm.get_user_menu_access(["Plain"]) == set() and sm.current_user is None
        login_user(user)
        assert sm.current_user == user
        assert sm.has_access("can_page", "PlainView") and not sm.has_access("can_page", "OtherView")
        assert not sm.has_access("can_secret", "PlainView")
        assert sm.has_access("can_this_form_get", "MyPasswordView")
        assert sm.get_user_menu_access() == {"Plain", "Work"}
        assert sm.get_user_menu_access(["Plain", "Other"]) == {"Plain"}
        visible = app.jinja_env.filters["is_item_visible"]
        assert visible("can_page", "PlainView") and not visible("can_secret", "PlainView")


def test_an_inactive_person_has_no_access_from_the_next_request_on(browser, user):
    browser.sign_in("somsri")
    assert browser.get("/plain/page").status_code == 200
    type(user).objects(pk=user.pk).update(active=False)
    assert browser.get("/plain/page").status_code == 302


def test_a_page_with_25_checks_costs_one_command(browser, user, commands):
    browser.sign_in("somsri")
    browser.get("/plain/page")
    commands.seen.clear()
    page = browser.get("/plain/page")
    assert page.status_code == 200 and page.text.startswith("25 ")
    assert commands.seen == [("aggregate", "users")]


def test_a_stranger_costs_no_command(browser, commands):
    commands.seen.clear()
    assert browser.get("/plain/page").status_code == 302
    assert commands.seen == []


@pytest.mark.parametrize("path, status", [("/plain/page", 200), ("/plain/secret", 403), ("/other/page", 403)])
def test_pages_open_by_role(browser, user, path, status):
    browser.sign_in("somsri")
    assert browser.get(path).status_code == status


def test_a_role_taken_away_counts_at_once(browser, user):
    browser.sign_in("somsri")
    Role.objects(name="clerk").update(permissions=[])
    assert browser.get("/plain/page").status_code == 403
