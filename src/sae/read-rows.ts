/**
 * Reads rows of a stored matrix in one sweep over the file, in bounded pieces. Wanted rows may lie together (row-major) or be spread over the
 * whole matrix (column-major, as `W_enc` of most formats): elements that lie near each other are fetched in one read, and positions only grow.
 */
import { bytesOfFloat, elementReader } from "./float-bits.ts";
import { elementsOf, type StoredTensor } from "./stored-tensor.ts";

/** Bytes that are cheaper to read and drop than to skip. */
const GAP_BYTES = 32 * 1024;
/** Bytes held at once. */
const WINDOW_BYTES = 4 * 2 ** 20;

/** Wanted indexes along one dimension, ascending, and the elements between neighbours. */
interface Axis {
  indexes: Int32Array;
  stride: number;
}

/** Part `[from, to)` of an axis that is fetched together. */
interface Group {
  from: number;
  to: number;
  /** Elements from the first to the last, both included. */
  span: number;
}

/** @param inner elements that are fetched at each index */
function groupsOf({ axis, inner, size }: { axis: Axis; inner: number; size: number }): Group[] {
  const { indexes, stride } = axis;
  const groups: Group[] = [];
  for (let from = 0; from < indexes.length; ) {
    const first = indexes[from] ?? 0;
    let to = from + 1;
    let span = inner;
    for (; to < indexes.length; to++) {
      const at = ((indexes[to] ?? 0) - first) * stride;
      if ((at - span) * size > GAP_BYTES || (at + inner) * size > WINDOW_BYTES) break;
      span = at + inner;
    }
    groups.push({ from, to, span });
    from = to;
  }
  return groups;
}

function startOf({ axis, group }: { axis: Axis; group: Group }): number {
  return (axis.indexes[group.from] ?? 0) * axis.stride;
}

/** Rows of a matrix `[rows, columns]`, in the order asked for: `[wanted, columns]`. Throws SAE_UNREADABLE, or RangeError for a row that it lacks. */
export function readRows({ tensor, rows }: { tensor: StoredTensor; rows: ArrayLike<number> }): Float32Array {
  const { name, dtype, shape, strides, begin, bytes } = tensor;
  const [rowCount = 0, columns = 0] = shape;
  const [rowStride = 0, columnStride = 0] = strides;
  const order = Int32Array.from({ length: rows.length }, (_, i) => i).sort(
    (a, b) => (rows[a] ?? 0) - (rows[b] ?? 0),
  );
  const rowAxis: Axis = { indexes: order.map((at) => rows[at] ?? 0), stride: rowStride };
  const columnAxis: Axis = {
    indexes: Int32Array.from({ length: columns }, (_, i) => i),
    stride: columnStride,
  };
  if ((rowAxis.indexes[0] ?? 0) < 0 || (rowAxis.indexes.at(-1) ?? 0) >= rowCount) {
    throw new RangeError(`tensor "${name}" has rows 0 to ${rowCount - 1}`);
  }
  const out = new Float32Array(rows.length * columns);
  const size = bytesOfFloat(dtype);
  const rowsAreInner = rowStride < columnStride;
  const inner = rowsAreInner ? rowAxis : columnAxis;
  const outer = rowsAreInner ? columnAxis : rowAxis;
  const innerGroups = groupsOf({ axis: inner, inner: 1, size });
  const [only] = innerGroups;
  const outerGroups =
    only !== undefined && innerGroups.length === 1
      ? groupsOf({ axis: outer, inner: only.span, size })
      : Array.from(outer.indexes, (_, from): Group => ({ from, to: from + 1, span: 1 }));
  let window = new Uint8Array(0);

  for (const outerGroup of outerGroups) {
    for (const innerGroup of innerGroups) {
      const start = startOf({ axis: outer, group: outerGroup }) + startOf({ axis: inner, group: innerGroup });
      const length = (innerGroups.length === 1 ? outerGroup.span : innerGroup.span) * size;
      if (window.length < length) window = new Uint8Array(length);
      const piece = window.subarray(0, length);
      bytes.readInto(piece, begin + start * size);
      const at = elementReader({ dtype, bytes: piece });
      const rowGroup = rowsAreInner ? innerGroup : outerGroup;
      const columnGroup = rowsAreInner ? outerGroup : innerGroup;
      for (let i = rowGroup.from; i < rowGroup.to; i++) {
        const to = (order[i] ?? 0) * columns;
        const from = (rowAxis.indexes[i] ?? 0) * rowStride - start;
        for (let j = columnGroup.from; j < columnGroup.to; j++) out[to + j] = at(from + j * columnStride);
      }
    }
  }
  return out;
}

/** A whole tensor of one dimension (or a scalar), as it lies in `dtype`. Throws SAE_UNREADABLE. */
export function readVector(tensor: StoredTensor): Float32Array {
  const length = elementsOf(tensor);
  const stride = tensor.strides[0] ?? 1;
  return readRows({
    tensor: { ...tensor, shape: [1, length], strides: [length * stride, stride] },
    rows: [0],
  });
}
