"""CloudFront's standard logs as JSON: the fields of its text by their names, all of them text."""

from __future__ import annotations

import json

from incident_kit.read.log_formats.aws_cloudfront import CLOUDFRONT_FIELDS
from tests.read.writers.aws_cloudfront import COLUMNS, cloudfront, cloudfront_limits
from tests.read.writers.record import Record, Writer


def line(record: Record) -> str:
    return json.dumps(dict(zip(CLOUDFRONT_FIELDS, cloudfront(record).split("\t"), strict=True)))


WRITERS = {"aws_cloudfront_json": Writer(line, COLUMNS, limits=cloudfront_limits)}
