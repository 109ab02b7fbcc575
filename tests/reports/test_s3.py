"""A report into a bucket, and from one: a real S3 server on loopback, papermill's own handlers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from incident_kit.engines.evidence import gather
from incident_kit.errors import OutputError
from incident_kit.reports.inputs.provenance import provenance
from incident_kit.reports.notebooks.parameter_check import validate
from incident_kit.reports.pages.pdf import browser
from incident_kit.reports.pages.upload import upload
from incident_kit.reports.run import Report, report

BUCKET = "reports"
NOTEBOOK = "error_spike"

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Store:
    """An S3 server with one bucket."""

    client: Any

    def files(self, folder: str) -> dict[str, bytes]:
        """Return what lies in a folder of the bucket."""
        listed = self.client.list_objects_v2(Bucket=BUCKET, Prefix=f"{folder}/").get("Contents", [])
        names = [row["Key"] for row in listed]
        return {
            name.removeprefix(f"{folder}/"): self.client.get_object(Bucket=BUCKET, Key=name)["Body"].read()
            for name in names
        }


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    server_module = pytest.importorskip("moto.server", reason="moto's server is not installed")
    boto3 = pytest.importorskip("boto3", reason="the extra s3 is not installed")
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        environment.setenv("AWS_ACCESS_KEY_ID", "test")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
        client = boto3.client("s3")
        client.create_bucket(Bucket=BUCKET)
        yield Store(client)
        client.close()
    server.stop()


@pytest.fixture(scope="module")
def local(log_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    return report(log_file, notebook=NOTEBOOK, output=tmp_path_factory.mktemp("local"))


def test_a_report_in_a_bucket_is_the_report_in_a_folder(store: Store, log_file: Path, local: Report) -> None:
    written = report(log_file, notebook=NOTEBOOK, output=f"s3://{BUCKET}/night/")
    assert written.index == f"s3://{BUCKET}/night/index.html"
    there, here = store.files("night"), {Path(file).name: Path(file).read_bytes() for file in local.files}
    assert there.keys() == here.keys()
    assert {"index.html", "verdict.json", "error_spike.ipynb", "error_spike.html"} <= there.keys()
    assert [name for name in here if not name.endswith(".pdf") and there[name] != here[name]] == []


@pytest.mark.skipif(browser() is None, reason="there is no Chromium; install it or name it in CHROME_BIN")
def test_a_pdf_arrives_whole(store: Store, local: Report) -> None:
    printed = [Path(file) for file in local.files if file.endswith(".pdf")]
    assert printed
    upload(printed, f"s3://{BUCKET}/printed")
    assert store.files("printed") == {file.name: file.read_bytes() for file in printed}
    assert all(content.startswith(b"%PDF") for content in store.files("printed").values())


def test_logs_in_a_bucket_are_read_and_named_like_files(store: Store, log_file: Path) -> None:
    store.client.put_object(Bucket=BUCKET, Key="logs/access.log", Body=log_file.read_bytes())
    (path,) = validate("triage", {"access_log": f"s3://{BUCKET}/logs/access.log"}).logs
    ours = gather(log_file).requests.drop("source")  # type: ignore[union-attr]
    assert gather(path).requests.drop("source").equals(ours)  # type: ignore[union-attr]
    assert provenance([path]).equals(provenance([str(log_file)]))


def test_a_bucket_that_is_not_there_is_said_in_one_sentence(store: Store, local: Report) -> None:
    with pytest.raises(OutputError, match=r"s3://gone/x cannot be written to: .*; check bucket") as caught:
        upload([Path(local.index)], "s3://gone/x")
    assert "\n" not in str(caught.value)
