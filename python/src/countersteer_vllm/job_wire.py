"""A job on its way from the API server to the workers: what the client sent, unchanged, and what the server adds to it."""

from __future__ import annotations

import json
from dataclasses import asdict

from countersteer_vllm.parse_spec import parse_spec
from countersteer_vllm.spec import CaptureTarget, Job

# beside the client's own key in the extra arguments of a request; a client can't set it
JOB_KEY = "countersteer_job"


def job_text(job: Job) -> str:
    """All but the spec, which goes as the client sent it."""
    capture = None if job.capture is None else asdict(job.capture)
    return json.dumps(
        {"key": job.key, "prompt_tokens": job.prompt_tokens, "capture": capture, "hidden": job.hidden}
    )


def job_of(spec_text: object, text: str) -> Job:
    fields = json.loads(text)
    capture = fields["capture"]
    return Job(
        key=fields["key"],
        spec=parse_spec(spec_text),
        prompt_tokens=fields["prompt_tokens"],
        capture=None
        if capture is None
        else CaptureTarget(capture["layer"], capture["sae"], tuple(capture["latents"])),
        hidden=fields["hidden"],
    )
