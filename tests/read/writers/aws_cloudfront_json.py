"""CloudFront's standard logs as JSON: the fields of its text by their names, all of them text."""

from __future__ import annotations

import json

from incident_kit.read.log_formats.w3c import CLOUDFRONT_FIELDS
from tests.read.writers.record import Record, Writer
from tests.read.writers.w3c import CLOUDFRONT_COLUMNS, cloudfront, cloudfront_limits


def line(record: Record) -> str:
    return json.dumps(dict(zip(CLOUDFRONT_FIELDS, cloudfront(record).split("\t"), strict=True)))


WRITERS = {"aws_cloudfront_json": Writer(line, CLOUDFRONT_COLUMNS, limits=cloudfront_limits)}
