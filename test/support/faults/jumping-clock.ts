/** Loaded before the program: its wall clock is set a day back, and later two years ahead, each after so many looks at it. */
const DAY = 86_400_000;
const JUMPS = [
  { looks: 30, ms: -DAY },
  { looks: 80, ms: 2 * 365 * DAY },
];

let looks = 0;
const Real = Date;

function jumped(): number {
  looks++;
  return Real.now() + (JUMPS.findLast((jump) => looks > jump.looks)?.ms ?? 0);
}

globalThis.Date = new Proxy(Real, {
  construct: (target, given, self) =>
    Reflect.construct(target, given.length === 0 ? [jumped()] : given, self),
  get: (target, name, self) => (name === "now" ? jumped : Reflect.get(target, name, self)),
});
