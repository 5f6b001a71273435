"""Members of a zip as arrays of bytes: mapped where they are stored, unpacked where they are deflated. npz and torch files are zips."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from countersteer_vllm.errors import unreadable, unsupported

Bytes = npt.NDArray[np.uint8]
# unpacked members are held in memory; what is larger has to be stored as it is
MOST_UNPACKED = 512 * 2**20
LOCAL_HEADER = 30
ENCRYPTED = 1


def zip_members(path: str) -> dict[str, zipfile.ZipInfo]:
    """Raises SAE_UNREADABLE for what is no intact zip."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {info.filename: info for info in archive.infolist()}
    except (zipfile.BadZipFile, struct.error, NotImplementedError, OSError) as error:
        raise unreadable(path, f"It is no intact zip file: {error}.") from error


def member_bytes(path: str, info: zipfile.ZipInfo) -> Bytes:
    """Raises SAE_UNREADABLE, or SAE_UNSUPPORTED for encryption and other compressions."""
    if info.flag_bits & ENCRYPTED or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise unsupported(path, f"compression of {info.filename}", info.compress_type, "stored and deflated")
    if info.compress_type == zipfile.ZIP_DEFLATED:
        return _unpacked(path, info)
    if info.file_size == 0:
        return np.empty(0, dtype=np.uint8)
    begin = _data_start(path, info)
    if begin + info.file_size > Path(path).stat().st_size:
        raise unreadable(path, f"Its member {info.filename} is cut short.")
    return np.memmap(path, dtype=np.uint8, mode="r", offset=begin, shape=(info.file_size,))


def _unpacked(path: str, info: zipfile.ZipInfo) -> Bytes:
    if info.file_size > MOST_UNPACKED:
        known = f"at most {MOST_UNPACKED} bytes, and any size where members are stored uncompressed"
        raise unsupported(path, f"size of the compressed member {info.filename}", info.file_size, known)
    try:
        with zipfile.ZipFile(path) as archive:
            return np.frombuffer(archive.read(info), dtype=np.uint8)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError) as error:
        raise unreadable(path, f"Its member {info.filename} is damaged: {error}.") from error


def _data_start(path: str, info: zipfile.ZipInfo) -> int:
    """Only the local header knows how long its own extra field is."""
    with Path(path).open("rb") as handle:
        handle.seek(info.header_offset)
        header = handle.read(LOCAL_HEADER)
    if len(header) < LOCAL_HEADER or header[:4] != b"PK\x03\x04":
        raise unreadable(path, f"The local header of {info.filename} is damaged.")
    name, extra = struct.unpack("<HH", header[26:30])
    return int(info.header_offset + LOCAL_HEADER + name + extra)
