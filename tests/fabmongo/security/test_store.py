"""Every abstract method of FAB's security manager about users, roles and what is left out."""

import inspect
import json
from pathlib import Path

import pytest
from flask_appbuilder.exceptions import FABException, PasswordComplexityValidationError
from flask_appbuilder.security.manager import AbstractSecurityManager, BaseSecurityManager

from app.fabmongo.errors import WriteRefused
from app.fabmongo.scope import PathScope
from app.fabmongo.security.manager import SecurityManager
from app.fabmongo.security.models import Role, User

GOOD = "a long enough one"


def test_no_abstract_method_is_left():
    for cls in (AbstractSecurityManager, BaseSecurityManager):
        for name, method in vars(cls).items():
            if inspect.isfunction(method) and "raise NotImplementedError" in inspect.getsource(method):
                assert inspect.getattr_static(SecurityManager, name) is not method, name


def test_get_user_by_id(sm, user):
    assert sm.get_user_by_id(user.pk) == sm.get_user_by_id(str(user.pk)) == user


@pytest.mark.parametrize("pk", ["", "x", 5, None, "0" * 24, {"$ne": 1}, b"\xff"])
def test_get_user_by_id_of_nothing(sm, user, pk):
    assert sm.get_user_by_id(pk) is None


def test_find_user(sm, user):
    assert user.username == "somsri"
    assert sm.find_user(username="SOMSRI") == sm.find_user(username=" somsri ") == user
    assert sm.find_user(email="s@EXAMPLE.org") == user
    assert sm.find_user(username="s@example.org") is None
    assert sm.find_user() is sm.find_user("") is sm.find_user(email="nobody@example.org") is None


def test_a_sign_in_name_is_a_user_name_before_it_is_an_e_mail(sm, user):
    other = sm.add_user("s@example.org", "A", "B", None)
    assert sm.find_by_sign_in_name("S@example.org") == other


def test_get_all_users_and_count_users_and_get_first_user(sm, user):
    assert sm.get_first_user() == user
    other = sm.add_user("other", "A", "B", None)
    assert sm.get_all_users() == [other, user]  # by user name
    assert sm.count_users() == 2
    User.objects.delete()
    assert sm.get_first_user() is None


def test_add_user(sm, role):
    user = sm.add_user("A.B", "A", "B", "", [role], GOOD, area_level="lao", area_codes={"lao": "5301401"})
    user = sm.get_user_by_id(user.pk)
    assert user.roles == [role] and user.active and user.email is None
    assert (user.area.level, user.area.codes) == ("lao", {"lao": "5301401"})
    assert user.created_on is not None and GOOD not in user.password


def test_two_people_without_e_mail_are_fine(sm):
    assert sm.add_user("a", "A", "B", "") != sm.add_user("b", "A", "B", None)


@pytest.mark.parametrize("name, email", [("SOMSRI", None), ("new", "s@example.ORG")])
def test_add_user_refuses_a_taken_name(sm, user, name, email):
    with pytest.raises(WriteRefused) as refused:
        sm.add_user(name, "A", "B", email)
    assert list(refused.value.fields) == ["email" if email else "username"]
    assert sm.count_users() == 1


def test_add_user_refuses_a_missing_name(sm):
    with pytest.raises(WriteRefused, match="first_name"):
        sm.add_user("x", "", "B", None)


@pytest.mark.parametrize("bad", ["short", "x" * 300, "a" * 12, "Password1234", "1Q2W3E4R5T6Y", "nul\0nul nul nul"])
def test_bad_passwords_are_refused(sm, bad):
    with pytest.raises(PasswordComplexityValidationError):
        sm.add_user("x", "A", "B", None, password=bad)


def test_the_user_name_is_no_password(sm):
    with pytest.raises(PasswordComplexityValidationError):
        sm.add_user("somsri.of.somewhere", "A", "B", None, password="Somsri.Of.Somewhere")


def test_without_a_password_nobody_can_sign_in(sm):
    sm.add_user("x", "A", "B", None)
    assert sm.auth_user_db("x", "") is None


def test_update_user(sm, user):
    user.last_name = "Changed"
    sm.update_user(user)
    assert sm.find_user("somsri").last_name == "Changed"
    sm.add_user("other", "A", "B", None)
    user.username = "OTHER"
    with pytest.raises(WriteRefused):
        sm.update_user(user)


def test_reset_password(sm, user):
    mark = user.get_id()
    sm.reset_password(str(user.pk), "another long one")
    assert sm.auth_user_db("somsri", "another long one") == user
    assert sm.load_user(mark) is None
    with pytest.raises(WriteRefused):
        sm.reset_password("0" * 24, "another long one")


def test_issue_password(sm, user):
    User.objects(pk=user.pk).update(fail_login_count=50)
    password = sm.issue_password(user)
    assert sm.auth_user_db("somsri", password) == user
    stored = sm.get_user_by_id(user.pk)
    assert stored.must_change_password and stored.fail_login_count == 0


def test_load_user(sm, user):
    assert sm.load_user(user.get_id()) == user
    assert sm.load_user(str(user.pk)) is sm.load_user("") is sm.load_user("x.y") is None
    User.objects(pk=user.pk).update(active=False)
    assert sm.load_user(user.get_id()) is None


def test_noop_user_update_leaves_the_user_alone(sm, user):
    before = user.reload().to_mongo()
    assert sm.noop_user_update(user) is None
    assert sm.get_user_by_id(user.pk).to_mongo() == before


def test_a_password_is_in_no_text_of_a_user(user):
    assert user.password not in f"{user!r} {user} {user.get_id()}"


def test_a_user_without_a_level_has_no_area(sm):
    assert sm.add_user("x", "A", "B", None).area is None


@pytest.mark.parametrize("document", [User, Role])
def test_only_the_top_level_reaches_people_and_roles(document):
    assert isinstance(document.scope, PathScope)
    assert not document.scope.fields


def test_find_role_and_add_role(sm):
    assert sm.find_role("a") is None
    view = sm.add_permission_view_menu("can_list", "V")
    role = sm.add_role("a", [view, "can_show on V"])
    assert sm.add_role("a", []) == sm.find_role("a") == role
    assert role.permissions == ["can_list on V", "can_show on V"]


def test_update_role_renames_and_people_keep_it(sm, user):
    assert sm.update_role("clerk", "officer").name == "officer"
    assert sm.find_role("clerk") is None
    assert sm.get_user_by_id(user.pk).role_names == ["officer"]
    assert sm.update_role("nothing", "x") is None
    sm.add_role("taken")
    with pytest.raises(FABException, match="taken"):
        sm.update_role("officer", "taken")


def test_get_all_roles(sm):
    sm.add_role("b"), sm.add_role("a")
    assert [role.name for role in sm.get_all_roles()] == ["a", "b"]


def test_a_role_that_people_have_cannot_be_deleted(sm, user):
    with pytest.raises(Exception, match="refers to it"):
        sm.find_role("clerk").delete()


def test_the_public_role_never_holds_a_permission(sm):
    assert sm.get_public_role() is None
    sm.create_db()
    public = sm.get_public_role()
    assert public.name == "Public" and sm.get_public_permissions() == []
    view = sm.add_permission_view_menu("can_list", "V")
    for attempt in (
        lambda: sm.add_permission_role(public, view),
        lambda: sm.set_role("Public", ("", ""), [(".*", ".*")]),
        lambda: sm.add_role("Public", [view]),
    ):
        with pytest.raises(FABException):
            attempt()
    assert sm.get_public_role().permissions == []


def test_create_db_twice(sm):
    sm.create_db(), sm.create_db()
    assert [role.name for role in sm.get_all_roles()] == ["Admin", "Public"]
    assert "username_1" in User._get_collection().index_information()


def test_add_and_del_permission_role(sm):
    role, view = sm.add_role("a"), sm.add_permission_view_menu("can_list", "V")
    sm.add_permission_role(role, view), sm.add_permission_role(role, view)
    assert sm.find_role("a").permissions == role.permissions == ["can_list on V"]
    sm.del_permission_role(role, view), sm.del_permission_role(role, view)
    assert sm.find_role("a").permissions == role.permissions == []


def test_export_roles_and_import_roles(sm, role, tmp_path):
    path = str(tmp_path / "roles.json")
    sm.export_roles(path, indent=1)
    assert json.loads(Path(path).read_text(encoding="utf-8"))[0]["name"] == "clerk"
    held = role.permissions
    role.delete()
    sm.import_roles(path), sm.import_roles(path)
    assert sm.find_role("clerk").permissions == held


def test_there_are_no_groups(sm):
    assert sm.find_group("x") is None
    with pytest.raises(FABException, match="groups"):
        sm.add_group("x", "X", "")


def test_there_are_no_registrations(sm):
    assert sm.find_register_user("x") is None
    assert sm.del_register_user(None) is False
    with pytest.raises(FABException, match="administrator"):
        sm.add_register_user("x", "A", "B", "a@example.org")


def test_there_are_no_api_keys(sm, user):
    assert sm.validate_api_key("sst_x") is sm.get_api_key_by_uuid("x") is None
    assert sm.revoke_api_key("x") is False
    assert sm.find_api_keys_for_user(user.pk) == []
    with pytest.raises(FABException, match="API keys"):
        sm.create_api_key(user, "x")


@pytest.mark.parametrize("config", [{"FAB_ROLES": {"A": []}}, {"AUTH_TYPE": 2}])
def test_settings_that_cannot_be_honoured_are_refused(new_app, config):
    with pytest.raises(FABException):
        new_app(**config)
