"""Per-request activation steering in vLLM, proved by receipts. The entry point is `plugin.register`."""

from countersteer_vllm.versions import PLUGIN_VERSION, PROTOCOL

__all__ = ["PLUGIN_VERSION", "PROTOCOL"]
__version__ = PLUGIN_VERSION
