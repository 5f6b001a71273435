import { densityWidth } from "./density-width.ts";

const WIDTH = 72;

export function DensityBar({ density }: { density: number | null }) {
  return (
    <svg className="density-bar" viewBox={`0 0 ${WIDTH} 6`} width={WIDTH} height="6" aria-hidden="true">
      <rect className="density-rest" width={WIDTH} height="6" rx="3" />
      <rect className="density-share" width={densityWidth(density) * WIDTH} height="6" rx="3" />
    </svg>
  );
}
