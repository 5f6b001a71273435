"""vLLM's own routes for completions and chat, with the extra field of the answer. Takes hold of the API server of vLLM 0.32."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from countersteer_vllm.errors import Refusal, invalid
from countersteer_vllm.job_wire import JOB_KEY
from countersteer_vllm.parse_spec import parse_spec
from countersteer_vllm.server.refused import SteeringRefusedError, refusal_event
from countersteer_vllm.server.steered import EXTRA, SteeredEngine, new_key
from countersteer_vllm.spec import XARGS_KEY, Job

# the attribute of vLLM's engine client that holds ours
ENGINE = "_countersteer"
DONE = "data: [DONE]"
MARK = "_countersteer_patched"


def patch_server() -> None:
    """Loaded in every process, more than once: the second time does nothing."""
    from vllm.entrypoints.openai.chat_completion.serving import OpenAIServingChat
    from vllm.entrypoints.openai.completion.serving import OpenAIServingCompletion
    from vllm.v1.engine.async_llm import AsyncLLM
    from vllm.v1.engine.input_processor import InputProcessor

    if hasattr(AsyncLLM, MARK):
        return
    setattr(AsyncLLM, MARK, AsyncLLM.generate)
    AsyncLLM.generate = _generate(AsyncLLM.generate)
    InputProcessor.process_inputs = _process_inputs(InputProcessor.process_inputs)
    OpenAIServingCompletion.create_completion = _admitted(OpenAIServingCompletion.create_completion)
    OpenAIServingChat.create_chat_completion = _admitted(OpenAIServingChat.create_chat_completion)
    _patch_answers(OpenAIServingCompletion, OpenAIServingChat)


def plain_generate() -> Any:
    """vLLM's own `AsyncLLM.generate`."""
    from vllm.v1.engine.async_llm import AsyncLLM

    return getattr(AsyncLLM, MARK)


def _generate(generate: Any) -> Any:
    async def steered_generate(
        self: Any, prompt: Any, sampling_params: Any, request_id: str, **named: Any
    ) -> AsyncGenerator[Any, None]:
        arguments = getattr(sampling_params, "extra_args", None) or {}
        if XARGS_KEY not in arguments and JOB_KEY not in arguments:
            outputs = generate(self, prompt, sampling_params, request_id, **named)
        else:
            outputs = _answer(self, prompt, sampling_params, request_id, named)
        async for output in outputs:
            yield output

    return steered_generate


async def _answer(
    client: Any, prompt: Any, sampling: Any, request_id: str, named: dict[str, Any]
) -> AsyncGenerator[Any, None]:
    arguments = sampling.extra_args
    try:
        engine = engine_of(client)
        if arguments.get(JOB_KEY) != engine.ticket:
            raise invalid(
                "This route can't answer with a receipt.",
                "An intervention without its proof is not made.",
                "Use /v1/completions or /v1/chat/completions.",
            )
        text = arguments[XARGS_KEY]
        job = Job(key=new_key(), spec=parse_spec(text))
        engine.admission.check_spec(job.spec)
        async for output in engine.answer(text, job, prompt, sampling, request_id, **named):
            yield output
    except Refusal as refusal:
        raise SteeringRefusedError(refusal) from refusal


def engine_of(client: Any) -> SteeredEngine:
    engine = getattr(client, ENGINE, None)
    if isinstance(engine, SteeredEngine):
        return engine
    raise Refusal(
        "LIBRARY_MISMATCH",
        what="This server was started without the routes of countersteer-vllm.",
        why="vLLM adds routes of a plug-in only where its operator names it.",
        todo="Start it with VLLM_PLUGINS=countersteer in its environment.",
    )


def _process_inputs(process_inputs: Any) -> Any:
    def checked(self: Any, request_id: str, prompt: Any, params: Any, *rest: Any, **named: Any) -> Any:
        arguments = getattr(params, "extra_args", None) or {}
        # whatever came here past `generate` would run without its job, which is unsteered
        if XARGS_KEY in arguments and not str(arguments.get(JOB_KEY, "")).startswith("{"):
            refusal = invalid(
                "This way into vLLM can't be steered.",
                "It passes by the plug-in.",
                "Use the server's routes.",
            )
            raise SteeringRefusedError(refusal)
        return process_inputs(self, request_id, prompt, params, *rest, **named)

    return checked


def _admitted(create: Any) -> Any:
    """Refuses before anything is sent, for a stream's status can't be changed any more."""

    async def create_admitted(self: Any, request: Any, raw_request: Any = None, **named: Any) -> Any:
        arguments = request.vllm_xargs
        if arguments and (XARGS_KEY in arguments or JOB_KEY in arguments):
            try:
                _admit(engine_of(self.engine_client), request)
            except Refusal as refusal:
                raise SteeringRefusedError(refusal) from refusal
        return await create(self, request, raw_request, **named)

    return create_admitted


def _admit(engine: SteeredEngine, request: Any) -> None:
    if JOB_KEY in request.vllm_xargs:
        raise invalid(f"The request sets {JOB_KEY}.", "That is the server's own.", f"Send {XARGS_KEY} alone.")
    engine.admission.check_spec(parse_spec(request.vllm_xargs[XARGS_KEY]))
    if request.use_beam_search or (request.n or 1) != 1 or _prompts(request) != 1:
        raise invalid(
            "The request asks for more than one answer, or for beam search.",
            "A receipt is of one prompt and one answer.",
            "Send a request for each.",
        )
    request.vllm_xargs = {**request.vllm_xargs, JOB_KEY: engine.ticket}


def _prompts(request: Any) -> int:
    """A list of numbers is one prompt, a list of texts or of lists are several."""
    prompt = getattr(request, "prompt", None)
    if isinstance(prompt, list) and not all(isinstance(each, int) for each in prompt):
        return len(prompt)
    return 1


def _patch_answers(completion: Any, chat: Any) -> None:
    to_response = completion.request_output_to_completion_response
    completion_stream, chat_stream = (
        completion.completion_stream_generator,
        chat.chat_completion_stream_generator,
    )
    chat_full = chat.chat_completion_full_generator

    def to_response_with_extra(self: Any, outputs: Any, *rest: Any, **named: Any) -> Any:
        return _with_extra(to_response(self, outputs, *rest, **named), getattr(outputs[0], EXTRA, None))

    def completion_stream_with_extra(
        self: Any, request: Any, inputs: Any, results: Any, *rest: Any, **named: Any
    ) -> AsyncGenerator[str, None]:
        watch = _Watch(results)
        return _stream(completion_stream(self, request, inputs, watch.pairs(), *rest, **named), watch)

    def chat_stream_with_extra(
        self: Any, request: Any, results: Any, *rest: Any, **named: Any
    ) -> AsyncGenerator[str, None]:
        watch = _Watch(results)
        return _stream(chat_stream(self, request, watch.outputs(), *rest, **named), watch)

    async def chat_full_with_extra(self: Any, request: Any, results: Any, *rest: Any, **named: Any) -> Any:
        watch = _Watch(results)
        answer = await chat_full(self, request, watch.outputs(), *rest, **named)
        return _with_extra(answer, watch.extra)

    completion.request_output_to_completion_response = to_response_with_extra
    completion.completion_stream_generator = completion_stream_with_extra
    chat.chat_completion_stream_generator = chat_stream_with_extra
    chat.chat_completion_full_generator = chat_full_with_extra


def _with_extra(answer: Any, extra: object) -> Any:
    if extra is not None:
        setattr(answer, EXTRA, extra)
    return answer


class _Watch:
    """Passes outputs on, and keeps what the last one carries or what ended them."""

    def __init__(self, results: Any) -> None:
        self._results = results
        self.extra: dict[str, Any] | None = None
        self.refused: SteeringRefusedError | None = None

    async def outputs(self) -> AsyncIterator[Any]:
        try:
            async for output in self._results:
                self.extra = getattr(output, EXTRA, self.extra)
                yield output
        except SteeringRefusedError as error:
            self.refused = error
            raise

    async def pairs(self) -> AsyncIterator[Any]:
        try:
            async for index, output in self._results:
                self.extra = getattr(output, EXTRA, self.extra)
                yield index, output
        except SteeringRefusedError as error:
            self.refused = error
            raise


async def _stream(events: AsyncIterator[str], watch: _Watch) -> AsyncGenerator[str, None]:
    """vLLM's events, with one more before the end: the extra field, or the refusal in place of vLLM's words for it."""
    head: dict[str, Any] = {}
    async for event in events:
        if watch.refused is not None and event.startswith('data: {"error"'):
            yield refusal_event(watch.refused.record)
            continue
        if event.startswith(DONE) and watch.extra is not None:
            yield f"data: {json.dumps({**head, 'choices': [], EXTRA: watch.extra})}\n\n"
        elif not head and watch.extra is None and event.startswith("data: {"):
            head = _head(event)
        yield event


def _head(event: str) -> dict[str, Any]:
    """What every event of a stream carries."""
    fields = json.loads(event.removeprefix("data: "))
    return {name: fields[name] for name in ("id", "object", "created", "model") if name in fields}
