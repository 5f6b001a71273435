/** What the environment says about the Hugging Face hub, by the names that the hub's own tools use. */
export function hubAccess(env: Record<string, string | undefined>): { hubUrl?: string; hubToken?: string } {
  const { HF_ENDPOINT, HF_TOKEN } = env;
  return { ...(HF_ENDPOINT ? { hubUrl: HF_ENDPOINT } : {}), ...(HF_TOKEN ? { hubToken: HF_TOKEN } : {}) };
}
