"""The Kubernetes base, the container image and the cluster module agree with the code."""

import json
import pathlib
import re
import tempfile
import unittest

import yaml

from tests.cluster.cluster import Cluster

ROOT = pathlib.Path(__file__).resolve().parents[1]
K8S = ROOT / "deploy" / "k8s"
SERVICES = ("relation", "wallet", "limits", "settlement")
PORTS = {"grpc": 50051, "admin": 9090}
PROBES = {"livenessProbe": "/livez", "readinessProbe": "/readyz", "startupProbe": "/livez"}


def documents(path):
    return [d for d in yaml.safe_load_all(path.read_text(encoding="utf-8")) if d]


def workloads():
    """Yields (file, object, pod spec) of everything that runs pods."""
    for path in sorted(K8S.rglob("*.yaml")):
        for document in documents(path):
            if document.get("kind") in ("Deployment", "StatefulSet"):
                yield path, document, document["spec"]["template"]["spec"]


def our_containers():
    for path, _, pod in workloads():
        for container in pod["containers"]:
            if container["image"].startswith("gongji/"):
                yield path, container


def defined_flags(service):
    """Returns the names of the Abseil flags that the binary of `service` has."""
    names = {"flagfile"}
    for folder in (f"services/{service}", "services/common"):
        for path in (ROOT / folder).rglob("*.cc"):
            names.update(re.findall(r"\bABSL_FLAG\(\s*[^,]+,\s*(\w+)\s*,", path.read_text()))
    return names


def flag_lines(path):
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


class KustomizeTest(unittest.TestCase):
    def test_resources_exist(self):
        for path in K8S.rglob("kustomization.yaml"):
            (kustomization,) = documents(path)
            for field in ("resources", "components"):
                for name in kustomization.get(field, []):
                    self.assertTrue((path.parent / name).exists(), f"{path}: {name}")
            for generator in kustomization.get("configMapGenerator", []):
                for name in generator["files"]:
                    self.assertTrue((path.parent / name).exists(), f"{path}: {name}")

    def test_every_file_is_used(self):
        for path in K8S.rglob("*"):
            if path.suffix not in (".yaml", ".flags", ".json") or path.name == "kustomization.yaml":
                continue
            text = (path.parent / "kustomization.yaml").read_text()
            self.assertIn(f"- {path.name}\n", text, f"{path} is in no kustomization")

    def test_every_service_has_a_base(self):
        for service in SERVICES:
            kinds = {d["kind"] for p in (K8S / "base" / service).glob("*.yaml")
                     for d in documents(p)}
            self.assertLessEqual({"Service", "ServiceAccount"}, kinds, service)
            self.assertTrue(kinds & {"Deployment", "StatefulSet"}, service)

    def test_shards_of_the_directory_exist(self):
        for overlay in (K8S / "overlays").iterdir():
            directory = json.loads((overlay / "directory.json").read_text())
            for province, endpoint in directory.items():
                self.assertEqual(endpoint, f"dns:///wallet-{province}:{PORTS['grpc']}")
                text = (overlay / f"wallet-{province}" / "kustomization.yaml").read_text()
                self.assertIn(f"--area_province={province}\n", text)
                self.assertIn(f'nameSuffix: "-{province}"\n', text)


class PodTest(unittest.TestCase):
    def test_ports_and_probes(self):
        for path, container in our_containers():
            ports = {port["name"]: port["containerPort"] for port in container["ports"]}
            self.assertEqual(ports, PORTS, path)
            for probe, endpoint in PROBES.items():
                self.assertEqual(container[probe]["httpGet"], {"path": endpoint, "port": "admin"},
                                 f"{path}: {probe}")

    def test_admin_endpoints_exist(self):
        text = "".join(p.read_text() for p in (ROOT / "services/common").rglob("*.cc"))
        for endpoint in {*PROBES.values(), "/metrics"}:
            self.assertTrue(f'"{endpoint}$"' in text, f"nobody serves {endpoint}")

    def test_restricted(self):
        for path, _, pod in workloads():
            self.assertTrue(pod["securityContext"]["runAsNonRoot"], path)
            self.assertEqual(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault")
            self.assertFalse(pod["automountServiceAccountToken"], path)
            self.assertNotEqual(pod["serviceAccountName"], "default", path)
            for container in pod["containers"] + pod.get("initContainers", []):
                context = container["securityContext"]
                self.assertFalse(context["allowPrivilegeEscalation"], path)
                self.assertTrue(context["readOnlyRootFilesystem"], path)
                self.assertEqual(context["capabilities"], {"drop": ["ALL"]}, path)

    def test_resources_and_images(self):
        for path, _, pod in workloads():
            for container in pod["containers"]:
                resources = container["resources"]
                self.assertEqual(resources["requests"]["memory"], resources["limits"]["memory"])
                self.assertNotIn("cpu", resources["limits"], path)
                self.assertNotRegex(container["image"], r":latest$|^[^:]+$", path)

    def test_stopping_fits_the_grace_period(self):
        for path, container in our_containers():
            pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
            (pod,) = [p for file, _, p in workloads() if file == path]
            self.assertGreaterEqual(pod["terminationGracePeriodSeconds"], pause + 30, path)

    def test_mounts_name_volumes(self):
        for path, workload, pod in workloads():
            volumes = {v["name"] for v in pod.get("volumes", [])}
            volumes |= {c["metadata"]["name"]
                        for c in workload["spec"].get("volumeClaimTemplates", [])}
            for container in pod["containers"]:
                for mount in container.get("volumeMounts", []):
                    self.assertIn(mount["name"], volumes, path)

    def test_one_writer_per_database(self):
        for path, workload, pod in workloads():
            if any(m["name"] == "data" for c in pod["containers"]
                   for m in c.get("volumeMounts", [])):
                self.assertEqual(workload["kind"], "StatefulSet", path)
                self.assertEqual(workload["spec"]["replicas"], 1, path)

    def test_services_select_pods(self):
        for path in K8S.rglob("service.yaml"):
            (service,) = documents(path)
            found = [(w, p) for file, w, p in workloads() if file.parent == path.parent]
            self.assertEqual(len(found), 1, path)
            workload, pod = found[0]
            labels = workload["spec"]["template"]["metadata"]["labels"]
            self.assertLessEqual(service["spec"]["selector"].items(), labels.items(), path)
            self.assertEqual(workload["spec"]["selector"]["matchLabels"], labels, path)
            names = {port["name"] for c in pod["containers"] for port in c["ports"]}
            for port in service["spec"]["ports"]:
                self.assertIn(port["targetPort"], names, path)
                self.assertNotEqual(port["targetPort"], "admin", "not for clients")


class FlagsTest(unittest.TestCase):
    def assert_defined(self, service, arguments, where):
        flags = defined_flags(service)
        for argument in arguments:
            name = re.match(r"--(\w+)", argument)[1]
            self.assertIn(name, flags, f"{where}: {service} has no flag --{name}")

    def test_flag_files(self):
        for service in SERVICES:
            path = K8S / "base" / service / f"{service}.flags"
            lines = flag_lines(path)
            self.assert_defined(service, lines, path)
            self.assertIn(f"--listen=0.0.0.0:{PORTS['grpc']}", lines, path)
            self.assertIn(f"--admin_listen=0.0.0.0:{PORTS['admin']}", lines, path)
            self.assertFalse([line for line in lines if line.startswith(
                ("--development", "--business_time"))], "never outside of a laptop")

    def test_arguments(self):
        for path, container in our_containers():
            service = container["image"].split("/")[1].split(":")[0]
            self.assert_defined(service, container["args"], path)
        for path in (K8S / "overlays").rglob("kustomization.yaml"):
            arguments = re.findall(r"value: (--\S+)", path.read_text())
            self.assert_defined("wallet", arguments, path)

    def test_local_cluster(self):
        with tempfile.TemporaryDirectory() as folder:
            cluster = Cluster()
            cluster.dir = pathlib.Path(folder)
            cluster.describe()
            for process in cluster.processes.values():
                if process.name != "redis":
                    service = process.command[0].rsplit("gongji-", 1)[1]
                    self.assert_defined(service, process.command[1:], "tests/cluster")


class ImageTest(unittest.TestCase):
    def setUp(self):
        self.text = (ROOT / "deploy/docker/Dockerfile").read_text()

    def test_a_target_per_service(self):
        for service in SERVICES:
            self.assertIn(f"FROM runtime AS {service}\n", self.text)
            self.assertIn(f'ENTRYPOINT ["/usr/bin/gongji-{service}"]', self.text)

    def test_runs_as_the_same_user_on_the_same_ports(self):
        self.assertIn("USER 65532:65532\n", self.text)
        self.assertIn("EXPOSE " + " ".join(map(str, PORTS.values())) + "\n", self.text)
        for path, _, pod in workloads():
            self.assertEqual(pod["securityContext"]["runAsUser"], 65532, path)

    def test_policy_is_where_the_flags_say(self):
        self.assertIn("COPY policy /usr/share/gongji/policy\n", self.text)
        for service in ("relation", "limits", "settlement"):
            self.assertIn("--policy=/usr/share/gongji/policy",
                          flag_lines(K8S / "base" / service / f"{service}.flags"))


if __name__ == "__main__":
    unittest.main()
