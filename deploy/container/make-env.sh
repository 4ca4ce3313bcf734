#!/bin/sh
# Writes .env with random passwords for compose.yaml; keeps one that is there.
set -eu
cd "$(dirname "$0")"
if [ -e .env ]; then
    echo "มีไฟล์ .env อยู่แล้ว ไม่เปลี่ยน / .env is there already and was kept." >&2
    exit 1
fi
umask 077
random() { head -c 36 /dev/urandom | base64 | tr -d '/+=\n'; }
{
    echo "SECRET_KEY=$(random)"
    echo "MONGODB_PASSWORD=$(random)"
    echo "VALKEY_PASSWORD=$(random)"
    echo "PUBLIC_URL=https://localhost:8443"
    echo "SMTP_URL="
    echo "MAIL_FROM="
} >.env
echo "เขียน .env แล้ว: โปรดเติม SMTP_URL และ MAIL_FROM / .env is written: fill in SMTP_URL and MAIL_FROM."
