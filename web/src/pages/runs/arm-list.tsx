/** Arms beyond these are told by their number. */
const NAMED = 4;

export function ArmList({ arms }: { arms: readonly string[] }) {
  const more = arms.length - NAMED;
  return (
    <span className="arm-list" title={arms.join(", ")}>
      {arms.slice(0, NAMED).join(", ")}
      {more > 0 ? ` and ${more} more` : ""}
    </span>
  );
}
