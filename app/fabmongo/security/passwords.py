"""Rules for passwords, their hashes, and passwords made at random."""

from __future__ import annotations

import secrets
from typing import Any

from flask import current_app
from flask_appbuilder.exceptions import PasswordComplexityValidationError
from werkzeug.security import generate_password_hash

from app.fabmongo.labels import T

SHORTEST, LONGEST = 12, 256
FEWEST_DIFFERENT = 5

# Long enough to pass the length rule and yet at the top of every list of leaked passwords;
# each is compared without case, spaces and the usual marks at its end.
COMMON = frozenset(
    """
    123456789012 1234567890123 12345678901234 123456789abc 1234567890qwe 0123456789ab 1qaz2wsx3edc
    1q2w3e4r5t6y 1q2w3e4r5t6y7u 1qazxsw23edc zaq12wsxcde3 qazwsxedcrfv qwertyuiop12 qwertyuiop123
    qwerty123456 qwertyuiop[] asdfghjkl123 asdfghjkl;' abcdefghijkl abcdefgh1234 abcd12345678
    password1234 password12345 password123456 passwordpassword p@ssw0rd1234 passw0rd1234
    password2567 password2568 password2024 password2025 welcome12345 administrator administrator1
    admin1234567 admin12345678 adminadmin12 administrator123 changeme1234 letmein12345 iloveyou1234
    iloveyou123456 sunshine1234 princess1234 football1234 superman1234 thailand1234 thailand2567
    thailand2568 bangkok12345 localhost1234 secret123456 test12345678 testtesttest trustno1trustno1
    """.split()
)

# Without 0/o, 1/l/i: such a password is read from paper or over the telephone.
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


def password_fault(password: str, username: str | None = None) -> Any | None:
    """The bilingual reason why `password` may not be used; None when it may."""
    folded = "".join(password.casefold().split())
    if len(password) < SHORTEST:
        return T(
            "รหัสผ่านต้องยาวอย่างน้อย {n} ตัวอักษร",
            "The password needs at least {n} characters.",
            n=SHORTEST,
        )
    if len(password) > LONGEST or "\0" in password:
        return T(
            "รหัสผ่านยาวเกิน {n} ตัวอักษรหรือมีอักขระที่ใช้ไม่ได้",
            "The password is longer than {n} characters or holds a character that cannot be used.",
            n=LONGEST,
        )
    if username and folded in (username.casefold(), username.casefold() * 2):
        return T("รหัสผ่านต้องไม่เหมือนชื่อผู้ใช้", "The password must not be the user name.")
    if len(set(folded)) < FEWEST_DIFFERENT or {folded, folded.rstrip("!@#$.*?")} & COMMON:
        return T(
            "รหัสผ่านนี้เดาง่ายเกินไป โปรดใช้รหัสผ่านอื่น เช่น คำหลายคำต่อกัน",
            "This password is too easy to guess. Use another, such as several words in a row.",
        )
    return None


def check_password(password: str, username: str | None = None) -> None:
    """Raise FAB's PasswordComplexityValidationError with a text for people on a bad password."""
    fault = password_fault(password, username)
    if fault is not None:
        raise PasswordComplexityValidationError(str(fault))


def hash_password(password: str) -> str:
    """A salted hash by the method and salt length that FAB's settings name."""
    return generate_password_hash(
        password,
        method=current_app.config.get("FAB_PASSWORD_HASH_METHOD", "scrypt"),
        salt_length=current_app.config.get("FAB_PASSWORD_HASH_SALT_LENGTH", 16),
    )


def random_password(groups: int = 4, size: int = 4) -> str:
    """A random password that can be read aloud, such as `k7mq-h2xw-p9rd-t4vn` (79 bits)."""
    return "-".join(
        "".join(secrets.choice(READABLE) for _ in range(size)) for _ in range(groups)
    )
