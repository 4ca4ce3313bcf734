"""Units, compose file and example of settings: they name what there is, and their command lines start."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

import config
from app.queues import FORMER, QUEUES
from tests.devservers.running import ROOT, environment, free_port

DEPLOY = ROOT / "deploy"
UNITS = DEPLOY / "systemd"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "container" / "compose.yaml").read_text(encoding="utf-8"))
EXAMPLE = DEPLOY / "lec.env.example"
GIVEN = {"REMAP_SIGTERM"}
"""Names that Celery reads itself."""


def unit(name: str) -> dict[str, list[str]]:
    """Key → values of a unit file, its sections thrown together."""
    found: dict[str, list[str]] = {}
    for line in (UNITS / name).read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def unit_environment(name: str, instance: str = "") -> dict[str, str]:
    """What a unit's Environment= lines set, with its drop-ins."""
    template = f"{name}@.service" if instance else f"{name}.service"
    files = [template]
    drop_ins = UNITS / f"{name}@{instance}.service.d"
    files += [str(path.relative_to(UNITS)) for path in sorted(drop_ins.glob("*.conf"))] if instance else []
    words = [word for file in files for line in unit(file).get("Environment", []) for word in shlex.split(line)]
    return dict(word.replace("%i", instance).split("=", 1) for word in words)


def unit_command(name: str, instance: str = "") -> list[str]:
    """The words of ExecStart as systemd would run them, in this tree instead of /opt/lec."""
    (line,) = unit(f"{name}@.service" if instance else f"{name}.service")["ExecStart"]
    given = unit_environment(name, instance)
    line = line.replace("%i", instance).replace("%H", "machine").replace("/opt/lec", str(ROOT))
    return [re.sub(r"\$\{(\w+)\}", lambda found: given[found[1]], word) for word in shlex.split(line)]


def queues_of(command: list[str]) -> list[str]:
    return command[command.index("--queues") + 1].split(",")


def test_the_units_of_the_target_serve_every_queue() -> None:
    wanted = " ".join(unit("lec.target")["Wants"]).split()
    instances = re.findall(r"lec-worker@(\w+)\.service", " ".join(wanted))
    served = [queue for instance in instances for queue in queues_of(unit_command("lec-worker", instance))]
    assert sorted(served) == sorted((*QUEUES, FORMER))
    assert {"lec-web.service", "lec-beat.service"} <= set(wanted)


def test_the_services_of_the_compose_file_serve_every_queue() -> None:
    commands = [shlex.split(service["command"]) for name, service in COMPOSE["services"].items() if "worker" in name]
    assert sorted(queue for command in commands for queue in queues_of(command)) == sorted((*QUEUES, FORMER))


def test_every_setting_that_is_given_is_one_that_is_read() -> None:
    known = set(re.findall(r'"([A-Z][A-Z0-9_]+)"', (ROOT / "config.py").read_text(encoding="utf-8")))
    given = set(re.findall(r"^([A-Z_]+)=", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))
    given |= {name for service in COMPOSE["services"].values() if service.get("image") == "lec"
              for name in service["environment"]}  # fmt: skip
    assert given - known - GIVEN == set()


def test_a_shell_and_systemd_read_the_same_of_the_example(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    by_systemd = dict(re.findall(r'^([A-Z_]+)="(.*)"$', text, re.MULTILINE))
    names = sorted(by_systemd)
    script = f". {EXAMPLE}; " + "; ".join(f'printf "%s\\n" "${name}"' for name in names)
    told = subprocess.run(["sh", "-c", script], check=True, capture_output=True, text=True).stdout
    assert dict(zip(names, told.splitlines(), strict=True)) == by_systemd
    filled = by_systemd | {"SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz", "LEC_DATA_DIR": str(tmp_path)}
    assert config.load(filled).is_production


@pytest.mark.parametrize("name", ["lec-web.service", "lec-worker@.service", "lec-beat.service"])
def test_a_unit_comes_back_whenever_it_ends_and_may_write_to_its_own_folder_alone(name: str) -> None:
    found = unit(name)
    assert found["Restart"] == ["always"]
    assert found["ProtectSystem"] == ["strict"]
    assert "ReadWritePaths" not in found
    assert found["StateDirectory"] == ["lec"]
    assert found["User"] == ["lec"]


def _is_running(log: str, folder: Path) -> bool:
    """A worker says that it is ready; the schedule opens its file when it has set up how it ends."""
    return "ready." in log or ("beat: Starting" in log and any(folder.glob("beat-schedule*")))


STARTS = {
    "unit of a worker": lambda: unit_command("lec-worker", "mail"),
    "unit of the sweeping worker": lambda: unit_command("lec-worker", "sweeping"),
    "unit of the schedule": lambda: unit_command("lec-beat"),
    "service of a worker": lambda: shlex.split(COMPOSE["services"]["worker-checks"]["command"]),
    "service of the schedule": lambda: shlex.split(COMPOSE["services"]["beat"]["command"]),
}


@pytest.mark.parametrize("what", STARTS)
def test_a_background_command_line_starts_and_ends_in_order(
    what: str, settings: config.Settings, tmp_path: Path
) -> None:
    command = [word.replace("/var/lib/lec", str(tmp_path)) for word in STARTS[what]()]
    if not command[0].startswith("/"):
        command[0] = str(ROOT / ".venv" / "bin" / command[0])
    log = tmp_path / "log"
    env = environment(tmp_path, free_port(), LEC_ENV="testing", REMAP_SIGTERM="SIGQUIT", **settings.server_addresses())
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=output)
    try:
        end = time.monotonic() + 60
        while not _is_running(log.read_text(), tmp_path):
            assert process.poll() is None and time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("name", ["lec-web.service", "lec-worker@.service", "lec-beat.service"])
def test_a_unit_may_write_the_log_file_that_logrotate_turns(name: str) -> None:
    (path,) = re.findall(r"^(/\S+) \{", (DEPLOY / "logrotate" / "lec").read_text(encoding="utf-8"), re.MULTILINE)
    (folder,) = unit(name)["LogsDirectory"]
    assert Path(path).parent == Path("/var/log") / folder


def test_the_passwords_of_the_compose_file_stay_out_of_the_image() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "!deploy" in lines
    assert lines.index("deploy/container/.env") > lines.index("!deploy"), "the last line that fits decides"


def test_a_command_names_files_from_the_folder_of_whoever_calls(settings: config.Settings, tmp_path: Path) -> None:
    """`deploy/lec verify-backup ./x` means the x of this folder, not one of /opt/lec."""
    values = {"LEC_ENV": "testing", "LEC_DATA_DIR": str(tmp_path), **settings.server_addresses()}
    env_file = tmp_path / "lec.env"
    env_file.write_text("".join(f'{name}="{value}"\n' for name, value in values.items()))
    (tmp_path / "laos.csv").write_text("not a register\n")
    command = [str(DEPLOY / "lec"), "import-laos", "./laos.csv"]
    env = environment(tmp_path, free_port(), LEC_ENV_FILE=str(env_file))
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1 and "laos.csv cannot be opened" not in done.stderr
    missing = subprocess.run([*command[:-1], "./none.csv"], cwd=tmp_path, env=env, capture_output=True, text=True,
                             timeout=120, check=False)  # fmt: skip
    assert "none.csv cannot be opened" in missing.stderr
