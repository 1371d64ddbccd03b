#!/usr/bin/env python3
"""Checks what operators deploy: the Kubernetes manifests, the compose file and the Dockerfile.

It reads only what stands in deploy/ and the published names of the settings. Needs kubectl, whose
kustomize renders the manifests; no cluster. Prints every fault and exits 1 if there is any.
"""

import json
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"

# The published settings. Any other name would stop a service at its start.
SETTINGS = set(re.findall(r'\("(SIGNPOST_[A-Z_]+)"', (ROOT / "shared/web/src/settings/names.rs").read_text()))
SECRET_WORDS = ("PASSWORD", "TOKEN", "DATABASE_URL", "NKEY")
# The oldest release whose pods can sleep before they stop, and the newest one known here.
KUBERNETES_RELEASES = ("1.30.0", None)

faults = []


def fault(where, what):
    faults.append(f"{where}: {what}")


# --- rendering and schemas ----------------------------------------------------------------------


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)


def knows_folders():
    """Whether this kubectl takes a folder as a resource; before 1.21 only `bases` could name one."""
    answer = json.loads(run("kubectl", "version", "--client", "-o", "json").stdout)
    return int(re.match(r"\d+", answer["clientVersion"]["minor"]).group()) >= 21


def render(folder, old_fashioned):
    if not old_fashioned:
        return run("kubectl", "kustomize", folder)
    with tempfile.TemporaryDirectory() as scratch:
        copy = pathlib.Path(scratch) / "kubernetes"
        shutil.copytree(KUBERNETES, copy)
        for path in copy.glob("overlays/*/kustomization.yaml"):
            path.write_text(path.read_text().replace("\nresources:", "\nbases:"))
        return run("kubectl", "kustomize", copy / folder.relative_to(KUBERNETES))


def validate(where, text):
    """Validates every document by the schemas of Kubernetes, which allow no extra members."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(text)
        file.flush()
        for release in KUBERNETES_RELEASES:
            version = ["-k", release] if release else []
            done = run(sys.executable, "-m", "kubernetes_validate", "--strict", "--quiet", *version, file.name)
            if done.returncode != 0:
                fault(where, f"kubernetes-validate refuses it: {(done.stdout + done.stderr).strip()}")


# --- pod security -------------------------------------------------------------------------------


def pod_template(document):
    spec = document.get("spec") or {}
    if document["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    return spec.get("template")


def check_pod(where, pod):
    """The restricted pod security standard, and this project's further rules."""
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(name):
            fault(where, f"{name} opens the node")
    for volume in pod.get("volumes", []):
        if not set(volume) <= {"name", "configMap", "secret", "emptyDir", "projected", "persistentVolumeClaim"}:
            fault(where, f"volume {volume['name']} is of a kind that is not allowed")
        if "secret" in volume and volume["secret"].get("optional") is not True:
            fault(where, f"no pod starts without the Secret {volume['secret']['secretName']}")
    if pod.get("automountServiceAccountToken") is not False:
        fault(where, "the service account's token is mounted")
    if pod.get("enableServiceLinks") is not False:
        fault(where, "service links would add settings that nobody wrote")
    for container in pod.get("initContainers", []) + pod["containers"]:
        check_container(f"{where}/{container['name']}", container, pod.get("securityContext", {}))


def check_container(where, container, pod_context):
    own = container.get("securityContext", {})
    context = {**pod_context, **own}
    capabilities = own.get("capabilities", {})
    rules = {
        "it may gain privileges": own.get("allowPrivilegeEscalation") is False,
        "it is privileged": not own.get("privileged"),
        "it keeps capabilities": capabilities.get("drop") == ["ALL"] and not capabilities.get("add"),
        "its root file system can be written": own.get("readOnlyRootFilesystem") is True,
        "it may run as root": context.get("runAsNonRoot") is True and context.get("runAsUser") == 65532,
        "it has no seccomp profile": context.get("seccompProfile") == {"type": "RuntimeDefault"},
        "it has no memory limit": "memory" in container.get("resources", {}).get("limits", {}),
        "it asks for no processor": "cpu" in container.get("resources", {}).get("requests", {}),
        "it opens a port of the node": not any("hostPort" in port for port in container.get("ports", [])),
    }
    for what, holds in rules.items():
        if not holds:
            fault(where, what)


# --- how the documents fit together -------------------------------------------------------------


def names(documents, kind):
    return {document["metadata"]["name"] for document in documents if document["kind"] == kind}


def matches(selector, labels):
    return selector and all(labels.get(name) == value for name, value in selector.items())


def check_secret(where, name, reference, keys):
    """A key that an operator may leave out or remove must not stop the pods."""
    if reference["name"] != "signpost" or reference["key"] not in keys["needed"] | keys["optional"]:
        fault(where, f"{name} refers to a secret that is not documented")
    elif reference.get("optional", False) != (reference["key"] in keys["optional"]):
        fault(where, f"{name}: the key {reference['key']} is documented otherwise than it is used: optional or not")


def check_config(where, name, reference, config_maps, optional_keys):
    documented = reference["key"] in optional_keys
    if reference.get("optional", False):
        if not documented:
            fault(where, f"{name} refers to an optional setting that the example overlay does not name")
    elif reference["key"] not in config_maps.get(reference["name"], {}):
        fault(where, f"{name} refers to a setting that is in no ConfigMap")


def check_settings(where, container, documents, keys):
    config_maps = {d["metadata"]["name"]: d.get("data", {}) for d in documents if d["kind"] == "ConfigMap"}
    for variable in container.get("env", []):
        name, source = variable["name"], variable.get("valueFrom", {})
        check_setting(where, name, variable.get("value"))
        if "value" in variable and any(word in name for word in SECRET_WORDS):
            fault(where, f"{name} is a secret and stands in the manifest")
        if "secretKeyRef" in source:
            check_secret(where, name, source["secretKeyRef"], keys)
        if "configMapKeyRef" in source:
            check_config(where, name, source["configMapKeyRef"], config_maps, keys["settings"])


def check_setting(where, name, value):
    if name.startswith("SIGNPOST_") and name.removesuffix("_FILE") not in SETTINGS:
        fault(where, f"{name} is not a setting")
    if name.endswith("_LISTEN") and not str(value).startswith("0.0.0.0:"):
        fault(where, f"{name} is {value}, which nobody outside the container can reach")


def check_deployment(where, document, documents):
    spec, pod = document["spec"], document["spec"]["template"]["spec"]
    labels = document["spec"]["template"]["metadata"]["labels"]
    if spec["replicas"] < 2 or spec["strategy"]["rollingUpdate"]["maxUnavailable"] != 0:
        fault(where, "one pod less would be an outage")
    if pod.get("terminationGracePeriodSeconds", 30) < 40:
        fault(where, "it gets less than 40 s to finish")
    if not pod.get("topologySpreadConstraints"):
        fault(where, "its pods may all run on one node")
    container = pod["containers"][0]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        if container.get(probe, {}).get("httpGet", {}).get("port") != "admin":
            fault(where, f"its {probe} does not ask the admin port")
    budgets = [d["spec"] for d in documents if d["kind"] == "PodDisruptionBudget"]
    if not any(matches(budget["selector"]["matchLabels"], labels) for budget in budgets):
        fault(where, "no PodDisruptionBudget covers it")
    if not matches(spec["selector"]["matchLabels"], labels):
        fault(where, "it does not select its own pods")


def check_service(where, document, documents):
    deployments = [d["spec"]["template"] for d in documents if d["kind"] == "Deployment"]
    chosen = [d for d in deployments if matches(document["spec"]["selector"], d["metadata"]["labels"])]
    if len(chosen) != 1:
        fault(where, f"it selects {len(chosen)} deployments")
        return
    ports = {port["name"] for port in chosen[0]["spec"]["containers"][0]["ports"]}
    for port in document["spec"]["ports"]:
        if port["targetPort"] not in ports:
            fault(where, f"its pods have no port called {port['targetPort']}")


def check_rendered(where, text, keys):
    documents = [document for document in yaml.safe_load_all(text) if document]
    if names(documents, "Secret"):
        fault(where, "a Secret is committed")
    for document in documents:
        place = f"{where}: {document['kind']}/{document['metadata']['name']}"
        template = pod_template(document)
        if template and "containers" in template.get("spec", {}):
            pod = template["spec"]
            check_pod(place, pod)
            if pod.get("serviceAccountName") not in names(documents, "ServiceAccount"):
                fault(place, "its service account does not exist")
            for container in pod["containers"]:
                check_settings(place, container, documents, keys)
        if document["kind"] == "Deployment":
            check_deployment(place, document, documents)
        if document["kind"] == "Service":
            check_service(place, document, documents)
    return documents


def documented_keys():
    """The keys of the Secret, those that may be left out, and the settings that an overlay may add."""
    example = (KUBERNETES / "base" / "secret.example.yaml").read_text()
    validate("secret.example.yaml", example)
    needed, optional = example.split("# Optional from here on.\n")
    overlay = (KUBERNETES / "overlays" / "example" / "kustomization.yaml").read_text()
    key = re.compile(r"^  ([a-z-]+):", re.MULTILINE)
    return {
        "needed": set(key.findall(needed.split("stringData:")[1])),
        "optional": set(key.findall(optional.split("---")[0])),
        "settings": set(re.findall(r"^ *# - ([a-z-]+)=", overlay, re.MULTILINE)),
    }


def check_kubernetes():
    """Checks every kustomization; returns the documents of the last overlay, and how many there were in all."""
    keys, documents = documented_keys(), []
    old_fashioned, count = not knows_folders(), 0
    for path in sorted(KUBERNETES.glob("**/kustomization.yaml")):
        where = str(path.parent.relative_to(DEPLOY))
        rendered = render(path.parent, old_fashioned)
        if rendered.returncode != 0:
            fault(where, f"it does not render: {rendered.stderr.strip()}")
            continue
        validate(where, rendered.stdout)
        documents = check_rendered(where, rendered.stdout, keys)
        count += len(documents)
    return documents, count


# --- compose and the image ----------------------------------------------------------------------


def check_compose():
    text = (DEPLOY / "compose.yaml").read_text()
    compose = yaml.safe_load(text)
    services, volumes = compose["services"], compose.get("volumes", {})
    example = (DEPLOY / "compose" / "example.env").read_text()
    documented = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    for name in sorted(set(re.findall(r"\$\{([A-Z_]+)", text)) - documented):
        fault("compose.yaml", f"{name} is not in example.env")
    for name, service in services.items():
        where = f"compose.yaml: {name}"
        for variable, value in service.get("environment", {}).items():
            check_setting(where, variable, value)
        for other in service.get("depends_on", {}):
            if "healthcheck" not in services.get(other, {}):
                fault(where, f"it waits for {other}, which tells nobody how it is")
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source not in volumes and not (DEPLOY / source).is_file():
                fault(where, f"there is no {source} to mount")
    return sorted(services)


def check_dockerfile():
    text = (DEPLOY / "Dockerfile").read_text()
    for name, value in re.findall(r"(SIGNPOST_[A-Z_]+)=(\S+)", text):
        check_setting("Dockerfile", name, value)
    if "--locked" not in text or not re.search(r"^USER 65532", text, re.MULTILINE):
        fault("Dockerfile", "it must build from the lock file and not run as root")


# --- the run book -------------------------------------------------------------------------------


def resources(words):
    """The resources that a kubectl command names: `kind/name`, and `kind name...`."""
    kinds = {"deploy": "Deployment", "deployment": "Deployment", "cronjob": "CronJob"}
    for number, word in enumerate(words):
        kind, _, name = word.rpartition("=")[2].partition("/")
        if kind in kinds and name and "/" not in name:
            yield kinds[kind], name
        elif kind in kinds:
            for name in words[number + 1 :]:
                if name.startswith("-"):
                    break
                yield kinds[kind], name


def check_kubectl(line, documents):
    """kubectl knows the command and its options, and what it names is there or was made by an earlier command."""
    words = shlex.split(line)
    for kind, name in resources(words):
        if name not in names(documents, kind):
            fault("RUNBOOK.md", f"{line}: there is no {kind} {name}")
    verb = words[1 : {"create": 4 if "secret" in words else 3, "rollout": 3}.get(words[1], 2)]
    if "-k" in words and not (ROOT / words[words.index("-k") + 1] / "kustomization.yaml").is_file():
        fault("RUNBOOK.md", f"{line}: there is no such folder to apply")
    options = {word.split("=")[0] for word in words if word.startswith("--")}
    known = run("kubectl", *verb, "--help").stdout
    for option in sorted(options):
        if f"{option}=" not in known:
            fault("RUNBOOK.md", f"{line}: kubectl {' '.join(verb)} has no option {option}")
    for key in re.findall(r"--from-(?:literal|file)=([a-z.-]+)", line):
        if key not in (KUBERNETES / "base" / "secret.example.yaml").read_text():
            fault("RUNBOOK.md", f"{line}: the Secret has no key {key}")


def check_runbook(documents, services):
    """Every block of the run book is run by a test: kubectl's and Compose's here, the accounts of NATS in
    tests/journeys/nats/, the others in tests/journeys/runbook.rs."""
    text = (DEPLOY / "RUNBOOK.md").read_text()
    blocks = re.findall(r"^```([^\n]+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    count = 0
    for kind, block in blocks:
        if not kind.startswith(("sh run", "sh kubectl", "sh compose", "sh image", "conf accounts")):
            fault("RUNBOOK.md", f"no test runs the block `{kind}`: {block.strip()}")
        lines = block.replace("\\\n", " ").splitlines()
        for line in lines if kind in ("sh kubectl", "sh compose") else []:
            count += 1
            if kind == "sh kubectl":
                for part in line.split(" | "):
                    if part.split()[0] == "kubectl":
                        check_kubectl(part.strip(), documents)
            elif not re.search(rf" (up --build|down|(stop|start|run --rm) ({'|'.join(services)})\b.*)$", line):
                fault("RUNBOOK.md", f"{line}: it names no service of compose.yaml")
    return count


def main():
    (rendered, documents), services = check_kubernetes(), check_compose()
    check_dockerfile()
    commands = check_runbook(rendered, services)
    for line in faults:
        print(line, file=sys.stderr)
    if faults:
        sys.exit(f"{len(faults)} faults in deploy/")
    print(f"{documents} Kubernetes documents, {len(services)} compose services, the Dockerfile and {commands} commands are in order")


if __name__ == "__main__":
    main()
