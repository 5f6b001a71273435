/** What `doctor` prints about an engine. */
export interface EngineHealth {
  libraries: string[];
  cpuVariant: string;
  cpuFeatures: string;
  workers: number;
  threads: number;
  slots: number;
}
