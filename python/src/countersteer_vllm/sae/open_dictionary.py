"""Which format a path holds, from the names of the files that are there."""

from __future__ import annotations

from pathlib import Path

from countersteer_vllm.errors import unreadable
from countersteer_vllm.sae.dictionary import Dictionary
from countersteer_vllm.sae.gemma_scope import open_gemma_scope, open_gemma_scope_2
from countersteer_vllm.sae.goodfire import open_goodfire
from countersteer_vllm.sae.saelens import WEIGHTS, open_saelens
from countersteer_vllm.sae.sparsify import WEIGHTS as SPARSIFY_WEIGHTS
from countersteer_vllm.sae.sparsify import open_sparsify

NPZ = "params.npz"
PARAMS = "params.safetensors"
TORCH = (".pt", ".pth")
EXPECTED = f"{WEIGHTS} or {SPARSIFY_WEIGHTS} with cfg.json, {NPZ}, {PARAMS}, or one .pt file"
# names that an answer lists
LISTED = 12


def open_dictionary(path: str) -> Dictionary:
    """Raises SAE_UNREADABLE where no format is recognised, and what the format's reader raises."""
    where = Path(path).resolve()
    if not where.exists():
        raise unreadable(path, "It does not exist.")
    return _open_folder(where) if where.is_dir() else _open_file(where)


def _open_folder(folder: Path) -> Dictionary:
    names = sorted(each.name for each in folder.iterdir())
    path = str(folder)
    if WEIGHTS in names:
        return open_saelens(path)
    if SPARSIFY_WEIGHTS in names:
        return open_sparsify(path)
    if NPZ in names:
        return open_gemma_scope(path, str(folder / NPZ))
    if PARAMS in names:
        return open_gemma_scope_2(path, str(folder / PARAMS))
    torch_files = [name for name in names if name.endswith(TORCH)]
    if len(torch_files) == 1:
        return open_goodfire(path, str(folder / torch_files[0]))
    if torch_files:
        raise unreadable(path, f"It holds {len(torch_files)} torch files; name one of them.")
    raise unreadable(
        path,
        f"No dictionary's files lie in it: {EXPECTED}. It holds {', '.join(names[:LISTED]) or 'nothing'}.",
    )


def _open_file(file: Path) -> Dictionary:
    path = str(file)
    if file.suffix == ".npz":
        return open_gemma_scope(path, path)
    if path.endswith(TORCH):
        return open_goodfire(path, path)
    if file.name == PARAMS:
        return open_gemma_scope_2(path, path)
    if file.name in (WEIGHTS, SPARSIFY_WEIGHTS, "cfg.json"):
        return _open_folder(file.parent)
    raise unreadable(path, f"Its name is none of a dictionary's files: {EXPECTED}.")
