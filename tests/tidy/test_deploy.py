"""What is deployed is what the code is: every setting, command, port and path in deploy/ is held against it."""

import os
import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from kit.i18n import PACKAGES
from kit.settings import BadSettings, Settings, settings_from
from market.cli import parser
from market.serving import IDLE_SECONDS, SCREENS_SECONDS
from market.worker import JOB_SECONDS_MAX

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
OURS = {one.name.upper() for one in fields(Settings)}
FOREIGN = {"AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ALLOW_HTTP", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
PYTHONS = {"PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
SECRETS = {
    "DATABASE_URL": "postgres://cho:word@db/cho",
    "METRICS_TOKEN": "a token of the scraper",
    "MEILI_SEARCH_KEY": "s" * 32,
    "MEILI_KEY": "m" * 32,
}


def secret(name: str) -> str:
    """Something in the place of a secret."""
    return SECRETS.get(name, "a secret of our own, long enough for anything")


def image_environment() -> dict[str, str]:
    """What the image itself sets."""
    text = (DEPLOY / "Containerfile").read_text().split("FROM ")[-1]
    lines = re.findall(r"^ENV (.*?)(?<!\\)$", text, re.M | re.S)
    return dict(pair.split("=", 1) for line in lines for pair in line.replace("\\\n", " ").split())


def environment_in(path: Path) -> dict[str, str]:
    """A file of NAME=value lines."""
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def checked(environment: dict[str, str]) -> Settings:
    """The settings that a process would start with; every name must be known to somebody."""
    unknown = set(environment) - OURS - FOREIGN - PYTHONS
    assert not unknown, f"nobody reads {unknown}"
    settings = settings_from(environment)
    assert settings.is_production
    return settings


def understood(words: list[str]) -> None:
    """Fails when market.cli has no such command."""
    parser().parse_args(words)


# The image.


def test_the_image_holds_the_program_and_nothing_of_a_person() -> None:
    """Every package, the revisions and the static files; dependencies by hash; not root; a command that exists."""
    text = (DEPLOY / "Containerfile").read_text()
    copied = set(re.findall(r"^COPY (?!--from)(\S+) ", text, re.M))
    assert copied == {*PACKAGES, "alembic", "static", "alembic.ini", "requirements.lock"}
    assert all((ROOT / one).exists() for one in copied)
    allowed = {line[1:] for line in (ROOT / ".containerignore").read_text().splitlines() if line[:1] == "!"}
    assert allowed == copied, "what is copied is let through, and nothing else"
    assert (ROOT / ".dockerignore").read_text() == (ROOT / ".containerignore").read_text()
    assert "--require-hashes --no-deps --only-binary :all:" in text
    last = text.split("FROM ")[-1]
    assert re.search(r"^USER 10001:10001$", last, re.M) and "COPY --from=built /opt/cho" in last
    assert 'ENTRYPOINT ["python", "-m", "market.cli"]' in last
    understood([str(re.search(r'^CMD \["(\w+)"\]', last, re.M)[1])])  # type: ignore[index]


def test_what_the_image_drops_is_only_needed_for_the_embedded_servers() -> None:
    """Named in the lock file, and not imported at the top of anything."""
    dropped = re.search(r"uninstall --yes ([^\n]+)", (DEPLOY / "Containerfile").read_text())
    assert dropped
    lock = (ROOT / "requirements.lock").read_text()
    for name in dropped[1].split():
        module = name.replace("-", "_")
        imported = re.compile(rf"^\s*(?:import|from) {module}\b", re.M)
        users = [
            path
            for one in PACKAGES
            for path in (ROOT / one).rglob("*.py")
            if imported.search(path.read_text())
        ]
        assert not users and (name in ("pip", "setuptools") or f"{name}==" in lock), name


# Compose.


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The compose file."""
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text())
    return found


OWN = ("web1", "web2", "worker1", "worker2", "migrate")


@pytest.mark.parametrize("name", OWN)
def test_a_process_of_the_compose_file_would_start(
    compose: dict[str, Any], name: str, tmp_path: Path
) -> None:
    """Its settings are whole and known, its secrets are handed to it as files and named at the end of the file."""
    service = compose["services"][name]
    assert service["image"] == compose["services"]["web1"]["image"]
    understood(service["command"])
    environment = image_environment() | environment_in(DEPLOY / "compose" / "cho.env")
    for key, value in service["environment"].items():
        if not key.endswith("_FILE"):
            environment[key] = value
            continue
        kept = value.removeprefix("/run/secrets/")
        assert kept in service["secrets"] and kept in compose["secrets"], f"{name}: {kept}"
        (tmp_path / kept).write_text(secret(key.removesuffix("_FILE")) + "\n")
        assert settings_from({key: str(tmp_path / kept)}), key
        environment[key.removesuffix("_FILE")] = secret(key.removesuffix("_FILE"))
    settings = checked(environment)
    assert bool(settings.meili_key) == (name not in ("web1", "web2")), "web processes only search"
    assert not settings.meili_master_key
    assert service["read_only"] and service["cap_drop"] == ["ALL"] and service["user"] == "10001:10001"


def test_the_compose_file_is_one_whole(compose: dict[str, Any]) -> None:
    """Networks, volumes and secrets that are named exist; all that serve are looked after; only nginx is public."""
    services = compose["services"]
    for name, service in services.items():
        assert set(service.get("networks", {})) <= set(compose["networks"]), name
        assert set(service.get("secrets", [])) <= set(compose["secrets"]), name
        assert set(service.get("depends_on", {})) <= set(services), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or source.startswith("./"), f"{name}: {source}"
        if name not in ("migrate", "bucket"):
            assert service["healthcheck"]["test"][0] == "CMD", name
        assert ("ports" in service) == (name == "proxy"), name
    for name in ("web1", "web2"):
        environment = image_environment()
        assert f":{environment['SIDE_PORT']}/ready" in services[name]["healthcheck"]["test"][-1]
        assert (
            seconds(services[name]["stop_grace_period"]) > int(environment["DRAIN_SECONDS"]) + SCREENS_SECONDS
        )
    assert seconds(services["worker1"]["stop_grace_period"]) > JOB_SECONDS_MAX
    proxy = services["proxy"]["networks"]["inside"]["ipv4_address"]
    assert services["web1"]["environment"]["TRUSTED_PROXIES"] == proxy


def seconds(text: str) -> int:
    """15s as a number."""
    return int(text.removesuffix("s"))


# nginx.


@pytest.mark.parametrize("path", ["nginx.conf", "compose/nginx.conf"])
def test_nginx_sends_people_to_where_processes_listen(path: str, compose: dict[str, Any]) -> None:
    """Ports as set; no address but the proxy's word of who asks; live screens outlive their pauses."""
    text = (DEPLOY / path).read_text()
    servers = re.findall(r"^\s*server ([\w.]+):(\d+)", text, re.M)
    if path.startswith("compose"):
        port = image_environment()["PORT"]
        assert servers == [("web1", port), ("web2", port)] and set(compose["services"]) >= {"web1", "web2"}
    else:
        production = (ROOT / "docs" / "production.md").read_text()
        assert all(host == "127.0.0.1" and f"cho-web@{port}" in production for host, port in servers)
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
    idle = re.search(r"keepalive_timeout (\d+)s", text)
    assert idle and int(idle[1]) < IDLE_SECONDS, "a proxy lets a quiet connection go before the process does"
    read = re.search(r"proxy_read_timeout (\d+)s", text)
    assert read and int(read[1]) > 15
    assert "non_idempotent" not in text, "an order is never sent twice"
    assert text.count("{") == text.count("}")


@pytest.mark.skipif(not shutil.which("nginx"), reason="there is no nginx here")
def test_nginx_itself_takes_the_file(tmp_path: Path) -> None:
    """With a certificate of our own in the place of theirs."""
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=cho.example.vn"]
    subprocess.run([*made, "-keyout", "key.pem", "-out", "fullchain.pem"], cwd=tmp_path, check=True)
    text = (DEPLOY / "nginx.conf").read_text().replace("/etc/ssl/cho", str(tmp_path))
    whole = f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{ access_log off;\n{text}\n}}\n"
    (tmp_path / "nginx.conf").write_text(whole)
    told = subprocess.run(["nginx", "-t", "-c", str(tmp_path / "nginx.conf")], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr


# systemd.


UNITS = sorted(DEPLOY.glob("*.service"))


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_a_command_that_exists_with_settings_that_exist(path: Path) -> None:
    """Hardened, with time enough to end."""
    text = path.read_text()
    words = re.search(r"^ExecStart=/opt/cho/\.venv/bin/python -m market\.cli (.+)$", text, re.M)
    assert words
    understood(words[1].split())
    names = {line.split("=")[0] for line in re.findall(r"^Environment=(.*)$", text, re.M)}
    assert names <= OURS
    for rule in ("NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateTmp=yes", "CapabilityBoundingSet="):
        assert re.search(rf"^{rule}$", text, re.M), rule
    for script in re.findall(r"/opt/cho/(deploy/\w+)", text):
        assert os.access(ROOT / script, os.X_OK), script
    stops = re.search(r"^TimeoutStopSec=(\d+)$", text, re.M)
    if "cli web" in text:
        drain = re.search(r"DRAIN_SECONDS=(\d+)", text)
        assert stops and drain and int(stops[1]) > int(drain[1]) + SCREENS_SECONDS
    if "cli worker" in text:
        assert stops and int(stops[1]) > JOB_SECONDS_MAX


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
@pytest.mark.parametrize("path", [*UNITS, DEPLOY / "cho-backup.timer"], ids=lambda path: path.name)
def test_systemd_itself_finds_nothing_unknown_in_a_unit(path: Path, tmp_path: Path) -> None:
    """But for the program and the user, which are not on this machine."""
    for one in (*UNITS, DEPLOY / "cho-backup.timer"):
        shutil.copy(one, tmp_path)
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / path.name.replace("@", "@1"))],
        capture_output=True,
        text=True,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        check=False,
    )
    faults = [
        line for line in told.stderr.splitlines() if re.search(r"Unknown|Failed to parse|Invalid", line)
    ]
    assert not faults


def test_the_settings_file_of_the_guide_starts_a_market() -> None:
    """docs/production.md, with something in the place of each secret."""
    text = (ROOT / "docs" / "production.md").read_text()
    block = re.search(r"```sh\n(MODE=production\n.*?)```", text, re.S)
    assert block
    environment = dict(line.split("#")[0].strip().split("=", 1) for line in block[1].splitlines() if line)
    made = {
        name: secret(name) if value == "…" else value.replace("…", "x") for name, value in environment.items()
    }
    for name in ("ZALO_APP_ID", "SMTP_URL"):
        made.pop(name, None)
    checked(made)


# Kubernetes.


def manifests() -> list[dict[str, Any]]:
    """Every object of the kustomization."""
    said = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())
    files = set(said["resources"])
    assert files == {path.name for path in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml"}
    found = [one for name in said["resources"] for one in yaml.safe_load_all((KUBERNETES / name).read_text())]
    assert all(one["apiVersion"] and one["kind"] and one["metadata"]["name"] for one in found)
    return found


def named(kind: str, name: str) -> dict[str, Any]:
    """One object."""
    return next(one for one in manifests() if (one["kind"], one["metadata"]["name"]) == (kind, name))


def pods() -> list[tuple[str, dict[str, Any]]]:
    """The pod of each deployment and job, by name."""
    return [
        (one["metadata"]["name"], one["spec"]["template"]["spec"])
        for one in manifests()
        if one["kind"] in ("Deployment", "Job")
    ]


@pytest.mark.parametrize("name", ["web", "worker", "migrate"])
def test_a_pod_would_start_and_may_do_nothing_else(name: str) -> None:
    """Its command exists, its settings are whole, it is nobody and may write nowhere but in two empty folders."""
    pod = dict(pods())[name]
    [container] = pod["containers"]
    understood(container["args"])
    assert container["envFrom"] == [{"configMapRef": {"name": "cho-settings"}}]
    secrets = {one["name"]: one["valueFrom"]["secretKeyRef"] for one in container["env"]}
    assert all(one == {"name": "cho-secrets", "key": key} for key, one in secrets.items())
    settings = checked(
        image_environment()
        | environment_in(KUBERNETES / "settings.env")
        | {key: secret(key) for key in secrets}
    )
    assert bool(settings.meili_key) == (name != "web")
    assert pod["securityContext"]["runAsNonRoot"] and not pod["automountServiceAccountToken"]
    limits = container["securityContext"]
    assert limits["readOnlyRootFilesystem"] and not limits["allowPrivilegeEscalation"]
    assert limits["capabilities"] == {"drop": ["ALL"]}
    assert container["resources"]["requests"] and container["resources"]["limits"]["memory"]
    mounted = {one["mountPath"] for one in container["volumeMounts"]}
    assert settings.var in mounted and {one["name"] for one in pod["volumes"]} == {"var", "tmp"}


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_pod_is_looked_after(name: str) -> None:
    """Probes ask the port for machines; there is time to end; the last of them is never taken away."""
    pod, settings = dict(pods())[name], checked_settings()
    [container] = pod["containers"]
    ports = {one["name"]: one["containerPort"] for one in container["ports"]}
    assert ports["side"] == settings.side_port and ports.get("http", settings.port) == settings.port
    for probe, path in (("startupProbe", "/live"), ("readinessProbe", "/ready"), ("livenessProbe", "/live")):
        assert container[probe]["httpGet"] == {"path": path, "port": "side"}
    needed = settings.drain_seconds + SCREENS_SECONDS if name == "web" else JOB_SECONDS_MAX
    assert pod["terminationGracePeriodSeconds"] > needed
    deployment = named("Deployment", name)["spec"]
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0 and deployment["replicas"] >= 2
    label = {"app.kubernetes.io/name": name}
    assert (
        deployment["selector"]["matchLabels"]
        == label
        == named("PodDisruptionBudget", name)["spec"]["selector"]["matchLabels"]
    )
    scaler = named("HorizontalPodAutoscaler", name)["spec"]
    assert scaler["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    assert 2 <= scaler["minReplicas"] < scaler["maxReplicas"]


def checked_settings() -> Settings:
    """The settings of a pod."""
    made = image_environment() | environment_in(KUBERNETES / "settings.env")
    needed = ("DATABASE_URL", "SECRET_KEY", "DATA_KEY", "SEPAY_SECRET", "SMS_WEBHOOK_KEY")
    return checked(made | {name: secret(name) for name in needed})


def test_people_reach_web_and_nobody_reaches_anything_else() -> None:
    """Ingress → service → port; all else is shut, and the port for machines is for watchers alone."""
    settings, service = checked_settings(), named("Service", "web")["spec"]
    [path] = named("Ingress", "web")["spec"]["rules"][0]["http"]["paths"]
    assert path["backend"]["service"] == {"name": "web", "port": {"name": service["ports"][0]["name"]}}
    assert service["selector"] == {"app.kubernetes.io/name": "web"}
    host = named("Ingress", "web")["spec"]["rules"][0]["host"]
    assert settings.base_url == f"https://{host}"
    shut = named("NetworkPolicy", "nobody")["spec"]
    assert shut == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    opened = {
        one["metadata"]["name"]: {
            port["port"] for rule in one["spec"].get("ingress", []) for port in rule["ports"]
        }
        for one in manifests()
        if one["kind"] == "NetworkPolicy"
    }
    assert opened["people-to-web"] == {settings.port} and opened["watchers-to-side"] == {settings.side_port}
    assert "NodePort" not in str(manifests()) and "hostNetwork" not in str(manifests())


@pytest.mark.skipif(not shutil.which("kubectl"), reason="there is no kubectl here")
def test_kustomize_itself_takes_the_folder() -> None:
    """And puts the image's name and the settings' mark everywhere."""
    told = subprocess.run(
        ["kubectl", "kustomize", str(KUBERNETES)], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    made = list(yaml.safe_load_all(told.stdout))
    assert len(made) == len(manifests()) + 1
    assert told.stdout.count("image: registry.example.vn/cho:1.0.0") == 3
    assert all(one["metadata"].get("namespace") == "cho" or one["kind"] == "Namespace" for one in made)


# Secrets by file.


def test_a_secret_comes_from_a_file(tmp_path: Path) -> None:
    """Without the line's end; not beside the value itself, and not from a file that is not there."""
    (tmp_path / "key").write_text("the key\n")
    assert settings_from({"SECRET_KEY_FILE": str(tmp_path / "key")}).secret_key == "the key"
    with pytest.raises(BadSettings, match="not both"):
        settings_from({"SECRET_KEY_FILE": str(tmp_path / "key"), "SECRET_KEY": "other"})
    with pytest.raises(BadSettings, match="SECRET_KEY_FILE"):
        settings_from({"SECRET_KEY_FILE": str(tmp_path / "nowhere")})
