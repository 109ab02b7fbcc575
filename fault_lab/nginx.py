"""An nginx of the lab's own, with its configuration, log and temporary files in one directory."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from fault_lab.ports import LOOPBACK, answers, free_port
from fault_lab.processes import running, start
from fault_lab.tools import find_tool

# Begins as `combined` does; the tail names the times, the upstream and the id that becomes the trace id.
LOG_FORMAT = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
    '"$http_referer" "$http_user_agent" '
    'rt=$request_time urt="$upstream_response_time" uct="$upstream_connect_time" '
    'uht="$upstream_header_time" ua="$upstream_addr" us="$upstream_status" trace_id=$request_id'
)
CONFIGURATION = """
{user}
worker_processes 1;
daemon off;
pid {directory}/nginx.pid;
error_log {directory}/error.log warn;
events {{ worker_connections 4096; }}
http {{
  log_format timed '{log_format}';
  access_log {directory}/access.log timed;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  types {{ text/css css; text/javascript js; image/svg+xml svg; }}
  tcp_nodelay on;
  set_real_ip_from {loopback};
  real_ip_header X-Forwarded-For;
  upstream shop {{ server {loopback}:{shop_port}; keepalive 64; }}
  server {{
    listen {loopback}:{port} backlog=1024;
    location /static/ {{ root {directory}; }}
    location / {{
      proxy_pass http://shop;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host shop.example;
      proxy_set_header X-Request-ID $request_id;
      proxy_set_header traceparent "";
      proxy_read_timeout 15s;
    }}
  }}
}}
"""
STATIC_FILES = {"app.css": 18_000, "app.js": 96_000, "logo.svg": 4_200}


@dataclass(frozen=True)
class Nginx:
    """Where clients come in, and where it is written down."""

    port: int
    access_log: Path


@contextlib.asynccontextmanager
async def running_nginx(directory: Path, shop_port: int, lifetime_s: float) -> AsyncIterator[Nginx]:
    """Run nginx in front of the shop for as long as the block lasts."""
    home, port = directory / "nginx", free_port()
    (home / "static").mkdir(parents=True)
    for name, size in STATIC_FILES.items():
        (home / "static" / name).write_text(" " * size)
    configuration = home / "nginx.conf"
    configuration.write_text(
        CONFIGURATION.format(
            # The workers of a root's nginx run as the account that they find here.
            user="user www-data;" if os.geteuid() == 0 else "",
            directory=home,
            log_format=LOG_FORMAT,
            loopback=LOOPBACK,
            port=port,
            shop_port=shop_port,
        )
    )
    arguments = [find_tool("nginx"), "-p", str(home), "-c", str(configuration), "-e", str(home / "error.log")]
    # SIGQUIT lets the requests under way end, so that each has its line.
    async with running(await start("nginx", arguments, home, lifetime_s), signal.SIGQUIT) as child:
        await child.ready(lambda: answers(port))
        yield Nginx(port, home / "access.log")
