/** A file of `torch.save`: a zip with a pickle that describes tensors, and a member of raw numbers for each storage. */
import type { ZipMember } from "../model/zip-format.ts";
import { type ByteSource, openFileBytes, readBytes } from "./byte-source.ts";
import { bytesOfFloat } from "./float-bits.ts";
import { unreadable, unsupported } from "./sae-errors.ts";
import { checkedTensor, type StoredTensor, type TensorFile } from "./stored-tensor.ts";
import { type PickledTensor, unpickleTensors } from "./unpickle.ts";
import { readZipDirectory, zipMemberBytes } from "./zip-directory.ts";

/** A state dictionary's pickle has some 100 bytes a tensor. */
const LONGEST_PICKLE = 2 ** 20;
const PICKLE = "/data.pkl";
const ZIP_START = 0x04034b50;

function wholeMember({
  source,
  member,
  most,
}: {
  source: ByteSource;
  member: ZipMember;
  most: number;
}): Buffer {
  if (member.size > most) {
    throw unreadable({ path: source.path, why: `Its member ${member.name} has ${member.size} bytes.` });
  }
  const bytes = zipMemberBytes({ source, member });
  return readBytes({ source: bytes, position: 0, length: bytes.size });
}

function refuseOthers(source: ByteSource): void {
  const isZip =
    source.size >= 4 && readBytes({ source, position: 0, length: 4 }).readUInt32LE() === ZIP_START;
  if (isZip) return;
  throw unsupported({
    path: source.path,
    field: "container",
    value: "other than zip",
    known: "the zip files that torch.save writes since version 1.6",
    todo: "Save it again with a newer torch, best as safetensors.",
  });
}

function storedTensor({
  source,
  members,
  prefix,
  name,
  tensor,
}: {
  source: ByteSource;
  members: Map<string, ZipMember>;
  prefix: string;
  name: string;
  tensor: PickledTensor;
}): StoredTensor {
  const { dtype, storage, storageElements, offset, shape, strides } = tensor;
  const member = members.get(`${prefix}/data/${storage}`);
  const size = storageElements * bytesOfFloat(dtype);
  if (member === undefined || member.size !== size) {
    throw unreadable({
      path: source.path,
      why: `Tensor "${name}" needs a storage "${storage}" of ${size} bytes; there is ${member === undefined ? "none" : `one of ${member.size}`}.`,
      facts: { tensor: name, storage, expectedBytes: size },
    });
  }
  return checkedTensor({
    name,
    dtype,
    shape,
    strides,
    begin: offset * bytesOfFloat(dtype),
    bytes: zipMemberBytes({ source, member }),
  });
}

/** Runs nothing. Throws SAE_UNREADABLE, or SAE_UNSUPPORTED for an older container and for all but a dictionary of tensors. */
export function openTorch({ path }: { path: string }): TensorFile {
  const source = openFileBytes({ path });
  try {
    refuseOthers(source);
    const members = readZipDirectory({ source });
    const pickle = [...members.values()].find(
      ({ name }) => name.endsWith(PICKLE) && name.split("/").length === 2,
    );
    if (pickle === undefined)
      throw unreadable({ path, why: "It has no data.pkl, so torch did not write it." });
    const prefix = pickle.name.slice(0, -PICKLE.length);
    const order = members.get(`${prefix}/byteorder`);
    const byteOrder =
      order === undefined ? "little" : wholeMember({ source, member: order, most: 16 }).toString();
    if (byteOrder !== "little") {
      throw unsupported({ path, field: "byteorder", value: byteOrder, known: '"little"' });
    }
    const described = unpickleTensors({
      path,
      bytes: wholeMember({ source, member: pickle, most: LONGEST_PICKLE }),
    });
    const tensors = new Map(
      [...described].map(
        ([name, tensor]) => [name, storedTensor({ source, members, prefix, name, tensor })] as const,
      ),
    );
    return { path, tensors, close: () => source.close() };
  } catch (error) {
    source.close();
    throw error;
  }
}
