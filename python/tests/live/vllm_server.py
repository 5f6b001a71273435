"""A vLLM server for a test, and how to talk to it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

START_SECONDS = 900
Answer = dict[str, Any]


class VllmServer:
    """Runs while it is entered. `plugins` is VLLM_PLUGINS: empty is vLLM without any."""

    def __init__(
        self,
        model: str,
        *arguments: str,
        saes: Mapping[str, str] | None = None,
        plugins: str = "countersteer",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        self._command = [
            *(sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", model),
            *("--served-model-name", "m", "--dtype", "float32", "--generation-config", "vllm"),
            *("--port", self.url.rpartition(":")[2], "--host", "127.0.0.1"),
            *arguments,
        ]
        self._environment = {
            **os.environ,
            "VLLM_PLUGINS": plugins,
            "VLLM_CPU_KVCACHE_SPACE": "1",
            "VLLM_NO_USAGE_STATS": "1",
            "HF_HUB_OFFLINE": "1",
            "COUNTERSTEER_SAES": ",".join(f"{name}={path}" for name, path in (saes or {}).items()),
            **(environment or {}),
        }
        # a server's bytecode is worth keeping: it starts in half the time
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self._log = Path(tempfile.mkstemp(suffix=".log", prefix="vllm-")[1])

    def __enter__(self) -> VllmServer:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        began = time.monotonic()
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() - began > START_SECONDS:
                self.__exit__()
                raise RuntimeError(f"the server did not start:\n{self.log()[-6000:]}")
            time.sleep(1)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def get(self, route: str) -> tuple[int, Answer]:
        return self._send(urllib.request.Request(self.url + route))

    def post(self, route: str, body: Mapping[str, object]) -> tuple[int, Answer]:
        headers = {"content-type": "application/json"}
        return self._send(urllib.request.Request(self.url + route, json.dumps(body).encode(), headers))

    def metric(self, name: str) -> float:
        """The sum of a counter of vLLM's own."""
        with urllib.request.urlopen(f"{self.url}/metrics") as answer:
            text = answer.read().decode()
        return sum(float(value) for value in re.findall(rf"^{re.escape(name)}\S* (\S+)$", text, re.MULTILINE))

    def complete_all(self, bodies: Sequence[Mapping[str, object]], *, gap: float = 0.0) -> list[Answer]:
        """All at once, or each a little after the one before."""
        return asyncio.run(self._complete_all(bodies, gap))

    async def _complete_all(self, bodies: Sequence[Mapping[str, object]], gap: float) -> list[Answer]:
        import httpx

        limits = httpx.Limits(max_connections=len(bodies))
        async with httpx.AsyncClient(timeout=3600, limits=limits) as client:

            async def one(index: int, body: Mapping[str, object]) -> Answer:
                await asyncio.sleep(index * gap)
                answer = await client.post(f"{self.url}/v1/completions", json=body)
                assert answer.status_code == 200, answer.text
                found: Answer = answer.json()
                return found

            return list(await asyncio.gather(*[one(i, body) for i, body in enumerate(bodies)]))

    def _answers(self) -> bool:
        try:
            return self.get("/health")[0] == 200
        except OSError:
            return False

    @staticmethod
    def _send(request: urllib.request.Request) -> tuple[int, Answer]:
        try:
            with urllib.request.urlopen(request, timeout=3600) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else {}
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")


def completion(
    tokens: Sequence[int],
    intervention: object = None,
    *,
    max_tokens: int = 16,
    record: object = None,
    **more: object,
) -> dict[str, object]:
    """The body of a greedy request; the extra field is asked for in any case."""
    spec: dict[str, object] = {"protocol": 1}
    if intervention is not None:
        spec["intervention"] = intervention
    if record is not None:
        spec["record"] = record
    return {
        "model": "m",
        "prompt": list(tokens),
        "max_tokens": max_tokens,
        "temperature": 0,
        "vllm_xargs": {"countersteer": json.dumps(spec)},
        **more,
    }
